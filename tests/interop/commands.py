"""The commands whose tables are read back, and what is asked of them: the one place to change when a flag changes.

`{landing}`, `{lakehouse}` and `{checkpoints}` stand for the folders of a run.
"""

from __future__ import annotations

ZONE = "America/New_York"

WEATHER_SCHEMA = (
    "origin STRING, year BIGINT, month BIGINT, day BIGINT, hour BIGINT, temp DOUBLE, dewp DOUBLE, humid DOUBLE, "
    "wind_dir BIGINT, wind_speed DOUBLE, wind_gust DOUBLE, precip DOUBLE, pressure DOUBLE, visib DOUBLE, "
    "time_hour STRING"
)

GOLD_SQL = (
    "SELECT origin, time_hour_date AS day, count(*) AS flights, count(DISTINCT tailnum) AS planes, "
    "min(dep_delay) AS delay_min, max(dep_delay) AS delay_max, avg(dep_delay) AS delay_mean, "
    "sum(distance) AS miles, avg(speed) AS speed_mean, max(time_hour) AS latest "
    "FROM flights GROUP BY origin, time_hour_date"
)

SHARED = ["--lakehouse", "{lakehouse}", "--checkpoints", "{checkpoints}", "-q"]

COMMANDS = [
    ["bronze", "{landing}/flights", "--table", "flights", *SHARED],
    [
        *["bronze", "{landing}/weather", "--table", "weather", "--option", "header=true"],
        *["--option", "nullValue=NA", "--schema", WEATHER_SCHEMA, *SHARED],
    ],
    [
        *["silver", "--source", "flights", "--table", "flights", "--timestamp", "time_hour", "--timezone", ZONE],
        *["--timestamp-parts", "date,local,text", "--with", "gain=dep_delay - arr_delay"],
        *["--with", "speed=distance / air_time", "--expect", "departed: dep_time IS NOT NULL drop", *SHARED],
    ],
    ["gold", "query", "--source", "flights", "--table", "origins", "--sql", GOLD_SQL, *SHARED],
]
