/**
 * The environment that confd gets: the sidecar's own without what would hurt.
 *
 * The `env` backend shows every variable as a key, so confd never sees bodies of templates. The fork reads some forty
 * `CONFD_*` variables itself; an empty one is fatal to it even where the flag is given, and `CONFD_NOOP` or
 * `CONFD_ONETIME` would slip in unseen.
 *
 * Pure.
 * @module
 */
import { OF_SYSTEMD } from "../settings/hide.ts";
import { nearest } from "../settings/nearest.ts";
import type { Environment } from "../settings/settings.ts";
import { OPTIONS, variablesOf } from "./options.ts";

/** confd's own setting of that name; every other `CONFD_TEMPLATE_*` is a template of ours. */
const CONFDS_OWN = "CONFD_TEMPLATE_CACHE";

/** True for a variable that holds a template or a template resource. */
export function isFileVariable(name: string): boolean {
  return name !== CONFDS_OWN && /^CONFD_(TEMPLATE|CONFDFILE)(_.*)?$/s.test(name);
}

/** Variables of the fork that would change what the sidecar asks for on the command line. */
const DECIDED = variablesOf(({ decidedBy }) => decidedBy);

/** The environment for confd that follows its backend. */
export function confdEnvironment(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => isForConfd(name, value)));
}

/** The environment for confd that makes a dry run: what would spoil that is left out too. */
export function dryRunEnvironment(env: Environment): Environment {
  const spoiling = variablesOf(({ dryRun }) => dryRun);
  return Object.fromEntries(Object.entries(confdEnvironment(env)).filter(([name]) => !spoiling.includes(name)));
}

function isForConfd(name: string, value: string): boolean {
  if (isFileVariable(name) || name.startsWith("SIDECAR_")) return false;
  if (OF_SYSTEMD.includes(name) || DECIDED.includes(name)) return false;
  return !(name.startsWith("CONFD_") && value === "");
}

/** A sentence for each variable of confd's that the sidecar decides and that the user seems to count on. */
export function environmentWarnings(env: Environment): string[] {
  return OPTIONS.flatMap(({ variable, decidedBy }) => {
    if (variable === undefined || !env[variable] || decidedBy === undefined || decidedBy === variable) return [];
    const use = decidedBy.startsWith("SIDECAR_") ? `; set ${decidedBy}` : "";
    return [`${variable} is not handed to confd: the sidecar decides how confd follows its backend${use}`];
  })
    .concat(
      env[CONFDS_OWN]?.includes("\n")
        ? [`${CONFDS_OWN} is a setting of confd itself and no template: give the template another name`]
        : [],
    );
}

/** The variables of the seed, which are ours. */
const OURS = ["CONFD_PATH", "CONFD_CONFDIR", "CONFD_BACKEND", "CONFD_NODE", "CONFD_CONFDFILE", "CONFD_TEMPLATE"];

/** A sentence for each name that is nobody's and near one of ours. */
export function nearNames(env: Environment): string[] {
  return Object.keys(env).filter((name) => name.startsWith("CONFD_") && !isFileVariable(name)).flatMap((name) => {
    const stem = name.replace(/_\d+$/, "");
    const near = OURS.includes(name) ? undefined : nearest(stem, OURS);
    if (near === undefined || CONFDS.includes(name)) return [];
    return [`${name} is a variable of neither the sidecar nor confd; did you mean ${near + name.slice(stem.length)}?`];
  });
}

/** Variables of confd's. */
const CONFDS = variablesOf(() => true);

/** Names that Kubernetes makes for a Service that is called `sidecar`, `confd-template` and the like. */
export function serviceLinks(env: Environment): string[] {
  const names = Object.keys(env);
  const prefixes = names.flatMap((name) => /^((?:SIDECAR|CONFD)(?:_.*)?)_SERVICE_HOST$/.exec(name)?.[1] ?? [])
    .filter((prefix) => names.includes(`${prefix}_SERVICE_PORT`));
  return names.filter((name) =>
    prefixes.some((prefix) =>
      name.startsWith(`${prefix}_`) &&
      /^(?:SERVICE_(?:HOST|PORT\w*)|PORT(?:_\w+)?)$/.test(name.slice(prefix.length + 1))
    )
  );
}
