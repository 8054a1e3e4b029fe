/**
 * The exit statuses that are the sidecar's own, named as in sysexits(3) where they come from there.
 *
 * Pure.
 * @module
 */

/** Wrong command line. */
export const USAGE = 64;
/** confd kept ending before the service was started, or `SIDECAR_START_TIMEOUT` passed. */
export const UNAVAILABLE = 69;
/** A fault of the sidecar itself. */
export const SOFTWARE = 70;
/** A file or folder could not be written. */
export const CANNOT_CREATE = 73;
/** Invalid settings or files. */
export const CONFIG = 78;
/** A program was found and cannot be executed, as in POSIX shells. */
export const NOT_EXECUTABLE = 126;
/** A program was not found, as in POSIX shells. */
export const NOT_FOUND = 127;

/** Linux's numbers of the ordinary signals, signal(7), as on x86-64 and arm64. */
export const SIGNAL_NUMBERS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};

/** The status that stands for a death by a signal: 128 + n, as shells have it (signal(7), Linux's common numbers). */
export function statusOfSignal(signal: string): number {
  return 128 + (SIGNAL_NUMBERS[signal] ?? (Number(signal.replace("SIG", "")) || 0));
}

/** The name of a signal's number; `SIG` and the number where it has none here. */
export function signalName(number: number): string {
  return Object.keys(SIGNAL_NUMBERS).find((name) => SIGNAL_NUMBERS[name] === number) ?? `SIG${number}`;
}
