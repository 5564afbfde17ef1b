"""The benchmark's three hops with DuckDB for the work and deltalake for the tables: `duckdb_job.py HOP ROOT`.

DuckDB reads and computes in parallel and hands a stream of Arrow batches to `write_deltalake`, so neither holds the
data. Heavy imports wait until there is something to do.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from incremental import Layout, added_files, latest_version, new_files, read_state, write_state

if TYPE_CHECKING:
    import duckdb

BRONZE = """
SELECT events.*, files.modified AS _source_modified, $ingested_at::TIMESTAMPTZ AS _ingested_at
FROM read_json(
    $paths,
    format = 'newline_delimited',
    filename = '_source_file',
    columns = {
        event_id: 'VARCHAR', user_id: 'BIGINT', event_type: 'VARCHAR', ts: 'VARCHAR', server_ms: 'BIGINT',
        session: 'VARCHAR', url: 'VARCHAR', referrer: 'VARCHAR',
        device: 'STRUCT(os VARCHAR, version VARCHAR, mobile BOOLEAN)', tags: 'VARCHAR[]',
        amount: 'DOUBLE', quantity: 'BIGINT', country: 'VARCHAR'
    }
) AS events
JOIN (SELECT unnest($paths) AS _source_file, unnest($modified::TIMESTAMPTZ[]) AS modified) AS files
USING (_source_file)
"""

SILVER = """
WITH parsed AS (
    SELECT * REPLACE (CAST(ts AS TIMESTAMPTZ) AS ts, make_timestamptz(server_ms * 1000) AS server_ms)
    FROM read_parquet($paths)
    WHERE amount IS NOT NULL
)
SELECT *, CAST(ts AS DATE) AS ts_date, CAST(server_ms AS DATE) AS server_ms_date, amount / quantity AS unit_price
FROM parsed
"""

GOLD = """
SELECT
    country, event_type, ts_date AS day,
    count(*) AS events,
    count(DISTINCT user_id) AS users,
    sum(amount) AS amount_sum,
    avg(amount) AS amount_mean,
    min(amount) AS amount_min,
    max(amount) AS amount_max,
    quantile_cont(amount, 0.95) AS amount_p95,
    avg(unit_price) AS unit_price_mean
FROM read_parquet($paths)
GROUP BY ALL
"""


def connect() -> duckdb.DuckDBPyConnection:
    """A connection that streams: rows may leave in any order, times are in UTC."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
    return connection


def write(table: str, sql: str, parameters: dict[str, object], mode: Literal["append", "overwrite"]) -> None:
    """Streams a query's rows into a Delta table in one commit."""
    from deltalake import write_deltalake

    reader = connect().sql(sql, params=parameters)
    write_deltalake(table, reader, mode=mode)


def bronze(layout: Layout) -> None:
    """Appends the landed files that no run has read."""
    state = read_state(layout.state("bronze"))
    done = set(state.get("files", []))
    files = new_files(layout.landing, done)
    if not files:
        return
    paths = [file.path for file in files]
    parameters = {
        "paths": paths,
        "modified": [file.modified for file in files],
        "ingested_at": datetime.now(UTC),
    }
    write(layout.table("bronze", "events"), BRONZE, parameters, "append")
    write_state(layout.state("bronze"), {"files": sorted(done.union(paths))})


def silver(layout: Layout) -> None:
    """Appends the typed rows of the bronze commits that no run has read."""
    source = layout.table("bronze", "events")
    after = read_state(layout.state("silver")).get("version", -1)
    upto = latest_version(source, after)
    if upto == after:
        return
    write(layout.table("silver", "events"), SILVER, {"paths": added_files(source, after, upto)}, "append")
    write_state(layout.state("silver"), {"version": upto})


def gold(layout: Layout) -> None:
    """Replaces the summary by one over all of silver, if silver has changed."""
    source = layout.table("silver", "events")
    after = read_state(layout.state("gold")).get("version", -1)
    if latest_version(source, after) == after:
        return
    from deltalake import DeltaTable

    table = DeltaTable(source)
    write(layout.table("gold", "daily"), GOLD, {"paths": table.file_uris()}, "overwrite")
    write_state(layout.state("gold"), {"version": table.version()})


HOPS = {"bronze": bronze, "silver": silver, "gold": gold}

if __name__ == "__main__":
    HOPS[sys.argv[1]](Layout(Path(sys.argv[2])))
