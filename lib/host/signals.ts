/**
 * Signals that the sidecar itself receives.
 *
 * Touches: signal handlers.
 * @module
 */

/**
 * What is listened for. Not in it: KILL and STOP, which nobody can catch; SEGV, ILL and FPE, which the runtime keeps
 * to itself; CHLD, which is about our children and not for them; PIPE, which our own writing to a closed pipe raises.
 */
const FORWARDED: readonly Deno.Signal[] = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGCONT",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGURG",
  "SIGWINCH",
  "SIGIO",
  "SIGPWR",
];

/** Listens from now on. */
export function listen(onSignal: (signal: string) => void): void {
  for (const signal of FORWARDED) Deno.addSignalListener(signal, () => onSignal(signal));
}
