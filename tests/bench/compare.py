"""Checks that several roots hold the same tables: `compare.py EVENTS ROOT...` (the first root is the reference).

Each bronze table must hold EVENTS rows, all silver tables the same number, and all gold tables the same rows; doubles
may differ in the last digits, since each tool adds them up in its own order. Exits with 1 and says where they differ.
"""

from __future__ import annotations

import math
import sys
from datetime import date
from pathlib import Path

import polars as pl
from deltalake import DeltaTable

KEYS = ["country", "event_type", "day"]
MEASURES = [
    "events",
    "users",
    "amount_sum",
    "amount_mean",
    "amount_min",
    "amount_max",
    "amount_p95",
    "unit_price_mean",
]
# DataFusion 55 interpolates percentiles in steps of a millionth of the gap between two values.
TOLERANCE = 1e-5

Value = str | int | float | date | None
Rows = dict[tuple[Value, ...], tuple[Value, ...]]


def files(root: Path, layer: str, table: str) -> list[str]:
    """The live data files of a table."""
    return DeltaTable(str(root / "lakehouse" / layer / table)).file_uris()


def count(root: Path, layer: str) -> int:
    """The rows of `events` in a layer, counted in its data files."""
    return pl.scan_parquet(files(root, layer, "events")).select(pl.len()).collect().item()


def summary(root: Path) -> Rows:
    """The gold rows by their keys."""
    frame = pl.concat([pl.read_parquet(path, columns=KEYS + MEASURES) for path in files(root, "gold", "daily")])
    rows = {row[: len(KEYS)]: row[len(KEYS) :] for row in frame.select(KEYS + MEASURES).rows()}
    if len(rows) != frame.height:
        raise SystemExit(f"{root}: {frame.height - len(rows)} gold keys occur twice")
    return rows


def same(left: Value, right: Value) -> bool:
    """Equal, or equal but for the order of additions."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=TOLERANCE)
    return left == right


def differences(reference: Rows, other: Rows) -> list[str]:
    """Where two summaries differ, a line each."""
    out = [f"missing {key}" for key in reference.keys() - other.keys()]
    out += [f"not expected {key}" for key in other.keys() - reference.keys()]
    for key in reference.keys() & other.keys():
        pairs = zip(MEASURES, reference[key], other[key], strict=True)
        out += [f"{key} {name}: {left} != {right}" for name, left, right in pairs if not same(left, right)]
    return sorted(out)


def check(events: int, roots: list[Path]) -> list[str]:
    """All that is wrong."""
    wrong = [f"{root}: bronze has {count(root, 'bronze')} rows" for root in roots if count(root, "bronze") != events]
    silver = {root: count(root, "silver") for root in roots}
    if len(set(silver.values())) > 1:
        wrong.append(f"silver rows differ: {silver}")
    reference = summary(roots[0])
    for root in roots[1:]:
        wrong += [f"{root}: {line}" for line in differences(reference, summary(root))]
    return wrong


def main() -> int:
    roots = [Path(text) for text in sys.argv[2:]]
    wrong = check(int(sys.argv[1]), roots)
    print("\n".join(wrong[:20]) if wrong else f"{len(summary(roots[0]))} gold rows are the same in {len(roots)} roots")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
