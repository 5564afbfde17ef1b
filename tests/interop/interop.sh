#!/bin/sh
# Has independent Delta readers (PyPI) read the tables that the jobs make, and compares them row by row.
# Usage: interop.sh [BINARIES]    BINARIES defaults to target/release.
# Exit: 0 equal, 1 different, 77 skipped because the readers cannot be installed here.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
project=$(CDPATH='' cd -- "$here/../.." && pwd)
binaries=${1:-$project/target/release}
venv=$project/.venv/interop
skipped=77

for program in bronze silver gold; do
    if [ ! -x "$binaries/$program" ]; then
        echo "interop: $binaries/$program is not built" >&2
        exit 1
    fi
done
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv" || { echo "interop: skipped, python3 cannot make a virtual environment" >&2; exit $skipped; }
fi
pip() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/$1"
}
if ! pip requirements.txt; then
    echo "interop: skipped, PyPI is not reachable or lacks the packages of tests/interop/requirements.txt" >&2
    exit $skipped
fi
pip requirements-duckdb.txt || echo "interop: DuckDB's delta extension is not installable; reading with deltalake only" >&2
exec "$venv/bin/python" "$here/run.py" "$binaries"
