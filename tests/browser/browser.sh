#!/bin/sh
# Checks dashboard pages in a headless Chromium: browser.sh PAGE.html...
# Exits 77 (skipped) where Chromium or Python is missing.
set -eu

if [ $# -eq 0 ]; then
    echo "usage: browser.sh PAGE.html..." >&2
    exit 2
fi
if ! command -v python3 >/dev/null; then
    echo "skipped: there is no python3 on this machine"
    exit 77
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
worst=0
for page in "$@"; do
    echo "== $page"
    status=0
    python3 "$here/dashboard_check.py" "$page" || status=$?
    [ "$status" -eq 77 ] && exit 77
    [ "$status" -eq 0 ] || worst=$status
done
exit "$worst"
