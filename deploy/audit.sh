#!/usr/bin/env bash
# Asks the advisory databases about what is pinned. What could not be asked is said, never called clean.
set -u
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
log=$(mktemp)
result=0
canary=$(mktemp)
trap 'rm -f "$log" "$canary"' EXIT
# An old release with well-known advisories: a source that does not know them cannot call anything clean.
echo "jinja2==2.10" >"$canary"
for service in pypi osv; do
  if ! "$bin/pip-audit" --no-deps --disable-pip -r "$canary" --vulnerability-service "$service" --progress-spinner off 2>&1 | grep -q 'Found [0-9]'; then
    echo "sprintreports: NOT AUDITED against $service: from here it does not even know the advisories of jinja2 2.10." >&2
    [ "$result" = 0 ] && result=3
    continue
  fi
  if "$bin/pip-audit" --require-hashes --disable-pip -r requirements.txt --vulnerability-service "$service" --progress-spinner off >"$log" 2>&1; then
    echo "pip-audit ($service): no known vulnerability in requirements.txt"
  elif grep -qE 'Found [0-9]+ known vulnerabilit' "$log"; then
    cat "$log"
    result=1
  else
    tail -n 1 "$log" | cut -c1-200
    echo "sprintreports: NOT AUDITED against $service: its advisories could not be read from here." >&2
    [ "$result" = 0 ] && result=3
  fi
done
exit "$result"
