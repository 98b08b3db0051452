#!/bin/sh
# Second stage of the image: the browser that prints PDF and pictures, and letters of the scripts that titles are written in.
set -eu
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  chromium fonts-dejavu-core fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji
rm -rf /var/lib/apt/lists/*
