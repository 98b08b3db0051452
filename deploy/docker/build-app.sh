#!/bin/sh
# First stage of the image: virtual environment, application and built pages under PREFIX. Usage: build-app.sh SOURCE PREFIX
set -eu
source=$1
prefix=$2
mkdir -p "$prefix/app"
python3 -m venv "$prefix/venv"
"$prefix/venv/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r "$source/requirements.txt"
for part in sprintreports assets alembic alembic.ini rxconfig.py reflex.lock pyproject.toml; do
  cp -R "$source/$part" "$prefix/app/"
done
"$prefix/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e "$prefix/app"
cd "$prefix/app"
SPRINTREPORTS_WEB_DIR="$prefix/build" "$prefix/venv/bin/python" -m sprintreports.ui.build
# Only what is served goes along, not the packages that it was built with.
mkdir -p "$prefix/web"
"$prefix/venv/bin/python" -c 'import sys; from pathlib import Path; from sprintreports.ui import build; build.pack(Path(sys.argv[1]), Path(sys.argv[2]))' "$prefix/build" "$prefix/web"
rm -rf "$prefix/build" "$prefix/app/.web" "$prefix/app/.states" "$prefix/app/.sprintreports"
