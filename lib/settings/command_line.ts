/**
 * The command line: `confd-sidecar [option] [--] PROGRAM [ARG...]`.
 *
 * Modes are options and not sub-commands, so that a program named `check` can still be run. Everything from the first
 * word that is no option belongs to PROGRAM and is passed on exactly as given.
 *
 * Pure.
 * @module
 */
import { type Asking, ASKING_OPTIONS, parseAsking } from "./client.ts";
import { didYouMean } from "./nearest.ts";

/** What the command line asks for. */
export type Command =
  | { mode: "run"; program: string; args: string[] }
  | { mode: "help" | "version" | "printConfig" | "once" | "dryRun" }
  /** Asks the sidecar that runs beside this one. */
  | { mode: "ask"; asking: Asking }
  /** PROGRAM may be left out. */
  | { mode: "checkConfig"; program?: string }
  /** Without a program, the user may not know what this is. */
  | { mode: "misuse"; problem: string; needsHelp?: boolean };

/** The first line of the usage. */
export const USAGE_LINE = "usage: confd-sidecar [option] [--] PROGRAM [ARG...]";

const MODES: Record<string, Command> = {
  "--help": { mode: "help" },
  "-h": { mode: "help" },
  "--version": { mode: "version" },
  "--check-config": { mode: "checkConfig" },
  "--print-config": { mode: "printConfig" },
  "--once": { mode: "once" },
  "--dry-run": { mode: "dryRun" },
};
/** What other programs call these. */
const OTHER_NAMES: Record<string, string> = { "-V": "--version", "-v": "--version", "-?": "--help" };

/** Reads the command line, without the name of the executable. */
export function parseCommandLine(argv: readonly string[]): Command {
  let first = 0;
  if (argv[0] !== undefined && argv[0].startsWith("-") && argv[0] !== "--" && argv[0] !== "-") {
    const asking = parseAsking(argv);
    if (typeof asking === "string") return { mode: "misuse", problem: asking };
    if (asking !== undefined) return { mode: "ask", asking };
    const mode = Object.hasOwn(MODES, argv[0]) ? MODES[argv[0]] : undefined;
    if (mode === undefined) return { mode: "misuse", problem: unknownOption(argv[0]) };
    if ((mode.mode === "once" || mode.mode === "dryRun") && argv.length > 1) {
      return { mode: "misuse", problem: `${argv[0]} renders files and runs no program: nothing may follow it` };
    }
    return mode.mode === "checkConfig" ? { ...mode, program: argv.slice(1).find((word) => word !== "--") } : mode;
  }
  if (argv[0] === "--") first = 1;
  const [program, ...args] = argv.slice(first);
  if (program === undefined) return { mode: "misuse", problem: "no program to run was given", needsHelp: true };
  if (program === "") return { mode: "misuse", problem: 'the program to run is an empty word: ""' };
  return { mode: "run", program, args };
}

function unknownOption(word: string): string {
  const other = Object.hasOwn(OTHER_NAMES, word) ? OTHER_NAMES[word] : undefined;
  const hint = other === undefined
    ? didYouMean(word, [...Object.keys(MODES), ...ASKING_OPTIONS])
    : `; did you mean "${other}"?`;
  return `${JSON.stringify(word)} is not an option of confd-sidecar${hint}`;
}
