/**
 * A clock that stands until a test moves it.
 *
 * Pure but for the microtasks that it waits for.
 * @module
 */
import type { Clock } from "../../lib/host/clock.ts";

interface Alarm {
  readonly at: number;
  readonly act: () => void;
}

/** Virtual time. */
export class TestClock implements Clock {
  #now = 0;
  readonly #alarms = new Set<Alarm>();

  readonly now = (): number => this.#now;

  readonly after = (ms: number, act: () => void): () => void => {
    const alarm = { at: this.#now + ms, act };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  };

  readonly sleep = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  /** Moves on, alarm by alarm; all that follows from one has happened before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#alarms.delete(next);
      this.#now = next.at;
      next.act();
      await settled();
    }
    this.#now = end;
  }

  #next(end: number): Alarm | undefined {
    return [...this.#alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Resolves once promises that follow from one another have done so. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
