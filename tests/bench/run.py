"""The race: bronze, silver and gold as whole processes, ours and hand-written peers side by side on the same files.

Phases: a full run from nothing, a run with nothing new, a run with a tenth more data. Each hop is measured for all
tools before the next hop, in an order that changes with each repeat. After the first and last phase the tables of all
tools are compared; a race whose results differ fails. `--table-scale` measures hops on a bronze table with a long log.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from measure import CommandFailed, settled, warm
from report import OURS, Key, Samples, markdown, plain

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
HOPS = ("bronze", "silver", "gold")
TOOLS = (OURS, "duckdb", "polars")
SIZES = {"S": 200_000, "M": 1_000_000, "L": 5_000_000}
NOTHING_NEW_RUNS = 5
MIB = 2**20

GOLD_SQL = """
SELECT country, event_type, ts_date AS day, count(*) AS events, count(DISTINCT user_id) AS users,
    sum(amount) AS amount_sum, avg(amount) AS amount_mean, min(amount) AS amount_min, max(amount) AS amount_max,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY amount) AS amount_p95, avg(unit_price) AS unit_price_mean
FROM events GROUP BY country, event_type, ts_date
"""

# Our commands; {landing}, {lakehouse} and {checkpoints} stand for the folders of the run.
SHARED = ["--lakehouse", "{lakehouse}", "--checkpoints", "{checkpoints}", "-q"]
OUR_COMMANDS = {
    "bronze": ["bronze", "{landing}", "--table", "events", *SHARED],
    "silver": [
        *["silver", "--source", "events", "--table", "events", "--timestamp", "ts"],
        *["--timestamp", "server_ms=epoch_ms", "--timestamp-parts", "date"],
        *["--with", "unit_price=amount / quantity", "--where", "amount IS NOT NULL", *SHARED],
    ],
    "gold": ["gold", "query", "--source", "events", "--table", "daily", "--sql", " ".join(GOLD_SQL.split()), *SHARED],
}


@dataclass(frozen=True)
class Contestant:
    """One tool and the folder it works in."""

    tool: str
    root: Path
    binaries: Path

    def command(self, hop: str) -> list[str]:
        """The command of a hop."""
        if self.tool != OURS:
            return [sys.executable, str(HERE / "peers" / f"{self.tool}_job.py"), hop, str(self.root)]
        folders = {name: str(self.root / name) for name in ("landing", "lakehouse", "checkpoints")}
        program, *rest = [part.format_map(folders) for part in OUR_COMMANDS[hop]]
        return [str(self.binaries / program), *rest]

    def land(self, files: list[Path]) -> None:
        """Puts files into the landing folder, as hard links, so that all tools read the same cached bytes."""
        (self.root / "landing").mkdir(parents=True, exist_ok=True)
        for file in files:
            os.link(file, self.root / "landing" / file.name)

    def commits(self) -> int:
        """The number of log entries of all tables, counted without holding the names."""
        logs = (self.root / "lakehouse").glob("*/*/_delta_log")
        return sum(entry.name.endswith(".json") for log in logs for entry in os.scandir(log))

    def stored_mib(self) -> float:
        """The bytes of all tables."""
        return sum(path.stat().st_size for path in (self.root / "lakehouse").rglob("*.parquet")) / MIB


@dataclass
class Race:
    """The contestants of one repeat and where measurements go."""

    field: list[Contestant]
    samples: Samples
    logs: Path

    def hop(self, phase: str, hop: str) -> None:
        """Measures one hop for each contestant."""
        for contestant in self.field:
            usage = settled(contestant.command(hop), self.logs / f"{contestant.tool}-{hop}.log")
            self.samples.add(Key(phase, hop, contestant.tool), usage)
            say(f"  {phase}, {hop}, {contestant.tool}: {usage.wall:.3f} s wall, {usage.cpu:.3f} s CPU")

    def hops(self, phase: str) -> None:
        """Measures all hops."""
        for hop in HOPS:
            self.hop(phase, hop)

    def nothing_new(self, hops: tuple[str, ...] = HOPS) -> None:
        """Measures runs with nothing to do and checks that they commit nothing."""
        before = [contestant.commits() for contestant in self.field]
        for _ in range(NOTHING_NEW_RUNS):
            for hop in hops:
                self.hop("nothing new", hop)
        for contestant, commits in zip(self.field, before, strict=True):
            if contestant.commits() != commits:
                raise SystemExit(f"{contestant.tool} wrote a commit although nothing was new")


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


def python(script: str, *arguments: object) -> None:
    """Runs a helper script in a process of its own."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        raise SystemExit(f"{script} failed")


def events_of(folder: Path, events: int, seed: int) -> tuple[list[Path], list[Path]]:
    """Generates a data set if need be; the files of its base and of its increment."""
    python("generate.py", "--target", folder, "--events", events, "--seed", seed, "--increment")
    return sorted((folder / "base").glob("*.json")), sorted((folder / "increment").glob("*.json"))


def rotated(tools: list[str], by: int) -> list[str]:
    """The tools in the order of a repeat."""
    by %= len(tools)
    return tools[by:] + tools[:by]


def contestants(options: argparse.Namespace, repeat: int) -> list[Contestant]:
    """A contestant with an empty folder for each tool."""
    work = options.data / "work"
    shutil.rmtree(work, ignore_errors=True)
    return [Contestant(tool, work / tool, options.binaries) for tool in rotated(options.tools, repeat)]


def lines(files: list[Path]) -> int:
    """The number of lines of some files."""
    return sum(chunk.count(b"\n") for path in files for chunk in blocks(path))


def blocks(path: Path) -> Iterator[bytes]:
    """A file piece by piece."""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def one_race(race: Race, base: list[Path], increment: list[Path]) -> None:
    """All phases of one repeat."""
    roots = [contestant.root for contestant in race.field]
    for contestant in race.field:
        contestant.land(base)
    race.hops("full run")
    python("compare.py", lines(base), *roots)
    race.nothing_new()
    for contestant in race.field:
        contestant.land(increment)
    race.hops("+10 %")
    python("compare.py", lines(base + increment), *roots)


def race(options: argparse.Namespace, samples: Samples) -> dict[str, object]:
    """The repeats; returns facts about the data."""
    events = SIZES[options.size]
    base, increment = events_of(options.data / f"events-{options.size}-{options.seed}", events, options.seed)
    stored: dict[str, float] = {}
    for repeat in range(options.repeats):
        say(f"repeat {repeat + 1} of {options.repeats}")
        warm(base + increment)
        field = contestants(options, repeat)
        one_race(Race(field, samples, options.data / "logs"), base, increment)
        stored = {contestant.tool: round(contestant.stored_mib(), 1) for contestant in field}
    size = sum(path.stat().st_size for path in base)
    return {"size": options.size, "events": events, "bytes": size, "files": len(base), "stored_mib": stored}


def table_scale(options: argparse.Namespace, samples: Samples) -> dict[str, object]:
    """The silver hop on a bronze table with a long log; returns facts about the table."""
    commits, files, tail = options.commits, options.commits * 10, 50
    base, increment = events_of(options.data / f"events-tiny-{options.seed}", 10, options.seed)
    runners = Race(contestants(options, 0), samples, options.data / "logs")
    for contestant in runners.field:
        contestant.land(base)
    runners.hop("first file", "bronze")
    runners.hop("first file", "silver")
    for contestant in runners.field:
        say(f"  growing the table of {contestant.tool}")
        python("grow_table.py", contestant.root / "lakehouse/bronze/events", commits, files, tail)
    runners.hop("catching up", "silver")
    runners.nothing_new(("bronze", "silver"))
    for contestant in runners.field:
        contestant.land(increment)
    runners.hop("one more file", "bronze")
    runners.hop("one more file", "silver")
    return {"commits": commits, "files": files, "after_checkpoint": tail}


def machine() -> dict[str, object]:
    """What ran the race."""
    facts = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    return {**facts, **{name: version(name) for name in ("duckdb", "polars", "deltalake")}}


def tool_list(text: str) -> list[str]:
    """Tool names, separated by commas."""
    tools = text.split(",")
    if unknown := [tool for tool in tools if tool not in TOOLS]:
        raise argparse.ArgumentTypeError(f"unknown {unknown[0]}; choose from {', '.join(TOOLS)}")
    return tools


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="M", help="S 200,000, M 1,000,000, L 5,000,000 events")
    parser.add_argument("--tools", type=tool_list, default=list(TOOLS), help="default: ours,duckdb,polars")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--binaries", type=Path, default=PROJECT / "target/release", help="where our programs are")
    parser.add_argument("--data", type=Path, default=PROJECT / "data/bench", help="events, tables and results")
    parser.add_argument("--table-scale", action="store_true", help="a source of many commits instead of the race")
    parser.add_argument("--commits", type=int, default=10_000, help="for --table-scale; ten files in each")
    return parser.parse_args()


def check_binaries(options: argparse.Namespace) -> None:
    """Refuses to start without our programs."""
    missing = [hop for hop in HOPS if not (options.binaries / hop).is_file()]
    if OURS in options.tools and missing:
        raise SystemExit(f"{options.binaries / missing[0]} is not built; build it or use --tools duckdb,polars")


def save(options: argparse.Namespace, mode: str, facts: dict[str, object], samples: Samples) -> Path:
    """Writes all measurements as JSON."""
    now = datetime.now(UTC)
    path = options.data / f"{mode}-{now:%Y%m%dT%H%M%SZ}.json"
    result = {"at": now.isoformat(), "mode": mode, "machine": machine(), "facts": facts, "samples": plain(samples)}
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def main() -> None:
    options = arguments()
    options.data.mkdir(parents=True, exist_ok=True)
    check_binaries(options)
    modes: dict[str, Callable[[argparse.Namespace, Samples], dict[str, object]]]
    modes = {"race": race, "table-scale": table_scale}
    mode = "table-scale" if options.table_scale else "race"
    samples = Samples()
    try:
        facts = modes[mode](options, samples)
    except CommandFailed as error:
        raise SystemExit(str(error)) from None
    print(f"## {mode}: " + ", ".join(f"{name} {value}" for name, value in facts.items()) + "\n")
    print(markdown(samples, options.tools))
    say(f"written to {save(options, mode, facts, samples)}")


if __name__ == "__main__":
    main()
