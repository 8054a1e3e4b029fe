/**
 * The signals of Linux: names, numbers, and which of them the sidecar can be sent.
 *
 * Pure.
 * @module
 */

/** Numbers of the ordinary signals, signal(7), as on x86-64 and arm64. */
export const SIGNAL_NUMBERS = {
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
} as const;

/** The name of an ordinary signal. */
export type SignalName = keyof typeof SIGNAL_NUMBERS;

/**
 * What the sidecar does not receive. KILL and STOP nobody can catch. SEGV, ILL, FPE and BUS are faults of the sidecar
 * itself: the runtime keeps the first three, and catching the last would make a fault go on for ever. CHLD is about our
 * children and not for them. PIPE is raised by our own writing to a closed pipe.
 */
export const NEVER_RECEIVED: readonly SignalName[] = [
  "SIGKILL",
  "SIGSTOP",
  "SIGCHLD",
  "SIGPIPE",
  "SIGSEGV",
  "SIGILL",
  "SIGFPE",
  "SIGBUS",
];

/** What the sidecar receives, and forwards. */
export const RECEIVED: readonly SignalName[] = (Object.keys(SIGNAL_NUMBERS) as SignalName[])
  .filter((name) => !NEVER_RECEIVED.includes(name));

/** True for the name of an ordinary signal. */
export function isSignal(name: string): name is SignalName {
  return Object.hasOwn(SIGNAL_NUMBERS, name);
}

/** The status that stands for a death by a signal: 128 + n, as shells have it. */
export function statusOfSignal(signal: string): number {
  return 128 + (isSignal(signal) ? SIGNAL_NUMBERS[signal] : Number(signal.replace("SIG", "")) || 0);
}

/** The name of a signal's number; `SIG` and the number where it has none here. */
export function signalName(number: number): string {
  return Object.entries(SIGNAL_NUMBERS).find(([, known]) => known === number)?.[0] ?? `SIG${number}`;
}
