"""Runs a command as a whole process and says what it cost."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

LOG_TAIL = 2_000
SPAWN = Path(__file__).resolve().parent / "spawn.py"


@dataclass(frozen=True)
class Usage:
    """The cost of one process: wall and CPU (user and system) in seconds, peak resident memory in MiB."""

    wall: float
    cpu: float
    peak_mib: float


class CommandFailed(Exception):
    """A measured command did not exit with 0."""


def run(command: Sequence[str], log: Path) -> Usage:
    """Runs a command to its end, its output in `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    spawn = [sys.executable, "-I", "-S", str(SPAWN), str(log), *command]
    said = json.loads(subprocess.run(spawn, stdout=subprocess.PIPE, check=True).stdout)
    if said["exit"] != 0:
        tail = log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]
        raise CommandFailed(f"exit {said['exit']}: {' '.join(command)}\n{tail}")
    return Usage(**said["usage"])


def settled(command: Sequence[str], log: Path) -> Usage:
    """As `run`, after what earlier commands left unwritten has reached the disk."""
    os.sync()
    return run(command, log)


def median(usages: Iterable[Usage]) -> Usage:
    """The median of each figure on its own."""
    rows = list(usages)
    return Usage(
        statistics.median(row.wall for row in rows),
        statistics.median(row.cpu for row in rows),
        statistics.median(row.peak_mib for row in rows),
    )


def total(usages: Iterable[Usage]) -> Usage:
    """Several processes one after another: times add up, the peak is the highest."""
    rows = list(usages)
    return Usage(sum(row.wall for row in rows), sum(row.cpu for row in rows), max(row.peak_mib for row in rows))


def warm(files: Iterable[Path]) -> int:
    """Reads files once, so that all tools find them in the page cache; returns their bytes."""
    size, buffer = 0, bytearray(1 << 20)
    for path in files:
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                size += count
    return size
