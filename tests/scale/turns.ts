/**
 * Fifty sidecars that take turns, and what is done to them: holders killed and cut off in the middle of their turns, a
 * change that does harm, and a good one after it. What each service was told, and when, is in one file.
 *
 * Touches: processes, network namespaces, and files below the folder that it is given.
 * @module
 */
import { ConsulServer } from "../backends/consul.ts";
import { bundleSidecar } from "../bench/stage.ts";
import { ANY_CONFD } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { find } from "../support/survivors.ts";
import { Fleet, type Member } from "./fleet.ts";
import { Island } from "./island.ts";

/** The stores that have a queue. */
export type Engine = "etcd" | "consul";

/** How large it is. */
export interface Sizes {
  readonly members: number;
  /** How many may go at once. */
  readonly n: number;
  /** How long the work of one reload takes, in seconds. */
  readonly workS: number;
  /** How many holders are killed. */
  readonly killed: number;
  /** How many are cut off. */
  readonly cut: number;
}

/** What tests and docs speak of. */
export const SIZES: Sizes = { members: 50, n: 3, workS: 0.15, killed: 4, cut: 2 };

/** What came of one change. */
export interface Wave {
  readonly seconds: number;
  /** The most that were at work at once. */
  readonly peak: number;
  /** How many were told of it. */
  readonly touched: number;
  /** How many were told of it before anybody was done with it. */
  readonly canaries: number;
}

/** What came of all changes. */
export interface Turns {
  readonly faults: Wave;
  readonly bad: Wave;
  readonly good: Wave;
  /** One that comes in the middle of another one. */
  readonly newer: Wave;
}

/** etcd for those in other network namespaces too. */
class OpenEtcd extends Etcd {
  protected override more(): string[] {
    return ["--listen-client-urls", `http://0.0.0.0:${this.port}`];
  }
}

/** How many have begun a change when another one comes in the middle of it. */
const BEGUN = 10;

/** Runs all of it. Throws where a member does not end on the newest configuration. */
export async function runTurns(folder: Folder, engine: Engine, sizes: Sizes): Promise<Turns> {
  const islands = Array.from({ length: sizes.cut }, (_, i) => new Island(i));
  try {
    await using etcd = await new OpenEtcd(folder, ANY_CONFD.etcd).start();
    await using consul = engine === "consul" ? await new ConsulServer(folder, { open: true }).start() : undefined;
    const command = await bundleSidecar(folder.path);
    const log = folder.write("turns.log", "");
    const work = folder.write("work", WORK, 0o755);
    const well = folder.write("well", WELL, 0o755);
    const own = (number: number, path: string) => {
      const host = islands[number - 1]?.gateway ?? "127.0.0.1";
      const port = engine === "etcd" ? etcd.port : consul!.port;
      const file = `${path}/service.conf`;
      return {
        CONFD_NODE: `${host}:${etcd.port}`,
        SIDECAR_FLEET: `${engine}://${host}:${port}/turns?n=${sizes.n}`,
        SIDECAR_FLEET_ID: `member-${number}`,
        SIDECAR_RELOAD: `exec:${work} ${log} member-${number} ${file} ${sizes.workS}`,
        SIDECAR_VERIFY: `exec:${well} ${file}`,
      };
    };
    const env = { SIDECAR_SETTLE: "200ms", SIDECAR_VERIFY_TIMEOUT: "1s" };
    const prefix = (number: number) => islands[number - 1]?.prefix ?? [];
    await using fleet = await Fleet.start(folder, {
      size: sizes.members,
      confd: ANY_CONFD,
      etcd,
      command,
      env,
      own,
      prefix,
    });
    await until("every member is verified", () => {
      return fleet.members.every(({ stderr }) => stderr.all.some((line) => line.includes("verified: ")));
    });
    const stage = new Stage(folder, log, { etcd, fleet, islands, sizes });
    return {
      faults: await stage.faults(),
      bad: await stage.bad(),
      good: await stage.good(),
      newer: await stage.newer(),
    };
  } finally {
    islands.forEach((island) => island[Symbol.dispose]());
  }
}

/** work LOG MEMBER FILE SECONDS: says when it begins and when it is done. */
const WORK = `#!/bin/sh
printf '+ %s %s\\n' "$2" "$(cat "$3")" >>"$1"
sleep "$4"
printf -- '- %s\\n' "$2" >>"$1"
`;

/** well FILE: whether the configuration is one that does no harm. */
const WELL = `#!/bin/sh
! grep -q bad "$1"
`;

interface Line {
  readonly begins: boolean;
  readonly member: string;
  readonly value: string;
}

class Stage {
  readonly #folder: Folder;
  readonly #log: string;
  readonly #etcd: Etcd;
  readonly #fleet: Fleet;
  readonly #islands: readonly Island[];
  readonly #sizes: Sizes;
  readonly #dead = new Set<Member>();
  #read = 0;

  constructor(
    folder: Folder,
    log: string,
    parts: { etcd: Etcd; fleet: Fleet; islands: readonly Island[]; sizes: Sizes },
  ) {
    this.#folder = folder;
    this.#log = log;
    this.#etcd = parts.etcd;
    this.#fleet = parts.fleet;
    this.#islands = parts.islands;
    this.#sizes = parts.sizes;
  }

  /** A change, amid which holders die, and others are cut off until all the rest have it. */
  async faults(): Promise<Wave> {
    const { killed } = this.#sizes;
    const cut = new Set<number>();
    return await this.#wave("v1", {
      meanwhile: () => {
        for (const number of this.#working()) {
          const isOnIsland = number <= this.#islands.length;
          if (isOnIsland && !cut.has(number)) {
            cut.add(number);
            this.#islands[number - 1].cut();
          } else if (!isOnIsland && this.#dead.size < killed && this.#started() > this.#sizes.n) {
            this.#kill(number);
          }
        }
        if (this.#missing("v1").every((number) => cut.has(number))) this.#islands.forEach((island) => island.mend());
      },
      isOver: () => this.#hasAll("v1") && this.#dead.size === killed && cut.size === this.#islands.length,
    });
  }

  /** A change that every member would fail on: it stops where it was tried. */
  async bad(): Promise<Wave> {
    const kept = () =>
      this.#living().filter(({ stderr }) => stderr.all.some((line) => line.includes("is kept until"))).length;
    return await this.#wave("bad", { isOver: () => kept() > 0 && this.#working().length === 0 });
  }

  async good(): Promise<Wave> {
    return await this.#wave("good", { isOver: () => this.#hasAll("good") });
  }

  /** A change, and another one as soon as some have begun it. */
  async newer(): Promise<Wave> {
    this.#read = this.#lines().length;
    await this.#etcd.put({ "/key": "v2" });
    await patiently("'v2' is under way", () => this.#started() >= BEGUN, () => "");
    return await this.#wave("v3", { isOver: () => this.#hasAll("v3") }, this.#read);
  }

  async #wave(
    value: string,
    { meanwhile = () => {}, isOver }: { meanwhile?: () => void; isOver: () => boolean },
    from = this.#lines().length,
  ): Promise<Wave> {
    this.#read = from;
    const begun = performance.now();
    await this.#etcd.put({ "/key": value });
    await patiently(`'${value}' comes to its end`, () => {
      meanwhile();
      return isOver();
    }, () => `${JSON.stringify(this.#lines().slice(this.#read).slice(-20))}\nmissing: ${this.#missing(value)}`);
    const lines = this.#lines().slice(this.#read);
    const told = lines.filter((line) => line.begins && line.value === `value=${value}`);
    return {
      seconds: (performance.now() - begun) / 1000,
      peak: peakOf(lines),
      touched: new Set(told.map(({ member }) => member)).size,
      canaries: canariesOf(lines, `value=${value}`),
    };
  }

  #kill(number: number): void {
    const member = this.#fleet.members[number - 1];
    if (this.#dead.has(member)) return;
    this.#dead.add(member);
    member.kill();
    const path = this.#folder.at(`member-${number}/`);
    // A container's end would take them too.
    for (const pid of find(path, /service$|-confdir|--confdir/)) Deno.kill(pid, "SIGKILL");
  }

  #living(): Member[] {
    return this.#fleet.members.filter((member) => !this.#dead.has(member));
  }

  /** Who is at work, by number. */
  #working(): number[] {
    const working = new Set<string>();
    for (const { begins, member } of this.#lines().slice(this.#read)) {
      if (begins) working.add(member);
      else working.delete(member);
    }
    return [...working].map((member) => Number(member.split("-")[1]));
  }

  #started(): number {
    return this.#lines().slice(this.#read).filter(({ begins }) => begins).length;
  }

  #hasAll(value: string): boolean {
    return this.#missing(value).length === 0 && this.#working().length === 0;
  }

  /** The numbers of the living members whose service has not been told of a value last. */
  #missing(value: string): number[] {
    const last = new Map<string, string>();
    for (const line of this.#lines()) if (line.begins) last.set(line.member, line.value);
    return this.#fleet.members
      .map((member, i) => ({ member, number: i + 1 }))
      .filter(({ member, number }) => !this.#dead.has(member) && last.get(`member-${number}`) !== `value=${value}`)
      .map(({ number }) => number);
  }

  #lines(): Line[] {
    return Deno.readTextFileSync(this.#log).split("\n").slice(0, -1).map((line) => {
      const [sign, member, value = ""] = line.split(" ");
      return { begins: sign === "+", member, value };
    });
  }
}

function peakOf(lines: readonly Line[]): number {
  let [now, peak] = [0, 0];
  for (const { begins } of lines) {
    now += begins ? 1 : -1;
    peak = Math.max(peak, now);
  }
  return peak;
}

/** How many begin a value before anybody is done with it. */
function canariesOf(lines: readonly Line[], value: string): number {
  const has = new Map<string, string>();
  let canaries = 0;
  for (const line of lines) {
    if (line.begins) has.set(line.member, line.value);
    if (has.get(line.member) !== value) continue;
    if (!line.begins) break;
    canaries++;
  }
  return canaries;
}

/** Entries of the dead live for twenty seconds in Consul. */
async function patiently(what: string, holds: () => boolean, context: () => string): Promise<void> {
  const deadline = Date.now() + 300_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within five minutes\n${context()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
