#!/bin/sh
# Second stage of the image: a user without rights and the folder it may write. Usage: prepare-runtime.sh USER_ID FOLDER
set -eu
user=$1
folder=$2
mkdir -p "$folder"
chown "$user:$user" "$folder"
chmod 750 "$folder"
