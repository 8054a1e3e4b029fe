# Prometheus under confd-sidecar on Nomad:
#
#   nomad var put nomad/jobs/prometheus consul_token=@consul_token
#   nomad job run nomad.hcl
#
# HCL looks for ${...} and %{...}, in here-documents too: '$${1}' is what gives '${1}'. '{{ }}' means nothing in 'env',
# but all the more in a 'template' block: keep confd's templates out of those.
job "prometheus" {
  group "prometheus" {
    network {
      port "http" {
        to = 9090
      }
    }

    # A host volume of the client, whose folder belongs to user 65534.
    volume "prometheus" {
      type   = "host"
      source = "prometheus"
    }

    service {
      name     = "prometheus"
      port     = "http"
      provider = "nomad"

      check {
        type     = "http"
        path     = "/-/ready"
        interval = "10s"
        timeout  = "2s"
      }
    }

    update {
      healthy_deadline  = "5m"
      progress_deadline = "10m"
      auto_revert       = true
    }

    task "prometheus" {
      driver = "docker"
      user   = "65534:65534"

      # Nomad's own are SIGINT and 5 seconds. More than 30 need a higher max_kill_timeout on the clients.
      kill_signal  = "SIGTERM"
      kill_timeout = "30s"

      config {
        image           = "registry.example.com/prometheus-sidecar:1.0.0"
        args            = ["prometheus", "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
        ports           = ["http"]
        readonly_rootfs = true
        cap_drop        = ["all"]
        security_opt    = ["no-new-privileges"]

        # The mode is decimal here: 1023 is 01777.
        mount {
          type   = "tmpfs"
          target = "/etc/confd"
          tmpfs_options {
            size = 1048576
            mode = 1023
          }
        }
        mount {
          type   = "tmpfs"
          target = "/etc/prometheus"
          tmpfs_options {
            size = 16777216
            mode = 1023
          }
        }
      }

      volume_mount {
        volume      = "prometheus"
        destination = "/prometheus"
      }

      # This template is Nomad's: it writes the token to a file that only the task's user can read.
      template {
        destination = "${NOMAD_SECRETS_DIR}/consul_token"
        data        = "{{ with nomadVar \"nomad/jobs/prometheus\" }}{{ .consul_token }}{{ end }}"
        perms       = "0400"
        uid         = 65534
        gid         = 65534
        change_mode = "restart"
      }

      env {
        CONFD_BACKEND          = "consul"
        CONFD_NODE             = "consul.service.consul:8500"
        CONSUL_HTTP_TOKEN_FILE = "/secrets/consul_token"

        CONFD_CONFDFILE_1 = <<-EOT
          prometheus.toml
          [template]
          src = "prometheus.yml.tmpl"
          dest = "/etc/prometheus/prometheus.yml"
          keys = ["/prometheus/config/nodes"]
        EOT

        CONFD_TEMPLATE_1 = <<-EOT
          prometheus.yml.tmpl
          scrape_configs:
            - job_name: node
              static_configs:
                - targets: {{ getv "/prometheus/config/nodes" }}
              relabel_configs:
                - source_labels: [__address__]
                  regex: "(.*):9100"
                  target_label: instance
                  replacement: "$${1}"
        EOT

        SIDECAR_CHECK        = "promtool check config /etc/prometheus/prometheus.yml"
        SIDECAR_VERIFY       = "http://127.0.0.1:9090/-/ready"
        SIDECAR_START        = "last-good"
        SIDECAR_STATE        = "/prometheus/confd-sidecar"
        SIDECAR_STOP_TIMEOUT = "20s"
      }

      resources {
        cpu    = 500
        memory = 2048
      }
    }
  }
}
