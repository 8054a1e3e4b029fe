#!/bin/sh
# dnsmasq that answers for the hosts that are keys: /hosts/NAME is the address of NAME.
#
# At SIGHUP dnsmasq reads its files of hosts anew (--addn-hosts, and so --dhcp-hostsfile and --servers-file), but
# neither its own configuration file nor its command line. A line that it does not understand is passed over, with a
# word in the log.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export DNSMASQ_DIR="${DNSMASQ_DIR=$here/etc}"
export DNSMASQ_PORT="${DNSMASQ_PORT=5353}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"
export SIDECAR_VERIFY="${SIDECAR_VERIFY=tcp:127.0.0.1:$DNSMASQ_PORT}"
export SIDECAR_VERIFY_TIMEOUT="${SIDECAR_VERIFY_TIMEOUT=5s}"

export CONFD_CONFDFILE_1="hosts.toml
[template]
src = 'hosts.tmpl'
dest = '$DNSMASQ_DIR/hosts'
keys = ['/hosts']"
export CONFD_TEMPLATE_1='hosts.tmpl
{{ range gets "/hosts/*" }}{{ .Value }} {{ base .Key }}
{{ end }}'
export SIDECAR_RELOAD=SIGHUP
# --conf-file= reads no other file, --user= stays the user that one is, --pid-file= writes none.
exec confd-sidecar dnsmasq --keep-in-foreground --conf-file= --user= --pid-file= --log-facility=- \
  --no-resolv --no-hosts --addn-hosts="$DNSMASQ_DIR/hosts" \
  --listen-address=127.0.0.1 --bind-interfaces --port="$DNSMASQ_PORT"
