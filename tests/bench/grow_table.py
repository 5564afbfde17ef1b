"""Makes a table look old: `grow_table.py TABLE COMMITS FILES TAIL`.

Appends COMMITS commits with FILES data files in all, each a hard link to the table's first data file, and a checkpoint
TAIL commits before the end, as a busy writer would have left it. The rows are real and can be read.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable

LINKS_PER_FILE = 50_000  # below ext4's limit of 65,000 names for one file

Action = dict[str, Any]


def commit_path(table: Path, version: int) -> Path:
    """The log entry of a version."""
    return table / "_delta_log" / f"{version:020}.json"


def first_add(table: Path) -> Action:
    """The first data file that the log adds; the first commits may only create the table."""
    for entry in sorted((table / "_delta_log").glob("*.json")):
        for line in entry.read_text(encoding="utf-8").splitlines():
            if add := json.loads(line).get("add"):
                return add
    raise SystemExit(f"{table} has no data file")


class Links:
    """Names for one file's bytes, copied anew before the file system's limit of names is reached."""

    def __init__(self, table: Path, original: Path) -> None:
        self.table, self.original, self.made = table, original, 0

    def next(self) -> str:
        """A new data file's path within the table."""
        name = f"grown-{self.made:07}.parquet"
        if self.made % LINKS_PER_FILE == 0:
            shutil.copyfile(self.original, self.table / name)
            self.original = self.table / name
        else:
            os.link(self.original, self.table / name)
        self.made += 1
        return name


def actions(template: Action, links: Links, files: int, at_ms: int) -> list[Action]:
    """One commit's actions: a plain append."""
    info = {"timestamp": at_ms, "operation": "WRITE", "operationParameters": {"mode": "Append"}, "isBlindAppend": True}
    adds = [{"add": template | {"path": links.next(), "modificationTime": at_ms}} for _ in range(files)]
    return [{"commitInfo": info}, *adds]


def grow(table: Path, commits: int, files: int, tail: int) -> None:
    """Writes the commits and the checkpoint."""
    template = first_add(table)
    links = Links(table, table / unquote(template["path"]))
    version, share = DeltaTable(str(table)).version(), files // commits
    for number in range(1, commits + 1):
        lines = actions(template, links, share, template["modificationTime"] + number)
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        commit_path(table, version + number).write_text(text, encoding="utf-8")
    DeltaTable(str(table), version=version + commits - tail).create_checkpoint()


if __name__ == "__main__":
    grow(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
