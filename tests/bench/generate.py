"""Writes event-like newline-delimited JSON for the benchmark: the same arguments give the same bytes.

A file depends on the seed and on its own number only, so files are made in parallel, each in bounded memory, and a
generation that was interrupted is completed by running it again. Records are about 370 bytes with 13 fields: a nested
struct, an array, nullable fields, ISO 8601 timestamps in mixed zones, epoch milliseconds and skewed users.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

SIZES = {"S": 200_000, "M": 1_000_000, "L": 5_000_000}
EVENTS_PER_FILE = 180_000
EVENTS_PER_CHUNK = 20_000
USERS = 200_000
START_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
DAYS = 30
INCREMENT_SHARE = 10  # the increment is a tenth of the size

EVENT_TYPES = ("view", "click", "search", "add_to_cart", "purchase", "refund", "login", "logout")
EVENT_WEIGHTS = (0.40, 0.22, 0.14, 0.09, 0.06, 0.01, 0.05, 0.03)
COUNTRIES = ("DE", "US", "FR", "GB", "IN", "BR", "JP", "PL", "NL", "ES", "IT", "CA", "MX", "SE", "CH", "AT")
ZONES = (("Z", 0), ("+00:00", 0), ("+01:00", 60), ("+02:00", 120), ("-05:00", -300), ("-08:00", -480), ("+05:30", 330))
SYSTEMS = ("Android", "iOS", "Windows", "macOS", "Linux")
TAGS = ("new", "sale", "promo", "a/b:control", "a/b:variant", "premium", "größe-m", "app", "beta", "returning", "gift")
SECTIONS = ("shoes", "garden", "books", "toys", "kitchen", "sport", "music", "office")
REFERRERS = (
    "https://www.google.com/",
    "https://duckduckgo.com/?q=%E2%82%AC+offers",
    "https://news.example.org/2026/03/spring.html",
    "https://m.example.net/r/deals?page=2&sort=new",
    'https://blog.example.com/the-\\"quoted\\"-title',
    "android-app:\\/\\/com.example.shop\\/home",
)
BROKEN_LINES = (
    '{"event_id":"cut off in the mid',
    "not json at all",
    "[1,2,3]",
    '{"event_id":12,"user_id":"x","ts":false}',
    "{}}",
)

RECORD = (
    '{"event_id":"%s-%s-4%s-a%s-%s","user_id":%d,"event_type":"%s","ts":"%s%s","server_ms":%d,"session":"%s",'
    '"url":"%s","referrer":%s,"device":%s,"tags":%s,"amount":%s,"quantity":%s,"country":"%s"}\n'
)


@dataclass(frozen=True)
class FileTask:
    """One file to write."""

    path: str
    seed: int
    number: int
    events: int
    first_ms: int
    span_ms: int
    bad: float


def compact(value: object) -> str:
    """JSON without needless blanks or escapes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pools() -> dict[str, list[str]]:
    """Ready-made JSON fragments, the same for every seed."""
    rng = np.random.default_rng(7)
    urls = [f"https://shop.example.com/{SECTIONS[n % len(SECTIONS)]}/{n * 7919 % 100_003}" for n in range(5_000)]
    devices = [
        compact({"os": os_name, "version": f"{major}.{minor}", "mobile": os_name in SYSTEMS[:2]})
        for os_name in SYSTEMS
        for major in range(9, 18)
        for minor in range(4)
    ]
    tags = [compact(sorted(rng.choice(TAGS, size=rng.integers(0, 4), replace=False).tolist())) for _ in range(400)]
    return {"urls": urls, "devices": devices, "tags": tags}


POOLS = pools()


def pick(rng: np.random.Generator, values: list[str] | tuple[str, ...], count: int, skew: float = 1.0) -> list[str]:
    """`count` of the values; a skew above 1 prefers the first ones."""
    index = (rng.random(count) ** skew * len(values)).astype(np.int64)
    return np.array(values, dtype=object)[index].tolist()


def nullable(rng: np.random.Generator, values: list[str], share: float) -> list[str]:
    """The values, a share of them replaced by null."""
    out = np.array(values, dtype=object)
    out[rng.random(len(values)) < share] = "null"
    return out.tolist()


def hex_parts(rng: np.random.Generator, count: int) -> tuple[list[str], ...]:
    """The random parts of `count` version-4 UUIDs (8, 4, 3, 3 and 12 digits), and a session name of 8 digits."""
    text = rng.bytes(count * 20).hex()
    rows = [text[at : at + 40] for at in range(0, len(text), 40)]
    cuts = ((0, 8), (8, 12), (12, 15), (15, 18), (18, 30), (30, 38))
    return tuple([row[low:high] for row in rows] for low, high in cuts)


def users(rng: np.random.Generator, count: int) -> list[int]:
    """Skewed user numbers: the first per cent of the users makes about half of the events."""
    return (1 + (USERS * rng.random(count) ** 6).astype(np.int64)).tolist()


def amounts(rng: np.random.Generator, count: int) -> list[str]:
    """Prices in cents precision, 15 % null."""
    return nullable(rng, [f"{value:.2f}" for value in rng.lognormal(3.0, 1.0, count).tolist()], 0.15)


def chunk(rng: np.random.Generator, instants: np.ndarray) -> str:
    """The records for some instants (epoch milliseconds), as one text."""
    count = len(instants)
    zone = rng.integers(0, len(ZONES), count)
    offsets = np.array([minutes for _, minutes in ZONES], dtype=np.int64)[zone] * 60_000
    local = np.datetime_as_string((instants + offsets).astype("datetime64[ms]")).tolist()
    suffix = np.array([text for text, _ in ZONES], dtype=object)[zone].tolist()
    *uuid, sessions = hex_parts(rng, count)
    kinds = rng.choice(np.array(EVENT_TYPES, dtype=object), count, p=EVENT_WEIGHTS).tolist()
    columns = (
        *uuid,
        users(rng, count),
        kinds,
        local,
        suffix,
        (instants + rng.integers(0, 5_000, count)).tolist(),
        sessions,
        pick(rng, POOLS["urls"], count, skew=3.0),
        nullable(rng, [f'"{text}"' for text in pick(rng, REFERRERS, count, skew=1.5)], 0.5),
        pick(rng, POOLS["devices"], count),
        pick(rng, POOLS["tags"], count),
        amounts(rng, count),
        nullable(rng, rng.integers(1, 12, count).astype(str).tolist(), 0.05),
        pick(rng, COUNTRIES, count, skew=2.0),
    )
    return "".join([RECORD % record for record in zip(*columns, strict=True)])


def break_lines(rng: np.random.Generator, text: str, share: float) -> str:
    """Replaces a share of the lines by ones that no reader can take."""
    lines = text.splitlines(keepends=True)
    for at in np.flatnonzero(rng.random(len(lines)) < share).tolist():
        lines[at] = BROKEN_LINES[int(rng.integers(0, len(BROKEN_LINES)))] + "\n"
    return "".join(lines)


def instants_of(task: FileTask, rng: np.random.Generator) -> np.ndarray:
    """Event times within the file's part of the month, roughly in order, as a collector would write them."""
    even = task.first_ms + np.arange(task.events, dtype=np.int64) * task.span_ms // max(task.events, 1)
    return even + rng.integers(-600_000, 600_000, task.events)


def write_file(task: FileTask) -> int:
    """Writes one file under its final name and returns its size in bytes."""
    rng = np.random.default_rng([task.seed, task.number])
    instants = instants_of(task, rng)
    partial = Path(f"{task.path}.partial")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        for low in range(0, task.events, EVENTS_PER_CHUNK):
            text = chunk(rng, instants[low : low + EVENTS_PER_CHUNK])
            file.write(break_lines(rng, text, task.bad) if task.bad else text)
    size = partial.stat().st_size
    partial.replace(task.path)
    return size


def split(total: int) -> Iterator[int]:
    """The number of events of each file."""
    for low in range(0, total, EVENTS_PER_FILE):
        yield min(EVENTS_PER_FILE, total - low)


def plan(target: Path, events: int, seed: int, bad: float, increment: bool) -> list[FileTask]:
    """All files of a data set: `base/`, and `increment/` with a tenth more events that follow in time."""
    more = math.ceil(events / INCREMENT_SHARE) if increment else 0
    parts = [("base", count) for count in split(events)] + [("increment", count) for count in split(more)]
    ms_per_event = DAYS * 86_400_000 / events
    out, done = [], 0
    for number, (part, count) in enumerate(parts):
        path = str(target / part / f"events-{number:05}.json")
        begin, span = START_MS + int(done * ms_per_event), int(count * ms_per_event)
        out.append(FileTask(path, seed, number, count, begin, span, bad))
        done += count
    return out


def missing(wanted: list[FileTask]) -> list[FileTask]:
    """The files that are not there yet (a file gets its name only when it is whole)."""
    return [task for task in wanted if not Path(task.path).exists()]


def check_recipe(target: Path, recipe: dict[str, object]) -> None:
    """Refuses to mix files of two recipes in one folder."""
    note = target / "recipe.json"
    if note.exists() and json.loads(note.read_text(encoding="utf-8")) != recipe:
        raise SystemExit(f"{target} holds events made otherwise ({note}); remove it or choose another --target")
    note.write_text(json.dumps(recipe, indent=2) + "\n", encoding="utf-8")


def generate(target: Path, events: int, seed: int, bad: float, increment: bool, workers: int) -> int:
    """Completes a data set with `workers` processes (0: one for each core); returns the number of files written."""
    wanted = plan(target, events, seed, bad, increment)
    for task in wanted:
        Path(task.path).parent.mkdir(parents=True, exist_ok=True)
    last = asdict(wanted[-1]) | {"path": Path(wanted[-1].path).name}
    check_recipe(target, {"events": events, "seed": seed, "bad": bad, "increment": increment, "last": last})
    todo = missing(wanted)
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        sizes = list(pool.map(write_file, todo))
    print(f"{target}: {len(todo)} of {len(wanted)} files written, {sum(sizes) / 1e6:.0f} MB", file=sys.stderr)
    return len(todo)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", type=Path, required=True, help="folder that receives base/ and increment/")
    parser.add_argument("--size", choices=SIZES, default="S", help="S 200,000, M 1,000,000, L 5,000,000 events")
    parser.add_argument("--events", type=int, help="a number of events instead of a size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bad", type=float, default=0.0, metavar="SHARE", help="share of broken lines, such as 0.001")
    parser.add_argument("--increment", action="store_true", help="a tenth more events in increment/")
    parser.add_argument("--workers", type=int, default=0, help="processes (default: one for each core)")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    events = options.events or SIZES[options.size]
    generate(options.target, events, options.seed, options.bad, options.increment, options.workers)


if __name__ == "__main__":
    main()
