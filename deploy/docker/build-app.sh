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
SPRINTREPORTS_DATA_DIR="$prefix/build-data" "$prefix/venv/bin/python" -m sprintreports.ui.build
rm -rf "$prefix/build-data"
