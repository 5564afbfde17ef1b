"""Reads tables that the jobs wrote with independent Delta readers and compares them row by row.

`read_back.py LANDING LAKEHOUSE` exits with 0 if all is equal and 1 if not, saying where. The readers are delta-rs for
Python with pyarrow and, where its extension is installed, DuckDB with the Delta kernel; the rows to expect come from
`expected.py`.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import expected
import pyarrow as pa
from deltalake import DeltaTable
from expected import Row

Reader = Callable[[Path], list[Row]]

SHOWN = 5
TOLERANCE = 1e-12
INGESTION = ("_source_file", "_source_modified", "_ingested_at")


@dataclass(frozen=True)
class Check:
    """A table and the rows it must hold; `key` pairs rows whose doubles may differ in the last digits."""

    table: str
    rows: list[Row]
    key: tuple[str, ...] = ()


def with_deltalake(table: Path) -> list[Row]:
    """The rows as delta-rs and pyarrow see them."""
    return DeltaTable(str(table)).to_pyarrow_table().to_pylist()


def duckdb_extension() -> Path | None:
    """DuckDB's Delta extension, if the package that carries it is installed."""
    package = importlib.util.find_spec("duckdb_extension_delta")
    if package is None or package.origin is None:
        return None
    return next(Path(package.origin).parent.rglob("delta.duckdb_extension"), None)


def duckdb_reader(extension: Path) -> Reader:
    """A reader that uses DuckDB and the Delta kernel."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'; SET TimeZone = 'UTC'")

    def read(table: Path) -> list[Row]:
        rows: pa.Table = connection.execute("SELECT * FROM delta_scan(?)", [str(table)]).to_arrow_table()
        return rows.to_pylist()

    return read


def readers() -> dict[str, Reader]:
    """All readers that are installed."""
    out: dict[str, Reader] = {"deltalake": with_deltalake}
    if (extension := duckdb_extension()) is not None:
        out["duckdb"] = duckdb_reader(extension)
    return out


def checks(landing: Path) -> list[Check]:
    """All tables with their rows."""
    return [
        Check("bronze/flights", list(expected.flights(landing))),
        Check("bronze/weather", list(expected.weather(landing))),
        Check("silver/flights", list(expected.silver(landing))),
        Check("gold/origins", list(expected.gold(landing)), key=("origin", "day")),
    ]


def file_name(row: Row) -> Row:
    """The row with its source file's name in place of the whole path or URL."""
    source = row.get("_source_file")
    return row | {"_source_file": unquote(source).rsplit("/", 1)[-1]} if source else row


def projected(row: Row, columns: Iterable[str]) -> tuple[Any, ...]:
    """A row as a value that can be counted; the type of each value counts too, so 1 is not 1.0."""
    return tuple((type(row[column]).__name__, row[column]) for column in columns)


def missing_columns(rows: list[Row], wanted: Iterable[str]) -> list[str]:
    """Columns that the table does not have."""
    return [f"column {column} is missing" for column in wanted if rows and column not in rows[0]]


def multiset_differences(check: Check, found: list[Row]) -> list[str]:
    """Rows that are not in both, by exact equality of all expected columns, each as often as it occurs."""
    columns = list(check.rows[0])
    want = Counter(projected(row, columns) for row in check.rows)
    have = Counter(projected(row, columns) for row in found)
    lost = [f"lost {count} times: {row}" for row, count in (want - have).items()]
    return lost + [f"not expected, {count} times: {row}" for row, count in (have - want).items()]


def close(left: object, right: object) -> bool:
    """Equal, or doubles that differ by the order of additions only."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=TOLERANCE)
    return type(left) is type(right) and left == right


def keyed_differences(check: Check, found: list[Row]) -> list[str]:
    """Rows that differ, paired by key; a key may occur once."""

    def by_key(rows: list[Row]) -> dict[tuple[Any, ...], Row]:
        return {tuple(row[column] for column in check.key): row for row in rows}

    want, have = by_key(check.rows), by_key(found)
    out = [f"lost {key}" for key in want.keys() - have.keys()]
    out += [f"not expected {key}" for key in have.keys() - want.keys()]
    out += [f"{len(found) - len(have)} keys occur twice"] if len(found) > len(have) else []
    for key in want.keys() & have.keys():
        pairs = ((column, value, have[key][column]) for column, value in want[key].items())
        out += [f"{key} {column}: {value!r} != {other!r}" for column, value, other in pairs if not close(value, other)]
    return out


def ingestion_problems(landing: Path, found: list[Row]) -> list[str]:
    """What is wrong with the columns that bronze adds."""
    modified = {path.name: path.stat().st_mtime for path in landing.rglob("*") if path.is_file()}
    out = missing_columns(found, [*INGESTION, "_rescued_data"])
    if out:
        return out
    for row in map(file_name, found):
        name, stamp, ingested = (row[column] for column in INGESTION)
        if abs(stamp.timestamp() - modified[name]) > 0.001:
            out.append(f"{name}: _source_modified is {stamp}")
        if not datetime.fromtimestamp(modified[name], ingested.tzinfo) <= ingested <= datetime.now(ingested.tzinfo):
            out.append(f"{name}: _ingested_at is {ingested}")
        if row["_rescued_data"] is not None:
            out.append(f"{name}: rescued {row['_rescued_data']}")
    return out


def problems(check: Check, landing: Path, read: Reader, table: Path) -> list[str]:
    """All that is wrong with a table."""
    found = read(table)
    ingestion = ingestion_problems(landing, found) if check.table.startswith("bronze/") else []
    missing = missing_columns(found, check.rows[0])
    if missing:
        return ingestion + missing
    compare = keyed_differences if check.key else multiset_differences
    return ingestion + compare(check, [file_name(row) for row in found])


def quarantine_problems(landing: Path, read: Reader, table: Path) -> list[str]:
    """Whether the rows that the expectation dropped are all in the quarantine."""
    found, want = len(read(table)), expected.dropped(landing)
    return [] if found == want else [f"{found} rows, expected {want}"]


def report(reader: str, table: str, rows: int, wrong: list[str]) -> bool:
    """Prints a verdict; whether it is good."""
    verdict = "equal" if not wrong else f"{len(wrong)} differences"
    print(f"{reader:10} {table:28} {rows:6} rows  {verdict}")
    for line in wrong[:SHOWN]:
        print(f"    {line}")
    return not wrong


def main() -> int:
    landing, lakehouse = Path(sys.argv[1]), Path(sys.argv[2])
    tables, good = checks(landing), True
    for reader, read in readers().items():
        for check in tables:
            wrong = problems(check, landing, read, lakehouse / check.table)
            good &= report(reader, check.table, len(check.rows), wrong)
        quarantine = "silver/flights_quarantine"
        wrong = quarantine_problems(landing, read, lakehouse / quarantine)
        good &= report(reader, quarantine, expected.dropped(landing), wrong)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
