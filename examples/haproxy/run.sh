#!/bin/sh
# HAProxy in front of a server whose address is a key, with a list of clients that are turned away.
#
# In master-worker mode (-W), SIGUSR2 makes the master start over with a new worker, to which it hands the listening
# sockets: no connection is refused meanwhile.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export HAPROXY_DIR="${HAPROXY_DIR=$here/etc}"
export HAPROXY_PORT="${HAPROXY_PORT=8080}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"
export SIDECAR_VERIFY="${SIDECAR_VERIFY=http://127.0.0.1:$HAPROXY_PORT/}"
export SIDECAR_VERIFY_TIMEOUT="${SIDECAR_VERIFY_TIMEOUT=5s}"

# Paths are relative to the configuration (default-path). hard-stop-after limits how long an old worker stays for the
# sake of its connections.
export CONFD_CONFDFILE_1="haproxy.toml
[template]
src = 'haproxy.cfg.tmpl'
dest = '$HAPROXY_DIR/haproxy.cfg'
keys = ['/server']"
export CONFD_TEMPLATE_1='haproxy.cfg.tmpl
global
  default-path config
  hard-stop-after 20s
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  errorfile 503 errors/503.http
frontend web
  bind :{{ getenv "HAPROXY_PORT" }}
  http-request deny if { hdr_ip(X-Client) -f blocked.lst }
  default_backend servers
backend servers
  http-response set-header X-Served-By %si:%sp
  server one {{ getv "/server" }}
'
export CONFD_CONFDFILE_2="blocked.toml
[template]
src = 'blocked.lst.tmpl'
dest = '$HAPROXY_DIR/blocked.lst'
keys = ['/blocked']"
export CONFD_TEMPLATE_2='blocked.lst.tmpl
{{ getv "/blocked" }}
'
export SIDECAR_CHECK="haproxy -c -f '$HAPROXY_DIR/haproxy.cfg'"
export SIDECAR_RELOAD=SIGUSR2
# A stop is SIGTERM, at which HAProxy ends at once. SIGUSR1 would let it finish its connections, but HAProxy 2.6 can
# miss one that comes right after a reload.
exec confd-sidecar haproxy -W -db -f "$HAPROXY_DIR/haproxy.cfg"
