#!/bin/sh
# nginx with a certificate that is reloaded, and a number of workers for which nginx is started anew.
#
# At SIGHUP nginx reads certificates again, and a renewed one costs no connection. Here the main file is said to want a
# restart, as some of what stands in such files does with any server.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export NGINX_DIR="${NGINX_DIR=$here/etc}"
export NGINX_PORT="${NGINX_PORT=8443}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"

export CONFD_CONFDFILE_1="nginx.toml
[template]
src = 'nginx.conf.tmpl'
dest = '$NGINX_DIR/nginx.conf'
keys = ['/workers']
[sidecar]
reload = 'restart'"
export CONFD_TEMPLATE_1='nginx.conf.tmpl
worker_processes {{ getv "/workers" }};
pid nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path client_body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen {{ getenv "NGINX_PORT" }} ssl;
    ssl_certificate tls.pem;
    ssl_certificate_key tls.pem;
    location / { return 200 "served\n"; }
  }
}'
# Certificate and key in one file, for its owner alone. SIDECAR_RELOAD serves it.
export CONFD_CONFDFILE_2="tls.toml
[template]
src = 'tls.pem.tmpl'
dest = '$NGINX_DIR/tls.pem'
keys = ['/certificate']
mode = '0600'"
export CONFD_TEMPLATE_2='tls.pem.tmpl
{{ getv "/certificate" }}'
export SIDECAR_CHECK="nginx -t -e stderr -p '$NGINX_DIR' -c '$NGINX_DIR/nginx.conf'"
export SIDECAR_RELOAD=SIGHUP
export SIDECAR_STOP_SIGNAL=SIGQUIT
exec confd-sidecar nginx -e stderr -p "$NGINX_DIR" -c "$NGINX_DIR/nginx.conf" -g 'daemon off;'
