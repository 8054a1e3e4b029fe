/**
 * The two command lines that confds have, and how to find out which one a confd understands.
 *
 * The classic confd (kelseyhightower/confd, and the fork up to 0.33) takes Go flags; the maintained fork
 * (abtreece/confd 0.40 and later) takes a sub-command for the backend. The classic one, given the new style, ignores all
 * of it and runs etcd on /etc/confd in silence, so the question comes first. `--version` is no answer: forks of 0.31 to
 * 0.33 say 0.30.0 and plain builds say `dev`.
 *
 * Pure.
 * @module
 */

/** How a confd is spoken to. */
export type Dialect = "classic" | "fork";

/** The confd that was found. */
export interface FoundConfd {
  dialect: Dialect;
  /** True for the fork up to 0.33: it speaks as the classic one does, but has other backends and keys. */
  early: boolean;
}

/** What to call a confd in a message. */
export function nameOf({ dialect, early }: FoundConfd): string {
  if (dialect === "fork") return "the maintained fork (github.com/abtreece/confd)";
  return early ? "an early version of the maintained fork (0.17 to 0.33)" : "the classic one";
}

/**
 * Tells from what `confd --help` printed which confd it is: the classic one prints on standard error (and its status is
 * 0 or 2), the fork on standard output.
 *
 * @returns undefined if it is neither.
 */
export function identify(stdout: string, stderr: string): FoundConfd | undefined {
  if (/^Usage: \S+ <command> \[flags\]/m.test(stdout)) return { dialect: "fork", early: false };
  if (!/^Usage of .*:$/m.test(stderr) || !/^\s+-confdir\b/m.test(stderr)) return undefined;
  return { dialect: "classic", early: /^\s+-client-insecure\b/m.test(stderr) };
}
