#!/bin/sh
# Redis, which reads its configuration at the start and never again: it is stopped and started.
#
# What is stored outlives that, for Redis appends it to a file (appendonly). There is no way to have a configuration
# checked beforehand: Redis refuses to start on a bad one, and the last good file comes back.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export REDIS_DIR="${REDIS_DIR=$here/etc}"
export REDIS_DATA="${REDIS_DATA=$here/data}"
export REDIS_PORT="${REDIS_PORT=6379}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"
export SIDECAR_VERIFY="${SIDECAR_VERIFY=tcp:127.0.0.1:$REDIS_PORT}"
export SIDECAR_VERIFY_TIMEOUT="${SIDECAR_VERIFY_TIMEOUT=5s}"

export CONFD_CONFDFILE_1="redis.toml
[template]
src = 'redis.conf.tmpl'
dest = '$REDIS_DIR/redis.conf'
keys = ['/memory', '/policy']"
export CONFD_TEMPLATE_1='redis.conf.tmpl
bind 127.0.0.1
port {{ getenv "REDIS_PORT" }}
dir "{{ getenv "REDIS_DATA" }}"
appendonly yes
maxmemory {{ getv "/memory" }}
maxmemory-policy {{ getv "/policy" }}'
export SIDECAR_RELOAD=restart
mkdir -p "$REDIS_DATA"
exec confd-sidecar redis-server "$REDIS_DIR/redis.conf"
