"""The benchmark's three hops with Polars for the work and deltalake for the tables: `polars_job.py HOP ROOT`.

Everything is lazy and runs on the streaming engine: batches flow into `sink_delta` as they are made. Heavy imports wait
until there is something to do.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incremental import SUMMARY_KEYS, Layout, NewFile, added_files, latest_version, new_files, read_state, write_state

if TYPE_CHECKING:
    import polars as pl


def landed(files: list[NewFile]) -> pl.LazyFrame:
    """The events of landed files with the ingestion columns."""
    import polars as pl

    schema: dict[str, Any] = {
        "event_id": pl.String,
        "user_id": pl.Int64,
        "event_type": pl.String,
        "ts": pl.String,
        "server_ms": pl.Int64,
        "session": pl.String,
        "url": pl.String,
        "referrer": pl.String,
        "device": pl.Struct({"os": pl.String, "version": pl.String, "mobile": pl.Boolean}),
        "tags": pl.List(pl.String),
        "amount": pl.Float64,
        "quantity": pl.Int64,
        "country": pl.String,
    }
    instant = pl.Datetime("us", "UTC")
    paths, modified = [file.path for file in files], pl.Series([file.modified for file in files], dtype=instant)
    rows = pl.scan_ndjson(paths, schema=schema, include_file_paths="_source_file")
    # A join streams; replace_strict would hold all rows.
    stamps = pl.LazyFrame({"_source_file": paths, "_source_modified": modified})
    ingested_at = pl.lit(datetime.now(UTC), dtype=instant).alias("_ingested_at")
    return rows.join(stamps, on="_source_file", how="left").with_columns(ingested_at)


def typed(paths: list[str]) -> pl.LazyFrame:
    """The silver rows of bronze data files."""
    import polars as pl

    rows = pl.scan_parquet(paths).filter(pl.col("amount").is_not_null())
    parsed = rows.with_columns(
        pl.col("ts").str.to_datetime("%+", time_unit="us", time_zone="UTC"),
        (pl.col("server_ms") * 1000).cast(pl.Datetime("us", "UTC")),
    )
    return parsed.with_columns(
        pl.col("ts").dt.date().alias("ts_date"),
        pl.col("server_ms").dt.date().alias("server_ms_date"),
        (pl.col("amount") / pl.col("quantity")).alias("unit_price"),
    )


def summary(paths: list[str]) -> pl.LazyFrame:
    """The gold rows of silver data files."""
    import polars as pl

    rows = pl.scan_parquet(paths).rename({"ts_date": "day"})
    amount = pl.col("amount")
    return rows.group_by(SUMMARY_KEYS).agg(
        pl.len().cast(pl.Int64).alias("events"),
        pl.col("user_id").n_unique().cast(pl.Int64).alias("users"),
        amount.sum().alias("amount_sum"),
        amount.mean().alias("amount_mean"),
        amount.min().alias("amount_min"),
        amount.max().alias("amount_max"),
        amount.quantile(0.95, "linear").alias("amount_p95"),
        pl.col("unit_price").mean().alias("unit_price_mean"),
    )


def bronze(layout: Layout) -> None:
    """Appends the landed files that no run has read."""
    state = read_state(layout.state("bronze"))
    done = set(state.get("files", []))
    files = new_files(layout.landing, done)
    if not files:
        return
    landed(files).sink_delta(layout.table("bronze", "events"), mode="append")
    write_state(layout.state("bronze"), {"files": sorted(done.union(file.path for file in files))})


def silver(layout: Layout) -> None:
    """Appends the typed rows of the bronze commits that no run has read."""
    source = layout.table("bronze", "events")
    after = read_state(layout.state("silver")).get("version", -1)
    upto = latest_version(source, after)
    if upto == after:
        return
    typed(added_files(source, after, upto)).sink_delta(layout.table("silver", "events"), mode="append")
    write_state(layout.state("silver"), {"version": upto})


def gold(layout: Layout) -> None:
    """Replaces the summary by one over all of silver, if silver has changed."""
    source = layout.table("silver", "events")
    after = read_state(layout.state("gold")).get("version", -1)
    if latest_version(source, after) == after:
        return
    from deltalake import DeltaTable

    table = DeltaTable(source)
    rows = summary(table.file_uris())
    rows.sink_delta(layout.table("gold", "daily"), mode="overwrite")
    write_state(layout.state("gold"), {"version": table.version()})


HOPS = {"bronze": bronze, "silver": silver, "gold": gold}

if __name__ == "__main__":
    HOPS[sys.argv[1]](Layout(Path(sys.argv[2])))
