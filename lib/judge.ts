/**
 * What is wrong and what is odd about a plan, now that it is known which confd was found.
 *
 * Touches: the file system, reading; confd, through query_confd.ts.
 * @module
 */
import { calledBy, dialectProblems } from "./confd/backends.ts";
import type { FoundConfd } from "./confd/dialect.ts";
import { type Judgement, judgeResources } from "./confd/judgement.ts";
import { readAccounts } from "./host/files/accounts.ts";
import { type QueryOptions, queryVersion } from "./host/processes/query_confd.ts";
import { isLink } from "./host/files/confd_dir.ts";
import type { Plan } from "./prepare.ts";
import { isStaged } from "./settings/settings.ts";

/** A judgement; what is worth knowing; and what the confd that was found calls the backend. */
export interface PlanJudgement extends Judgement {
  readonly notes: readonly string[];
  readonly backend: string;
}

/** Judges a plan. */
export async function judge(
  { settings, files, resources }: Plan,
  found: FoundConfd,
  options: QueryOptions,
): Promise<PlanJudgement> {
  // An early fork has to be asked which it is, where that makes a difference.
  const asks = found.early && settings.backend === "etcdv3";
  const version = asks ? await queryVersion(settings.confdPath, options) : undefined;
  const { name: backend, note } = calledBy(settings.backend, found, version);
  const surroundings = {
    found,
    accounts: readAccounts(),
    staged: isStaged(settings, resources),
    // Where files are written, a link is refused as one that somebody planted.
    isLink: files.length === 0 && isLink(`${settings.confdDir}/conf.d`),
  };
  const judged = [
    dialectProblems(backend, found, settings.nodes),
    judgeResources(resources, surroundings),
  ];
  return {
    problems: judged.flatMap(({ problems }) => problems),
    warnings: judged.flatMap(({ warnings }) => warnings),
    notes: note === undefined ? [] : [note],
    backend,
  };
}
