"""What a person writes by hand to make a Polars or DuckDB script incremental: a state file, and "what is new?".

The state is written after the table's commit, so a crash between the two makes the next run write its rows twice;
closing that gap is what the scripts leave out.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

SUMMARY_KEYS = ("country", "event_type", "day")


@dataclass(frozen=True)
class Layout:
    """The folders of one tool's run."""

    root: Path

    @property
    def landing(self) -> Path:
        """Where files arrive."""
        return self.root / "landing"

    def table(self, layer: str, name: str) -> str:
        """The path of a table."""
        return str(self.root / "lakehouse" / layer / name)

    def state(self, hop: str) -> Path:
        """The state file of a hop."""
        return self.root / "state" / f"{hop}.json"


@dataclass(frozen=True)
class NewFile:
    """A landed file that no run has read."""

    path: str
    modified: datetime


def read_state(path: Path) -> dict[str, Any]:
    """The state of a hop; empty before its first run."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Replaces the state of a hop."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(state), encoding="utf-8")
    partial.replace(path)


def new_files(landing: Path, done: set[str]) -> list[NewFile]:
    """The landed files that are not in the list of those done, by name."""
    with os.scandir(landing) as entries:
        fresh = [(entry.path, entry.stat().st_mtime) for entry in entries if entry.path not in done]
    return [NewFile(path, datetime.fromtimestamp(modified, UTC)) for path, modified in sorted(fresh)]


def commit_path(table: str, version: int) -> Path:
    """The log entry of a version."""
    return Path(table) / "_delta_log" / f"{version:020}.json"


def latest_version(table: str, known: int) -> int:
    """The newest version, looked for upwards from a known one (-1 before the first)."""
    while commit_path(table, known + 1).exists():
        known += 1
    return known


def added_files(table: str, after: int, upto: int) -> list[str]:
    """The data files that the commits in (after, upto] added."""
    out = []
    for version in range(after + 1, upto + 1):
        for line in commit_path(table, version).read_text(encoding="utf-8").splitlines():
            add = json.loads(line).get("add")
            if add and add["dataChange"]:
                out.append(str(Path(table) / unquote(add["path"])))
    return out
