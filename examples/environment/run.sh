#!/bin/sh
# A service that knows nothing but its environment, and is started anew when that changes.
#
# The rendered file is no configuration of the service's: the sidecar reads it, and adds its variables to the service's
# environment at each start. Two of these behind a proxy that tries again, with a random delay so that they are not down at
# the same time, lose no request.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export SERVICE_DIR="${SERVICE_DIR=$here/etc}"
export PORT="${PORT=8080}"
export DENO="${DENO=deno}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"
export SIDECAR_SPLAY="${SIDECAR_SPLAY=10s}"

export CONFD_CONFDFILE_1="service.toml
[template]
src = 'service.env.tmpl'
dest = '$SERVICE_DIR/service.env'
keys = ['/greeting', '/name']
mode = '0600'
[sidecar]
env = true"
export CONFD_TEMPLATE_1='service.env.tmpl
GREETING="{{ getv "/greeting" }}"
NAME="{{ getv "/name" }}"'
export SIDECAR_RELOAD=none
exec confd-sidecar "$DENO" run --quiet --no-config --allow-net --allow-env "$here/service.ts"
