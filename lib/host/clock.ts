/**
 * Timers that cost next to nothing.
 *
 * The runtime's own `setTimeout` loads its whole compatibility layer at the first call: some 6 ms and 3 MiB, a third of
 * what a start costs. A wait on a cell of shared memory that nobody wakes is a timer of the engine itself. Unlike
 * `setTimeout` it does not keep the process alive: in a run the watch on destinations does, or a child.
 *
 * Touches: the clock.
 * @module
 */

/** What a timer is to the process. */
export interface TimerOptions {
  /** True: the process lives at least until it fires. That is a timer of the runtime's own. @default false */
  keepsAlive?: boolean;
}

/** Calls `act` once `ms` have passed. Returns what calls it off. */
export function after(ms: number, act: () => void, { keepsAlive = false }: TimerOptions = {}): () => void {
  if (keepsAlive) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  }
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let live = true;
  const fire = () => {
    if (live) act();
    live = false;
  };
  const wait = Atomics.waitAsync(cell, 0, 0, ms);
  if (wait.async) wait.value.then(fire);
  else queueMicrotask(fire);
  return () => {
    live = false;
    Atomics.notify(cell, 0);
  };
}

/** Resolves once `ms` have passed. */
export function sleep(ms: number, options?: TimerOptions): Promise<void> {
  return new Promise((resolve) => after(ms, resolve, options));
}

/** Time, as a host knows it. Tests have one of their own. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now: () => number;
  after: typeof after;
  sleep: typeof sleep;
}

/** The real one. */
export const CLOCK: Clock = { now: () => performance.now(), after, sleep };

/** Timers by name: each is armed at most once, and arming it anew moves it. */
export class Timers<Name> {
  readonly #armed = new Map<Name, () => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  arm(name: Name, ms: number, act: () => void): void {
    this.disarm(name);
    this.#armed.set(name, this.#clock.after(ms, act));
  }

  disarm(name: Name): void {
    this.#armed.get(name)?.();
    this.#armed.delete(name);
  }

  disarmAll(): void {
    for (const name of [...this.#armed.keys()]) this.disarm(name);
  }
}
