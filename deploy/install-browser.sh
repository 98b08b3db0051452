#!/usr/bin/env bash
# Finds an installed Chromium or Chrome for the browser tests, or tries to install one; says so when it cannot.
set -u
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests"
  log=$(mktemp)
  if apt-get update -qq >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >>"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  tail -n 5 "$log" >&2
  rm -f "$log"
fi
echo "sprintreports: No Chromium or Chrome is installed and it could not be installed here. Install one (Debian: apt-get install chromium) and run make test again." >&2
exit 1
