#!/usr/bin/env bash
# Prometheus under confd-sidecar with plain Docker. The token is a file that user 65534 may read:
#
#   install -D -o 65534 -g 65534 -m 0400 consul_token /etc/prometheus-sidecar/consul_token
set -euo pipefail

docker run --detach --name prometheus --restart unless-stopped \
  --stop-timeout 30 \
  --user 65534:65534 --read-only --cap-drop ALL --security-opt no-new-privileges \
  --publish 9090:9090 \
  --tmpfs /etc/confd:uid=65534,gid=65534,mode=0700,size=1m \
  --tmpfs /etc/prometheus:uid=65534,gid=65534,mode=0755,size=16m \
  --mount type=volume,source=prometheus,target=/prometheus \
  --mount type=bind,source=/etc/prometheus-sidecar/consul_token,target=/run/secrets/consul_token,readonly \
  --env CONFD_BACKEND=consul \
  --env CONFD_NODE=consul.example.com:8500 \
  --env CONSUL_HTTP_TOKEN_FILE=/run/secrets/consul_token \
  --env CONFD_CONFDFILE_1='prometheus.toml
[template]
src = "prometheus.yml.tmpl"
dest = "/etc/prometheus/prometheus.yml"
keys = ["/prometheus/config/nodes"]
' \
  --env CONFD_TEMPLATE_1='prometheus.yml.tmpl
scrape_configs:
  - job_name: node
    static_configs:
      - targets: {{ getv "/prometheus/config/nodes" }}
    relabel_configs:
      - source_labels: [__address__]
        regex: "(.*):9100"
        target_label: instance
        replacement: "${1}"
' \
  --env SIDECAR_CHECK='promtool check config /etc/prometheus/prometheus.yml' \
  --env SIDECAR_VERIFY=http://127.0.0.1:9090/-/ready \
  --env SIDECAR_START=last-good \
  --env SIDECAR_STATE=/prometheus/confd-sidecar \
  --env SIDECAR_STOP_TIMEOUT=20s \
  registry.example.com/prometheus-sidecar:1.0.0 \
  prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/prometheus
