/**
 * The help and the version.
 *
 * Pure.
 * @module
 */

/** The version of this program; a test holds it against deno.json. */
export const VERSION = "1.0.0";

/** What `--help` prints. */
export const HELP = `confd-sidecar: runs a service, and reloads it when confd has changed its configuration files

    confd-sidecar [option] [--] PROGRAM [ARG...]

      --help       print this and end
      --version    print the version and end

Everything else is told by environment variables:

    CONFD_PATH, CONFD_CONFDIR              the confd program, and its configuration folder (confd, /etc/confd)
    CONFD_BACKEND, CONFD_NODE              where the keys are (consul, and its default node)
    CONFD_CONFDFILE, CONFD_CONFDFILE_1...  a template resource: first line its file name, the rest its content
    CONFD_TEMPLATE, CONFD_TEMPLATE_1...    a template, likewise
    SIDECAR_CONFD_ARGS                     more words for confd's command line
    SIDECAR_CONFD_INTERVAL                 how often a backend is polled, or its watch looked after (60s)
    SIDECAR_CONFD_EXIT                     when confd ends by itself: restart it, or stop everything (restart)
    SIDECAR_SETTLE, SIDECAR_SETTLE_MAX     quiet time before a start or reload, and its limit (1s, 10s)
    SIDECAR_CHECK                          command that must succeed on new files before they are put in place
    SIDECAR_VERIFY                         what must hold after a reload: exec:WORDS, tcp:HOST:PORT or an http address
    SIDECAR_VERIFY_TIMEOUT                 how long that may take to come true (30s)
    SIDECAR_SPLAY                          upper bound of a random delay added to each reload (0)
    SIDECAR_RELOAD                         a signal, restart, none, exec:WORDS or an http address (SIGHUP)
    SIDECAR_RELOAD_TIMEOUT                 limit of an exec: or http reload (30s)
    SIDECAR_START_TIMEOUT                  the longest wait for the first complete rendering (0: no limit)
    SIDECAR_START                          start on rendered files only, or on the last-good ones (rendered)
    SIDECAR_STATE                          private folder (.confd-sidecar in CONFD_CONFDIR)
    SIDECAR_EMPTY                          an empty rendering where a file had content: hold or allow (hold)
    SIDECAR_DIFF                           log what changed: none, masked (values hidden), full (none)
    SIDECAR_STOP_SIGNAL                    what tells the service to stop (SIGTERM)
    SIDECAR_STOP_ON                        signals to the sidecar that stop it (SIGTERM,SIGINT)
    SIDECAR_STOP_TIMEOUT                   after that it is killed (30s; 0: never)
    SIDECAR_SIGNALS                        signals rewritten on their way: SIGTERM=SIGQUIT,SIGUSR1=none
    SIDECAR_RESTART, SIDECAR_RESTART_MAX   the service ends by itself: never, on-failure, always (never, 5 in a row)
    SIDECAR_ENV_HIDE                       names, '*' allowed, that the service does not get to see
    SIDECAR_LOG_LEVEL, SIDECAR_LOG_FORMAT  debug, info, warn, error (info); text, json (text)

Example:

    export CONFD_BACKEND=file SIDECAR_CONFD_ARGS=--file=/srv/keys.yaml
    export CONFD_CONFDFILE_1='prometheus.toml
    [template]
    src = "prometheus.yml.tmpl"
    dest = "/etc/prometheus/prometheus.yml"
    keys = ["/prometheus"]'
    export CONFD_TEMPLATE_1='prometheus.yml.tmpl
    {{ getv "/prometheus/configfile" }}'
    confd-sidecar prometheus --config.file=/etc/prometheus/prometheus.yml
`;
