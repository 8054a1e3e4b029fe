/**
 * What is wrong and what is odd about a plan, now that it is known which confd was found.
 *
 * Touches: the file system, reading.
 * @module
 */
import { dialectProblems } from "./confd/backends.ts";
import type { FoundConfd } from "./confd/dialect.ts";
import { type Judgement, judgeResources } from "./confd/judgement.ts";
import { readAccounts } from "./host/files/accounts.ts";
import { isLink } from "./host/files/confd_dir.ts";
import type { Plan } from "./prepare.ts";
import { isStaged } from "./settings/settings.ts";

/** Judges a plan. */
export function judge({ settings, files, resources }: Plan, found: FoundConfd): Judgement {
  const surroundings = {
    found,
    accounts: readAccounts(),
    staged: isStaged(settings),
    // Where files are written, a link is refused as one that somebody planted.
    isLink: files.length === 0 && isLink(`${settings.confdDir}/conf.d`),
  };
  const judged = [
    dialectProblems(settings.backend, found, settings.nodes),
    judgeResources(resources, surroundings),
  ];
  return {
    problems: judged.flatMap(({ problems }) => problems),
    warnings: judged.flatMap(({ warnings }) => warnings),
  };
}
