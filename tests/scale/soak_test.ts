/**
 * A thousand changes a minute: no reload is lost, there is at most one in a settle window, and what the sidecar uses
 * stays flat.
 *
 * The changes come in storms of some six seconds, with quiet until the tenth: so windows end at the settle limit, amid
 * the changes, and by quiet, after the last. Storms are not of one length: their last change comes at another moment
 * before or after the reload that is due at six seconds. `SOAK_MINUTES` is how long it lasts (`deno task soak` has 10).
 *
 * Touches: files, processes and the loopback network, through the support modules; /proc, reading; standard output, for
 * figures.
 * @module
 */
import { quantile } from "../bench/numbers.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { Scene } from "../support/scene.ts";
import { type Sidecar, until } from "../support/sidecar.ts";
import { descriptorsOf, inMib, memoryOf, threadsOf, workOf } from "../support/usage.ts";

const MINUTES = Number(Deno.env.get("SOAK_MINUTES") ?? 0.5);
const CHANGES_A_MINUTE = 1000;
const PERIOD_MS = 10_000;
/** The shortest storm, by how much each is longer than the one before, and how long the longest is at most. */
const STORM_MS = { shortest: 5800, step: 130, longest: 6500 };
const PERIODS = Math.max(2, Math.round(MINUTES * 60_000 / PERIOD_MS));
const CHANGES = Math.round(CHANGES_A_MINUTE * PERIOD_MS / 60_000);
const SETTLE_MS = 1000;
const SETTLE_MAX_MS = 3000;
/** How often it is looked what the sidecar uses, in milliseconds. */
const SAMPLE_MS = 1000;
/** Of a sidecar that has just been started, the first storms say nothing of how its memory goes on. */
const WARM_UP = 0.2;
/** How much more memory the second half may take than the first. */
const GROWTH = 1.15;
/** How many more the second half may have: those of one moment's work. The runtime's threads stay for some seconds. */
const MORE = { descriptors: 2, threads: 8 };

/** What the sidecar used at one moment. */
interface Sample {
  rss: number;
  descriptors: number;
  threads: number;
}

e2e(`${MINUTES} minutes of a thousand changes each: no reload is lost, nothing grows`, async ({ folder }) => {
  await using etcd = await new Etcd(folder, ANY_CONFD.etcd).start();
  await etcd.put({ "/key": "0" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: etcd });
  const env = {
    SIDECAR_SETTLE: `${SETTLE_MS}ms`,
    SIDECAR_SETTLE_MAX: `${SETTLE_MAX_MS}ms`,
    // Amid the changes, confd is not to be taken for one that does not hear of them.
    SIDECAR_CONFD_INTERVAL: "3s",
  };
  await using sidecar = scene.start({ env });
  await sidecar.stdout.next("start: value=0");
  const samples: Sample[] = [];
  const sampling = setInterval(() => samples.push(sampleOf(sidecar.pid)), SAMPLE_MS);
  const storms = new Storms(etcd, sidecar);
  try {
    await storms.run();
  } finally {
    clearInterval(sampling);
  }
  await comesToRest(sidecar.pid);
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  tell(storms, samples);
  storms.judge();
  judge(samples);
}, { parts: [ANY_CONFD.part, "etcd"] });

/** The changes, and what came of them. */
class Storms {
  readonly #etcd: Etcd;
  readonly #sidecar: Sidecar;
  /** When each value was set, by the value. */
  readonly #set: number[] = [0];
  /** What the service loaded and when, in its order. */
  readonly #loads: { value: number; at: number }[] = [];
  /** The last value of each storm. */
  readonly #lasts: number[] = [];
  readonly #begun = performance.now();
  #tookMs = 0;

  constructor(etcd: Etcd, sidecar: Sidecar) {
    this.#etcd = etcd;
    this.#sidecar = sidecar;
  }

  /** One storm after another; each is over when the service has loaded its last value. */
  async run(): Promise<void> {
    for (let period = 0; period < PERIODS; period++) {
      const begin = Math.max(performance.now(), this.#begun + period * PERIOD_MS);
      await pause(begin - performance.now());
      this.#lasts.push((period + 1) * CHANGES);
      await Promise.all([this.#change(begin, stormMs(period)), this.#load(this.#lasts[period])]);
    }
    this.#tookMs = performance.now() - this.#begun;
  }

  /** The changes of one storm, evenly spread. */
  async #change(begin: number, lengthMs: number): Promise<void> {
    for (let i = 0; i < CHANGES; i++) {
      await pause(begin + i * lengthMs / CHANGES - performance.now());
      this.#set.push(performance.now());
      await this.#etcd.put({ "/key": String(this.#set.length - 1) });
    }
  }

  /** Follows the service until it has loaded a value. */
  async #load(last: number): Promise<void> {
    for (let value = 0; value !== last;) {
      value = Number(/value=(\d+)/.exec(await this.#sidecar.stdout.next("HUP"))![1]);
      this.#loads.push({ value, at: performance.now() });
    }
  }

  judge(): void {
    const loads = this.#loads.map(({ value }) => value);
    assert(loads.every((value, i) => i === 0 || value > loads[i - 1]), `not each a newer one: ${loads}`);
    const amid = loads.filter((value) => !this.#lasts.includes(value)).length;
    assert(amid > 0, "no reload came amid a storm: the settle limit did not hold");
    const most = this.#tookMs / SETTLE_MS + 1;
    assert(loads.length <= most, `${loads.length} reloads in ${PERIODS} storms, and at most ${most} windows`);
    assertEquals(this.#sidecar.stderr.all.filter((line) => line.includes("starting confd again")), []);
    const told = this.#sidecar.stderr.all.filter((line) => line.includes("reloading main program now")).length;
    assertEquals([told, this.#sidecar.stdout.all.filter((line) => line.startsWith("HUP")).length], [
      loads.length,
      loads.length,
    ]);
  }

  toString(): string {
    const minutes = this.#tookMs / 60_000;
    const changes = this.#set.length - 1;
    const waits = this.#set.slice(1).map((at, i) => this.#loads.find(({ value }) => value > i)!.at - at);
    const wait = (share: number) => `${(quantile(waits, share) / 1000).toFixed(1)} s`;
    return `${changes} changes in ${minutes.toFixed(1)} minutes (${Math.round(changes / minutes)} a minute): ` +
      `${this.#loads.length} reloads; from a change to its reload ${wait(0.5)} (median) to ${wait(1)}`;
  }
}

function stormMs(period: number): number {
  const { shortest, step, longest } = STORM_MS;
  return shortest + period * step % (longest - shortest);
}

function sampleOf(pid: number): Sample {
  return { rss: memoryOf(pid).rss, descriptors: descriptorsOf(pid), threads: threadsOf(pid).length };
}

/** A second in which no thread of a process wakes: it has no timer left that comes again and again. */
async function comesToRest(pid: number): Promise<void> {
  const wakes = () => JSON.stringify([...workOf(pid).wakes]);
  await until("the sidecar has nothing more to do", async () => {
    const before = wakes();
    await pause(1000);
    return wakes() === before;
  });
}

/** The samples after the warm-up, in two halves. */
function halves(samples: readonly Sample[]): [Sample[], Sample[]] {
  const warm = samples.slice(Math.round(samples.length * WARM_UP));
  const middle = Math.round(warm.length / 2);
  return [warm.slice(0, middle), warm.slice(middle)];
}

function medianOf(samples: readonly Sample[], what: keyof Sample): number {
  return quantile(samples.map((sample) => sample[what]), 0.5);
}

function tell(storms: Storms, samples: readonly Sample[]): void {
  const [first, second] = halves(samples);
  const shown = ([what, unit]: [keyof Sample, (value: number) => string]) =>
    `${what} ${unit(medianOf(first, what))}, then ${unit(medianOf(second, what))}`;
  const count = (value: number) => String(value);
  const used = ([["rss", inMib], ["descriptors", count], ["threads", count]] as const).map((pair) => shown([...pair]));
  console.log(`    ${storms}\n    medians of the two halves: ${used.join("; ")}`);
  const tenths = Array.from(
    { length: 10 },
    (_, i) => samples.slice(i * samples.length / 10, (i + 1) * samples.length / 10),
  );
  console.log(`    rss, tenth by tenth: ${tenths.map((some) => inMib(medianOf(some, "rss"))).join(", ")}`);
}

function judge(samples: readonly Sample[]): void {
  const [first, second] = halves(samples);
  for (const what of ["descriptors", "threads"] as const) {
    const [before, after] = [medianOf(first, what), medianOf(second, what)];
    assert(after <= before + MORE[what], `${what}: ${before} in the first half, ${after} in the second`);
  }
  const [before, after] = [medianOf(first, "rss"), medianOf(second, "rss")];
  assert(after <= before * GROWTH, `memory: ${inMib(before)} in the first half, ${inMib(after)} in the second`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
