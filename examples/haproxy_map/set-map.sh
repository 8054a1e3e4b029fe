#!/bin/bash
# set-map.sh FILE PORT: makes a running HAProxy hold what a map's file holds, all lines at once ('prepare map' and
# 'commit map', HAProxy 2.4 and later). Fails if HAProxy does not take it.
set -eu
map=$1 port=$2

# One command, and what HAProxy answers.
ask() {
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf '%s\n' "$1" >&3
  cat <&3
  exec 3<&- 3>&-
}

answer=$(ask "prepare map $map")
version=${answer##*: }
while read -r key value; do
  [ -z "$key" ] || answer=$(ask "add map @$version $map $key $value")
  [ -z "${answer//[[:space:]]/}" ] || [ "$answer" = "New version created: $version" ] || { echo "$answer"; exit 1; }
done < "$map"
answer=$(ask "commit map @$version $map")
[ -z "${answer//[[:space:]]/}" ] || { echo "$answer"; exit 1; }
