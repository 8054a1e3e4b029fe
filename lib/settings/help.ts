/**
 * The help.
 *
 * Pure.
 * @module
 */
import { USAGE_LINE } from "./command_line.ts";
import { ASKING, EXAMPLE, type Line, OPTIONS, STATUSES, SUMMARY, VARIABLES } from "./manual.ts";

/** The widest line. */
const WIDTH = 80;

/** What `--help` prints. */
export function helpText(): string {
  return [
    ...wrapped(SUMMARY, WIDTH),
    "",
    USAGE_LINE,
    "",
    ...terms(OPTIONS, 16),
    "",
    ...wrapped(
      "These ask the sidecar that runs in the same container, over its control socket (status 0: done, or well; 1: no; " +
        "69: nobody answers):",
      WIDTH,
    ),
    "",
    ...terms(ASKING, 16),
    "",
    "Everything else is set by environment variables (defaults in brackets):",
    "",
    ...terms(VARIABLES, 23),
    "",
    "Exit status: the service's; 128 + n if signal n ended it; else",
    "",
    ...terms(STATUSES, 5),
    "",
    "Example:",
    "",
    ...EXAMPLE.split("\n").map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** Terms at the left, and what they mean in a column of its own. */
function terms(lines: readonly Line[], width: number): string[] {
  return lines.flatMap(([term, says]) => {
    const [first, ...more] = wrapped(says, WIDTH - width - 2);
    const head = term.length < width ? [`  ${term.padEnd(width)}${first}`] : [`  ${term}`, `${blank(width)}${first}`];
    return [...head, ...more.map((line) => blank(width) + line)];
  });
}

function blank(width: number): string {
  return " ".repeat(width + 2);
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
