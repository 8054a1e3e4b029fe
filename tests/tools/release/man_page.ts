/**
 * confd-sidecar(1), from the same table as `--help`.
 *
 * Pure.
 * @module
 */
import { USAGE_LINE } from "../../../lib/settings/command_line.ts";
import { ASKING, EXAMPLE, type Line, OPTIONS, STATUSES, SUMMARY, VARIABLES } from "../../../lib/settings/manual.ts";

/** The page, in roff: man-pages(7), groff_man(7). `date`: of the release, `2026-11-25`. */
export function manPage({ version, date }: { version: string; date: string }): string {
  return [
    `.TH CONFD-SIDECAR 1 ${date} "confd-sidecar ${version}" "User Commands"`,
    ".SH NAME",
    "confd-sidecar \\- run a service under confd, and reload it when its files have changed",
    ".SH SYNOPSIS",
    `.B ${escaped(USAGE_LINE.replace(/^usage: /, ""))}`,
    ".SH DESCRIPTION",
    escaped(SUMMARY),
    ".SH OPTIONS",
    ...terms(OPTIONS),
    ".SS Asking a sidecar that runs",
    "These ask the sidecar that runs in the same container, over its control socket. Their status is 0 for done or well, " +
    "1 for no, and 69 where nobody answers.",
    ...terms(ASKING),
    ".SH ENVIRONMENT",
    "Everything else is set by environment variables. Their defaults are in brackets.",
    ...terms(VARIABLES),
    ".SH EXIT STATUS",
    "The service's; 128 + n if signal n ended it; else",
    ...terms(STATUSES),
    ".SH EXAMPLES",
    ".EX",
    ...EXAMPLE.split("\n").map(escaped),
    ".EE",
    ".SH SEE ALSO",
    "confd(1), systemd.service(5)",
    "",
  ].join("\n");
}

function terms(lines: readonly Line[]): string[] {
  return lines.flatMap(([term, says]) => [".TP", `.B ${escaped(term)}`, escaped(says)]);
}

/** Backslashes, hyphens, and what begins a request. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^([.'])/, "\\&$1");
}
