#!/bin/sh
# HAProxy in front of a PostgreSQL cluster that Patroni looks after: one port leads to the primary, another to replicas.
#
# The keys are those that Patroni writes for its members, /service/SCOPE/members/NAME. A member that comes or goes is a
# change of the configuration. A failover is none: HAProxy asks Patroni's REST API who the primary is. README.md says
# what happens when all of them are gone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export HAPROXY_DIR="${HAPROXY_DIR=$here/etc}"
export PRIMARY_PORT="${PRIMARY_PORT=5000}"
export REPLICA_PORT="${REPLICA_PORT=5001}"
export PATRONI_SCOPE="${PATRONI_SCOPE=batman}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"

# Without members, getv fails on purpose, and so does the rendering: an empty backend would never be put in place. Of
# conn_url and api_url only host and port are taken, without user and password; base takes what follows the last slash.
export CONFD_CONFDFILE_1="haproxy.toml
[template]
src = 'haproxy.cfg.tmpl'
dest = '$HAPROXY_DIR/haproxy.cfg'
prefix = '/service/$PATRONI_SCOPE'
keys = ['/members']"
export CONFD_TEMPLATE_1='haproxy.cfg.tmpl
global
  hard-stop-after 30s
defaults
  mode tcp
  retries 2
  timeout connect 4s
  timeout client 30m
  timeout server 30m
  timeout check 3s
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{{if not (gets "/members/*")}}{{getv "/members/*"}}{{end}}
{{- define "members"}}
{{- range gets "/members/*"}}
{{- $member := json .Value}}
{{- $sql := index (split (index (split $member.conn_url "?") 0) "/") 2}}
{{- $api := index (split $member.api_url "/") 2}}
  server {{base .Key}} {{base (replace $sql "@" "/" -1)}} check port {{base (replace $api ":" "/" -1)}}
{{- end}}
{{- end}}
listen primary
  bind :{{getenv "PRIMARY_PORT"}}
  option httpchk GET /primary
  http-check expect status 200
  {{- template "members"}}
listen replicas
  bind :{{getenv "REPLICA_PORT"}}
  option httpchk GET /replica
  http-check expect status 200
  {{- template "members"}}
'
export SIDECAR_CHECK="haproxy -c -f '$HAPROXY_DIR/haproxy.cfg'"
export SIDECAR_RELOAD=SIGUSR2
exec confd-sidecar haproxy -W -db -f "$HAPROXY_DIR/haproxy.cfg"
