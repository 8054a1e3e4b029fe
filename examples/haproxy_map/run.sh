#!/bin/sh
# HAProxy with a map of hosts that changes while it runs, beside a configuration for which it is reloaded.
#
# A reload of HAProxy is a new worker. A map of thousands of lines that changes every minute is better changed within the
# one that runs: by set-map.sh, over HAProxy's runtime interface, and all lines at once. A new worker reads the same file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export HAPROXY_DIR="${HAPROXY_DIR=$here/etc}"
export HAPROXY_PORT="${HAPROXY_PORT=8080}"
export HAPROXY_ADMIN_PORT="${HAPROXY_ADMIN_PORT=9999}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"

# SIDECAR_RELOAD serves this file, which says nothing of its own.
export CONFD_CONFDFILE_1="haproxy.toml
[template]
src = 'haproxy.cfg.tmpl'
dest = '$HAPROXY_DIR/haproxy.cfg'
keys = ['/blue', '/green']"
export CONFD_TEMPLATE_1='haproxy.cfg.tmpl
global
  stats socket ipv4@127.0.0.1:{{ getenv "HAPROXY_ADMIN_PORT" }} level admin
  hard-stop-after 20s
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend web
  bind :{{ getenv "HAPROXY_PORT" }}
  use_backend %[req.hdr(host),lower,field(1,:),map({{ getenv "HAPROXY_DIR" }}/hosts.map,blue)]
backend blue
  server one {{ getv "/blue" }}
backend green
  server one {{ getv "/green" }}
'
export CONFD_CONFDFILE_2="hosts.toml
[template]
src = 'hosts.map.tmpl'
dest = '$HAPROXY_DIR/hosts.map'
keys = ['/hosts']
[sidecar]
reload = \"exec:'$here/set-map.sh' '$HAPROXY_DIR/hosts.map' $HAPROXY_ADMIN_PORT\""
export CONFD_TEMPLATE_2='hosts.map.tmpl
{{ range gets "/hosts/*" }}{{ base .Key }} {{ .Value }}
{{ end }}'
export SIDECAR_CHECK="haproxy -c -f '$HAPROXY_DIR/haproxy.cfg'"
export SIDECAR_RELOAD=SIGUSR2
exec confd-sidecar haproxy -W -db -f "$HAPROXY_DIR/haproxy.cfg"
