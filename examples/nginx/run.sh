#!/bin/sh
# nginx in front of a server whose address is a key.
#
# At SIGHUP new workers take over, and the old ones finish their requests. All that nginx reads and writes lies below
# NGINX_DIR, so that it needs no root; what is there already, such as mime.types, stays what it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# To change any of these, set it before.
export NGINX_DIR="${NGINX_DIR=$here/etc}"
export NGINX_PORT="${NGINX_PORT=8080}"
export CONFD_CONFDIR="${CONFD_CONFDIR=$here/confd}"
export CONFD_BACKEND="${CONFD_BACKEND=file}"
export SIDECAR_CONFD_ARGS="${SIDECAR_CONFD_ARGS=--file='$here/keys.yaml'}"
export SIDECAR_VERIFY="${SIDECAR_VERIFY=http://127.0.0.1:$NGINX_PORT/}"
export SIDECAR_VERIFY_TIMEOUT="${SIDECAR_VERIFY_TIMEOUT=5s}"

export CONFD_CONFDFILE_1="nginx.toml
[template]
src = 'nginx.conf.tmpl'
dest = '$NGINX_DIR/nginx.conf'
keys = ['/connections']"
export CONFD_TEMPLATE_1='nginx.conf.tmpl
worker_processes 2;
pid nginx.pid;
error_log stderr;
events { worker_connections {{ getv "/connections" }}; }
http {
  include mime.types;
  include conf.d/*.conf;
  access_log off;
  client_body_temp_path client_body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
}'
export CONFD_CONFDFILE_2="site.toml
[template]
src = 'site.conf.tmpl'
dest = '$NGINX_DIR/conf.d/site.conf'
keys = ['/upstream']"
export CONFD_TEMPLATE_2='site.conf.tmpl
server {
  listen {{ getenv "NGINX_PORT" }};
  location / {
    proxy_pass http://{{ getv "/upstream" }};
    add_header X-Served-By $upstream_addr always;
  }
}'
export SIDECAR_CHECK="nginx -t -e stderr -p '$NGINX_DIR' -c '$NGINX_DIR/nginx.conf'"
export SIDECAR_RELOAD=SIGHUP
# At SIGQUIT nginx finishes its requests before it ends; at SIGTERM it does not.
export SIDECAR_STOP_SIGNAL=SIGQUIT
exec confd-sidecar nginx -e stderr -p "$NGINX_DIR" -c "$NGINX_DIR/nginx.conf" -g 'daemon off;'
