/**
 * What the help and the man page say of each option, setting and exit status: the one table for both.
 *
 * Pure.
 * @module
 */

/** A term, and what it means. */
export type Line = readonly [term: string, says: string];

/** What this program is, in a sentence. */
export const SUMMARY =
  "confd-sidecar runs a service under confd: it starts the service once its configuration files are " +
  "rendered, and reloads it when confd has changed them.";

/** Options of a run, and those that end at once. */
export const OPTIONS: readonly Line[] = [
  ["--help", "print this and end"],
  ["--version", "print the version and end"],
  [
    "--check-config",
    "check the configuration, start and write nothing, print what would be done; PROGRAM may be left out",
  ],
  ["--once", "render, check and put the files in place, and end; no PROGRAM"],
  ["--dry-run", "render and check, put nothing in place, print the difference"],
  ["--print-config", "print every setting in force, without secrets"],
];

/** Options that ask the sidecar that runs in the same container. */
export const ASKING: readonly Line[] = [
  ["--status", "what it does; --status=json for programs"],
  ["--healthcheck", "whether the service is ready; --healthcheck=live: whether the sidecar answers"],
  ["--reload", "reload the service, even if nothing has changed"],
  ["--restart", "restart the service"],
  ["--hold[=30m]", "let changes wait, for so long or until --release; a reason may follow"],
  ["--release", "let them go, and give up a turn that is kept in the fleet"],
  ["--rollback", "go back to the configuration before this one"],
  ["--fleet-status", "who waits for a turn in the fleet, and who has one; --fleet-status=json for programs"],
];

/** Every setting, with its default in brackets. `[_x]`: there may be several. */
export const VARIABLES: readonly Line[] = [
  ["CONFD_PATH", "the confd program (confd)"],
  ["CONFD_CONFDIR", "its configuration folder (/etc/confd)"],
  ["CONFD_BACKEND", "where the keys are (consul)"],
  ["CONFD_NODE", "the backend's node or nodes (its default)"],
  ["CONFD_CONFDFILE[_x]", "a template resource: first line its file's name, the rest its content"],
  ["CONFD_TEMPLATE[_x]", "a template, likewise"],
  ["SIDECAR_CONFD_ARGS", "more words for confd's command line"],
  ["SIDECAR_CONFD_INTERVAL", "how often a backend is polled, or a watch checked (60s)"],
  ["SIDECAR_CONFD_EXIT", "confd ends by itself: restart it, or stop (restart)"],
  ["SIDECAR_SETTLE", "quiet time before a start or reload (1s)"],
  ["SIDECAR_SETTLE_MAX", "the longest that changes can put one off (10s)"],
  ["SIDECAR_SPLAY", "upper bound of a random delay of each reload (0)"],
  ["SIDECAR_CHECK", "command that new files must pass to be put in place"],
  ["SIDECAR_VERIFY", "what must hold after a reload: exec:WORDS, tcp:HOST:PORT or an http address"],
  ["SIDECAR_VERIFY_TIMEOUT", "how long that may take to come true (30s)"],
  ["SIDECAR_RELOAD", "a signal, restart, none, exec:WORDS or an http address (SIGHUP)"],
  ["SIDECAR_RELOAD_TIMEOUT", "limit of an exec: or http reload (30s)"],
  ["SIDECAR_START", "start on rendered files only, or on the last-good ones (rendered)"],
  ["SIDECAR_START_TIMEOUT", "the longest wait for complete files (0: no limit)"],
  ["SIDECAR_STATE", "private folder (.confd-sidecar in CONFD_CONFDIR)"],
  ["SIDECAR_EMPTY", "an empty rendering of a file: hold or allow (hold)"],
  ["SIDECAR_DIFF", "log what changed: none, masked, full (none)"],
  ["SIDECAR_STOP_SIGNAL", "what tells the service to stop (SIGTERM)"],
  ["SIDECAR_STOP_ON", "signals that stop the sidecar (SIGTERM,SIGINT)"],
  ["SIDECAR_STOP_TIMEOUT", "after that the service is killed (30s; 0: never)"],
  ["SIDECAR_SIGNALS", "signals rewritten on their way: SIGTERM=SIGQUIT"],
  ["SIDECAR_RESTART", "the service ends by itself: never, on-failure, always (never)"],
  ["SIDECAR_RESTART_MAX", "restarts in a row before giving up (5)"],
  ["SIDECAR_ENV_HIDE", "names, * allowed, that the service does not get to see"],
  ["SIDECAR_LISTEN", "[HOST]:PORT of the HTTP endpoint, for probes, metrics and status (off)"],
  ["SIDECAR_READY", "ready while running, or strict: nothing refused, pending or stale either (running)"],
  ["SIDECAR_SOCKET", "path of the control socket, or off (control.sock in SIDECAR_STATE)"],
  [
    "SIDECAR_FLEET",
    "where a fleet takes turns to reload (off): etcd://HOST:PORT/PREFIX?n=N, consul://..., or fleetlock+http://HOST/GROUP",
  ],
  ["SIDECAR_FLEET_ID", "this member's name in it (the host's name)"],
  ["SIDECAR_FLEET_TOKEN_FILE", "file with a token, or user:password, for its store"],
  ["SIDECAR_FLEET_TIMEOUT", "the longest wait for a turn (0: no limit)"],
  ["SIDECAR_LOG_LEVEL", "debug, info, warn, error (info)"],
  ["SIDECAR_LOG_FORMAT", "text, json (text)"],
];

/** Exit statuses, but for the service's own. */
export const STATUSES: readonly Line[] = [
  ["64", "wrong command line"],
  ["69", "confd kept ending before the service was started, or no complete files came in time"],
  ["70", "a fault of confd-sidecar itself"],
  ["73", "a file or folder could not be written"],
  ["78", "invalid settings or files"],
  ["126", "PROGRAM or confd cannot be executed"],
  ["127", "PROGRAM or confd is not found"],
];

/** A whole example. */
export const EXAMPLE = `export CONFD_BACKEND=file SIDECAR_CONFD_ARGS=--file=/srv/keys.yaml
export CONFD_CONFDFILE_1='prometheus.toml
[template]
src = "prometheus.yml.tmpl"
dest = "/etc/prometheus/prometheus.yml"
keys = ["/prometheus"]'
export CONFD_TEMPLATE_1='prometheus.yml.tmpl
{{ getv "/prometheus/configfile" }}'
confd-sidecar prometheus --config.file=/etc/prometheus/prometheus.yml`;
