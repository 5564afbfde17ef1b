"""Makes tables from the flights example in two runs and has them read back: `run.py BINARIES`.

The second run brings two more days, so that appended commits and a replaced gold table are read back too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from commands import COMMANDS

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "examples/flights/landing"
DAYS_FIRST = 5


def land(landing: Path, files: list[Path]) -> None:
    """Copies files of the example to where they arrive."""
    for file in files:
        target = landing / file.relative_to(EXAMPLE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def run_jobs(binaries: Path, root: Path) -> None:
    """Runs all commands, stopping at the first that fails."""
    folders = {name: str(root / name) for name in ("landing", "lakehouse", "checkpoints")}
    for command in COMMANDS:
        program, *rest = [part.format_map(folders) for part in command]
        done = subprocess.run([str(binaries / program), *rest], check=False)
        if done.returncode != 0:
            raise SystemExit(f"exit {done.returncode}: {program} {' '.join(rest)}")


def read_back(root: Path) -> None:
    """Compares the tables, in a process of its own."""
    command = [sys.executable, str(HERE / "read_back.py"), str(root / "landing"), str(root / "lakehouse")]
    if subprocess.run(command, check=False).returncode != 0:
        raise SystemExit(1)


def main() -> None:
    binaries = Path(sys.argv[1])
    days = sorted((EXAMPLE / "flights").glob("*.json"))
    weather = sorted((EXAMPLE / "weather").glob("*.csv"))
    with tempfile.TemporaryDirectory(prefix="lakesmith-interop-") as folder:
        root = Path(folder)
        for arrived in (days[:DAYS_FIRST] + weather, days[DAYS_FIRST:]):
            land(root / "landing", arrived)
            run_jobs(binaries, root)
            print(f"after {len(list((root / 'landing/flights').iterdir()))} days", flush=True)
            read_back(root)


if __name__ == "__main__":
    main()
