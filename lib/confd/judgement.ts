/**
 * What the confd that was found makes of template resources, for the user that it runs as: what it would never render is
 * a problem, and what it does otherwise than it seems a warning.
 *
 * Seen with confd 0.16.0, and the maintained fork's 0.30.0 and 0.41.1.
 *
 * Pure: what is on disk comes in as values.
 * @module
 */
import { commandFault } from "./command_template.ts";
import { type FoundConfd, nameOf } from "./dialect.ts";
import { quote, type TemplateResource } from "./resource.ts";
import { isKnownTo, TEMPLATE_KEYS } from "./template_keys.ts";

/** Sentences about what is wrong, and about what is odd. */
export interface Judgement {
  problems: string[];
  warnings: string[];
}

/** Users and groups by name, and whom this process may give a file to. */
export interface Accounts {
  users: ReadonlyMap<string, number>;
  groups: ReadonlyMap<string, number>;
  /** Undefined stands for this process's own. */
  mayGiveTo: (uid: number | undefined, gid: number | undefined) => boolean;
}

/** What resources are judged by. */
export interface Surroundings {
  found: FoundConfd;
  accounts: Accounts;
  /** True if confd renders into a private folder. */
  staged: boolean;
  /** True if `conf.d` is a symbolic link. */
  isLink: boolean;
}

/** Judges all resources. */
export function judgeResources(resources: readonly TemplateResource[], surroundings: Surroundings): Judgement {
  const { found, isLink, staged } = surroundings;
  const problems: string[] = [];
  // A private folder has a conf.d of its own.
  if (isLink && !staged && found.dialect === "classic" && !found.early) {
    problems.push(
      "CONFD_CONFDIR: its conf.d is a symbolic link, and the confd found, the classic one, does not look into that: " +
        "make it a folder",
    );
  }
  const judged = resources.map((resource) => judgeResource(resource, surroundings));
  return {
    problems: [...problems, ...judged.flatMap(({ problems }) => problems)],
    warnings: judged.flatMap(({ warnings }) => warnings),
  };
}

function judgeResource(resource: TemplateResource, surroundings: Surroundings): Judgement {
  const judged: Judgement = { problems: [], warnings: [] };
  judgeKeys(resource, surroundings, judged);
  judgeOwner(resource, surroundings, judged);
  judgeCommands(resource, surroundings, judged);
  return judged;
}

function judgeKeys({ label, values }: TemplateResource, { found }: Surroundings, judged: Judgement): void {
  for (const [name, value] of values) {
    const key = Object.hasOwn(TEMPLATE_KEYS, name) ? TEMPLATE_KEYS[name] : undefined;
    if (key?.knownTo === undefined) continue;
    const wanted = key.check(value);
    if (!isKnownTo(key, found)) {
      judged.warnings.push(`${label}: the confd found, ${nameOf(found)}, does not know '${name}', and ignores it`);
    } else if (wanted !== undefined) {
      judged.problems.push(`${label}: '${name}' is ${quote(value)}; wanted is ${wanted}`);
    }
  }
}

function judgeOwner({ label, values }: TemplateResource, surroundings: Surroundings, judged: Judgement): void {
  const { found, accounts } = surroundings;
  const idOf = (key: "uid" | "gid", nameKey: "owner" | "group", known: ReadonlyMap<string, number>) => {
    const id = values.get(key);
    // confd has -1 as not set.
    if (typeof id === "bigint" && id !== -1n) return Number(id);
    const name = values.get(nameKey);
    if (typeof name !== "string" || name === "" || !isKnownTo(TEMPLATE_KEYS[nameKey], found)) return undefined;
    if (!known.has(name)) {
      const [kind, file] = nameKey === "owner" ? ["user", "/etc/passwd"] : ["group", "/etc/group"];
      judged.problems.push(
        `${label}: '${nameKey}' is ${
          quote(name)
        }, and ${file} has no ${kind} of that name: confd would never render the file`,
      );
    }
    return known.get(name);
  };
  const uid = idOf("uid", "owner", accounts.users);
  const gid = idOf("gid", "group", accounts.groups);
  if (accounts.mayGiveTo(uid, gid)) return;
  const wanted = [uid === undefined ? [] : `user ${uid}`, gid === undefined ? [] : `group ${gid}`].flat().join(" and ");
  const cannot = `${label}: the file is to belong to ${wanted}, and this process may not give it away`;
  if (found.dialect === "fork") judged.problems.push(`${cannot}: confd would never render it`);
  else judged.warnings.push(`${cannot}: it will belong to the user that the sidecar runs as`);
}

function judgeCommands(resource: TemplateResource, { found, staged }: Surroundings, judged: Judgement): void {
  const { label, checkCmd, reloadCmd } = resource;
  const check = checkCmd === undefined ? undefined : commandFault(checkCmd, ["src"]);
  if (check?.always) judged.problems.push(`${label}: 'check_cmd' would always fail: ${check.fault}`);
  else if (check !== undefined) judged.warnings.push(`${label}: 'check_cmd': ${check.fault}`);
  if (reloadCmd === undefined || staged) return;
  if (found.dialect === "classic") {
    if (!/\{\{/.test(reloadCmd)) return;
    judged.warnings.push(`${label}: 'reload_cmd' has '{{' in it: the confd found fills in nothing there`);
    return;
  }
  const reload = commandFault(reloadCmd, ["src", "dest"]);
  if (reload === undefined) return;
  // The fork reads the command when it starts, and refuses the resource.
  if (reload.malformed) {
    judged.problems.push(`${label}: 'reload_cmd': ${reload.fault}: confd would never render the file`);
  } else judged.warnings.push(`${label}: 'reload_cmd': ${reload.fault}`);
}
