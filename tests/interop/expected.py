"""What the tables must hold, computed from the landed files with nothing but Python's standard library."""

from __future__ import annotations

import csv
import json
import statistics
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commands import ZONE

Row = dict[str, Any]

WEATHER_TEXT = frozenset({"origin", "time_hour"})
WEATHER_WHOLE = frozenset({"year", "month", "day", "hour", "wind_dir"})


def flights(landing: Path) -> Iterator[Row]:
    """A row for each line of JSON, with the name of its file."""
    for path in sorted((landing / "flights").glob("*.json")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line) | {"_source_file": path.name}


def weather_value(column: str, text: str) -> str | int | float | None:
    """A field of the CSV files by the schema given to the job."""
    if text == "NA":
        return None
    if column in WEATHER_TEXT:
        return text
    return int(text) if column in WEATHER_WHOLE else float(text)


def weather(landing: Path) -> Iterator[Row]:
    """A row for each line of CSV, with the name of its file."""
    for path in sorted((landing / "weather").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                values = {column: weather_value(column, text) for column, text in row.items()}
                yield values | {"_source_file": path.name}


def silver_row(row: Row) -> Row:
    """A flight with its instant, the readable columns and the computed ones."""
    instant = datetime.fromisoformat(row["time_hour"])
    local = instant.astimezone(ZoneInfo(ZONE))
    return row | {
        "time_hour": instant,
        "time_hour_date": local.date(),
        "time_hour_local": local.replace(tzinfo=None),
        "time_hour_text": f"{local:%a} {local.day} {local:%b %Y %H:%M:%S %Z}",
        "gain": difference(row["dep_delay"], row["arr_delay"]),
        "speed": ratio(row["distance"], row["air_time"]),
    }


def difference(left: int | None, right: int | None) -> int | None:
    """SQL's `left - right`."""
    return None if left is None or right is None else left - right


def ratio(left: int | None, right: int | None) -> float | None:
    """Spark's `left / right`: always a double, null where the divisor is zero."""
    return None if left is None or not right else left / right


def silver(landing: Path) -> Iterator[Row]:
    """The flights that departed."""
    return (silver_row(row) for row in flights(landing) if row["dep_time"] is not None)


def dropped(landing: Path) -> int:
    """How many flights the expectation sends to the quarantine."""
    return sum(1 for row in flights(landing) if row["dep_time"] is None)


def known(rows: list[Row], column: str) -> list[Any]:
    """A column's values without nulls."""
    return [row[column] for row in rows if row[column] is not None]


def mean(values: list[float]) -> float | None:
    """The mean, null of nothing."""
    return statistics.fmean(values) if values else None


def summary(rows: list[Row]) -> Row:
    """The gold row of one origin and day."""
    delays = known(rows, "dep_delay")
    return {
        "origin": rows[0]["origin"],
        "day": rows[0]["time_hour_date"],
        "flights": len(rows),
        "planes": len(set(known(rows, "tailnum"))),
        "delay_min": min(delays),
        "delay_max": max(delays),
        "delay_mean": mean(delays),
        "miles": sum(known(rows, "distance")),
        "speed_mean": mean(known(rows, "speed")),
        "latest": max(row["time_hour"] for row in rows),
    }


def gold(landing: Path) -> Iterator[Row]:
    """The summary of all silver rows."""
    groups: dict[tuple[str, Any], list[Row]] = defaultdict(list)
    for row in silver(landing):
        groups[row["origin"], row["time_hour_date"]].append(row)
    return map(summary, groups.values())
