/**
 * The command line: `confd-sidecar [option] [--] PROGRAM [ARG...]`.
 *
 * Modes are options and not sub-commands, so that a program named `check` can still be run. Everything from the first
 * word that is no option belongs to PROGRAM and is passed on exactly as given.
 *
 * Pure.
 * @module
 */
import { didYouMean } from "./nearest.ts";

/** What the command line asks for. */
export type Command =
  | { mode: "run"; program: string; args: string[] }
  | { mode: "help" | "version" }
  | { mode: "misuse"; problem: string };

const MODES: Record<string, Command> = {
  "--help": { mode: "help" },
  "-h": { mode: "help" },
  "--version": { mode: "version" },
};

/** Reads the command line, without the name of the executable. */
export function parseCommandLine(argv: readonly string[]): Command {
  let first = 0;
  if (argv[0] !== undefined && argv[0].startsWith("-") && argv[0] !== "--" && argv[0] !== "-") {
    return MODES[argv[0]] ?? {
      mode: "misuse",
      problem: `${JSON.stringify(argv[0])} is not an option of confd-sidecar` + didYouMean(argv[0], Object.keys(MODES)),
    };
  }
  if (argv[0] === "--") first = 1;
  const [program, ...args] = argv.slice(first);
  if (program === undefined) return { mode: "misuse", problem: "no program to run was given" };
  if (program === "") return { mode: "misuse", problem: 'the program to run is an empty word: ""' };
  return { mode: "run", program, args };
}
