#!/usr/bin/env bash
# Finds nginx for the tests of deploy/nginx.conf, or tries to install it (without starting it); says so when it cannot.
set -u
if PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing nginx for the tests of deploy/nginx.conf"
  log=$(mktemp)
  # Debian starts what it installs, unless this program forbids it.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  if apt-get update -qq >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx >>"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  tail -n 5 "$log" >&2
  rm -f "$log"
fi
echo "sprintreports: nginx is not installed and could not be installed here, so deploy/nginx.conf cannot be tried. Install it (Debian: apt-get install nginx) and run this again." >&2
exit 1
