/**
 * What a `reload_cmd` does that the sidecar is there for: it starts the service, or sends signals to process 1.
 *
 * Pure.
 * @module
 */
import type { ReloadWay } from "../settings/reload.ts";
import { splitWords } from "../settings/words.ts";
import type { TemplateResource } from "./resource.ts";

/** What a reload_cmd runs beside. */
export interface Beside {
  /** True if confd renders into a private folder: then no reload_cmd is run. */
  staged: boolean;
  /** The service's program. */
  program: string;
  reload: ReloadWay;
}

/** A sentence for each reload_cmd that will not do what it seems to, or more than that. */
export function reloadCmdWarnings(resources: readonly TemplateResource[], beside: Beside): string[] {
  return resources.flatMap(({ label, reloadCmd, sidecar }) => {
    if (reloadCmd === undefined) return [];
    if (beside.staged) {
      // Who says how the file is reloaded knows that it is not by confd.
      if (sidecar.reload !== undefined) return [];
      return [
        `${label}: its 'reload_cmd' is never run, since files are checked first: it would run before the new files are ` +
        'in place. Write a table [sidecar] below [template] instead, with reload = "exec:COMMAND" in it, or ' +
        "\"exec:sh -c 'COMMAND'\" where it needs a shell",
      ];
    }
    const found = oddities(reloadCmd, beside.program);
    const sentences: string[] = [];
    if (found.has("starts")) {
      sentences.push(
        `${label}: its 'reload_cmd' may start the service itself, which then takes the port of the one that the sidecar ` +
          "starts: take that out",
      );
    }
    if (found.has("signalsProcessOne") && beside.reload.by !== "none") {
      sentences.push(
        `${label}: its 'reload_cmd' sends a signal to process 1, which in a container is the sidecar: the service would ` +
          "be reloaded twice; take that out, or set SIDECAR_RELOAD=none",
      );
    }
    return sentences;
  });
}

/** What is odd about a command beside our own reload. */
type Oddity = "starts" | "signalsProcessOne";

/** Programs that go into the background when they are called without a word that makes them do something else. */
const DAEMONS = [
  "apache2",
  "dnsmasq",
  "haproxy",
  "httpd",
  "keepalived",
  "named",
  "nginx",
  "php-fpm",
  "unbound",
  "varnishd",
];
/** Words with which a daemon's program only sends a signal, checks its configuration, or tells of itself. */
const CONTROL =
  /^(?:-[stTvVkh]|-c(?=$)|--?(?:signal|test|check|version|help|configtest).*|reload|status|check|stop|quit)$/;
/** Programs that start and stop services. */
const MANAGERS = ["service", "systemctl", "rc-service", "supervisorctl", "initctl", "apachectl", "apache2ctl", "sv"];
const STARTING = ["start", "restart", "try-restart", "reload-or-restart", "graceful", "up"];
/** What stands before a command and changes nothing about what it is. */
const PREFIX = /^(?:[A-Za-z_]\w*=.*|exec|sudo|nohup|setsid|env|then|else|do|if|!|\{|\()$/;

/** What is odd about a command for a shell. `program`: the service's. */
function oddities(command: string, program: string): Set<Oddity> {
  const found = new Set<Oddity>();
  const opened = command.replace(/\b(?:ba|da|a)?sh\s+-c\s+(["'])([\s\S]*?)\1/g, "; $2 ;");
  for (const part of opened.split(/&&|\|\||[;&|\n(){}]/)) {
    const words = splitWords(part.trim()) ?? part.trim().split(/\s+/);
    while (PREFIX.test(words[0] ?? "")) words.shift();
    const [name = "", ...args] = words;
    const inner = /(?:^|\/)(?:ba|da|a)?sh$/.test(name) && args[0] === "-c" ? args[1] : undefined;
    if (inner !== undefined) { for (const oddity of oddities(inner, program)) found.add(oddity); }
    if (baseName(name) === "kill" && signalsProcessOne(args)) found.add("signalsProcessOne");
    if (starts(name, args, program)) found.add("starts");
  }
  return found;
}

function starts(name: string, args: readonly string[], program: string): boolean {
  if (MANAGERS.includes(baseName(name)) || name.startsWith("/etc/init.d/")) {
    return args.some((word) => STARTING.includes(word));
  }
  if (baseName(name) === "start-stop-daemon") return args.some((word) => word === "--start" || /^-\w*S/.test(word));
  const isDaemon = baseName(name) === baseName(program) || DAEMONS.includes(baseName(name));
  // `-c` names nginx's configuration, and is a check for haproxy.
  const isControl = (word: string) => CONTROL.test(word) && !(word === "-c" && baseName(name) !== "haproxy");
  return isDaemon && !args.some(isControl);
}

/** `kill -1 7` sends the signal 1 to the process 7. */
function signalsProcessOne(args: readonly string[]): boolean {
  const takesValue = args[0] === "-s" || args[0] === "-n";
  return args.slice(takesValue ? 2 : 0).includes("1");
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
