/**
 * Signals that the sidecar itself receives.
 *
 * Touches: signal handlers.
 * @module
 */

/**
 * What is listened for: every ordinary signal but these. KILL and STOP nobody can catch. SEGV, ILL, FPE and BUS are
 * faults of the sidecar itself: the runtime keeps the first three, and catching the last would make a fault go on for
 * ever. CHLD is about our children and not for them. PIPE is raised by our own writing to a closed pipe.
 */
const FORWARDED: readonly Deno.Signal[] = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTRAP",
  "SIGABRT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGSTKFLT",
  "SIGCONT",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGURG",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGVTALRM",
  "SIGPROF",
  "SIGWINCH",
  "SIGIO",
  "SIGPWR",
  "SIGSYS",
];

/** Listens from now on. */
export function listen(onSignal: (signal: string) => void): void {
  for (const signal of FORWARDED) Deno.addSignalListener(signal, () => onSignal(signal));
}
