"""Runs one command and prints what it cost as JSON: `spawn.py LOG PROGRAM ARGUMENT...`, the output going to LOG.

The kernel starts the peak memory of a child at that of its parent, so this program imports next to nothing.
"""

import json
import os
import sys
import time


def main() -> None:
    log, *command = sys.argv[1:]
    output = (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    begin = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=[output, (os.POSIX_SPAWN_DUP2, 1, 2)])
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - begin
    usage = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}
    json.dump({"exit": os.waitstatus_to_exitcode(status), "usage": usage}, sys.stdout)


if __name__ == "__main__":
    main()
