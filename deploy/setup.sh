#!/usr/bin/env bash
# Makes the virtual environment and installs what is pinned. Usage: deploy/setup.sh run|dev
# Runs again only when the pins have changed; says in one sentence what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}
python=${PYTHON:-python3}
venv=${VENV:-.venv}
case $kind in run) pins=requirements.txt ;; dev) pins=requirements-dev.txt ;; *) echo "usage: $0 run|dev" >&2; exit 2 ;; esac

stop() { echo "sprintreports: $1" >&2; exit 1; }

command -v "$python" >/dev/null 2>&1 || stop "Python is not installed. Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv), or set PYTHON=/path/to/python."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop "$("$python" --version) is too old. Install Python 3.11 or newer and set PYTHON=/path/to/it."
"$python" -c 'import venv, ensurepip' 2>/dev/null || stop "Python's venv module is missing. Install it (Debian and Ubuntu: apt-get install python3-venv) and run make again."

stamp=$(cat "$pins" pyproject.toml | cksum; "$python" --version; pwd)
if [ -f "$venv/.installed-$kind" ] && [ "$(cat "$venv/.installed-$kind")" = "$stamp" ]; then exit 0; fi
[ "$kind" = run ] && [ -f "$venv/.installed-dev" ] && cmp -s "$venv/.pins-run" requirements.txt && exit 0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
explain() {
  if grep -qi 'no space left' "$log"; then stop "The disk is full. Make room (about 2 GB) and run make again."; fi
  tail -n 5 "$log" >&2
  stop "Installing the pinned packages failed, see above. Check the network and run make again."
}
[ -x "$venv/bin/python" ] || { echo "Making the virtual environment in $venv"; "$python" -m venv "$venv" >"$log" 2>&1 || explain; }
echo "Installing what $pins pins (a minute or two at the first time)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$pins" >"$log" 2>&1 || explain
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >"$log" 2>&1 || explain
cp requirements.txt "$venv/.pins-run"
printf '%s' "$stamp" >"$venv/.installed-$kind"
