/**
 * What is to happen, in the order of time; of what happens at the same time, what was planned first comes first.
 *
 * Pure.
 * @module
 */

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** Virtual time, for many. */
export class Future {
  now = 0;
  #order = 0;
  readonly #heap: Planned[] = [];

  /** How much is planned. */
  get size(): number {
    return this.#heap.length;
  }

  after(ms: number, act: () => void): void {
    this.#push({ at: this.now + Math.max(0, ms), order: this.#order++, act });
  }

  /** Does what comes next; false: there is nothing more before `end`. */
  step(end = Infinity): boolean {
    if (this.#heap.length === 0 || this.#heap[0].at > end) return false;
    const next = this.#pop();
    this.now = next.at;
    next.act();
    return true;
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let i = heap.push(planned) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (comesBefore(heap[parent], planned)) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = planned;
  }

  #pop(): Planned {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && comesBefore(heap[child + 1], heap[child])) child++;
      if (comesBefore(last, heap[child])) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function comesBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
