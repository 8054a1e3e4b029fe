/**
 * What a recipe for a part is, and what its making comes to.
 *
 * Touches: processes, to see whether a binary runs.
 * @module
 */
import { type Outcome, runQuietly } from "./commands.ts";
import type { PartName } from "./parts.ts";

/** A way to make a part. */
export interface Recipe {
  name: PartName;
  /** Empty where nobody chooses it. */
  version: string;
  /** Says what the part is made from; it changes whenever the part would. */
  stamp: string;
  /** What is done to get the part, for the line that says so. */
  how: string;
  /** What to do about a part that is not available. */
  advice: string;
  /** Whether setup has failed without this part. */
  required: boolean;
  /** True where the Go tool chain makes it. */
  go: boolean;
  /** Makes the part in an empty folder of its own; returns the path of the binary. */
  make(folder: string): Promise<Made>;
}

/** A binary that is ready to be moved to its place; or what went wrong. */
export type Made = Ready | { tried: string; problem: string };

/** A binary that is ready to be moved to its place. */
export interface Ready {
  path: string;
  version?: string;
  /** A folder that goes with it, see `homeOf` in parts.ts. */
  home?: string;
}

/** How a binary is asked whether it runs. */
export interface Proof {
  /** The word that makes it print its version. */
  flag: string;
  /** What it then says, for a program that ends badly even so; without this, it has to end well. */
  says?: RegExp;
  env?: Record<string, string>;
}

/** A binary counts only if it runs here: another architecture or a missing library is better seen now. */
export async function proven(path: string, { flag, says, env }: Proof): Promise<Made> {
  const ran = await runQuietly([path, flag], { env, timeoutMs: 60_000 });
  return ran.ok || says?.test(ran.text) ? { path } : failure(ran);
}

/** What is told of a command that failed. */
export function failure({ tried, text }: Outcome): Made {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return { tried, problem: lines.slice(-4).join(" / ") };
}
