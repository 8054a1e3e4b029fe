#!/bin/sh
# Prometheus with targets and a rule that are keys.
#
# Two files: the second is named by the first, relative to it, and promtool looks at both before either goes live.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export PROMETHEUS_DIR="${PROMETHEUS_DIR=$here/etc}"
export PROMETHEUS_DATA="${PROMETHEUS_DATA=$here/data}"
export PROMETHEUS_ADDRESS="${PROMETHEUS_ADDRESS=127.0.0.1:9090}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"
export SIDECAR_VERIFY="${SIDECAR_VERIFY=http://$PROMETHEUS_ADDRESS/-/ready}"
# A database of some size takes longer than this to be ready.
export SIDECAR_VERIFY_TIMEOUT="${SIDECAR_VERIFY_TIMEOUT=5s}"

export CONFD_CONFDFILE_1="prometheus.toml
[template]
src = 'prometheus.yml.tmpl'
dest = '$PROMETHEUS_DIR/prometheus.yml'
keys = ['/targets']"
export CONFD_TEMPLATE_1='prometheus.yml.tmpl
rule_files: [rules.yml]
scrape_configs:
  - job_name: node
    static_configs: [{ targets: {{ getv "/targets" }} }]'
export CONFD_CONFDFILE_2="rules.toml
[template]
src = 'rules.yml.tmpl'
dest = '$PROMETHEUS_DIR/rules.yml'
keys = ['/alert']"
export CONFD_TEMPLATE_2='rules.yml.tmpl
groups:
  - name: nodes
    rules:
      - alert: NodeDown
        expr: {{ getv "/alert" }}'
export SIDECAR_CHECK="promtool check config '$PROMETHEUS_DIR/prometheus.yml'"
export SIDECAR_RELOAD=SIGHUP
exec confd-sidecar prometheus --config.file="$PROMETHEUS_DIR/prometheus.yml" \
  --storage.tsdb.path="$PROMETHEUS_DATA" --web.listen-address="$PROMETHEUS_ADDRESS"
