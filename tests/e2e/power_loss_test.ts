/**
 * Power loss: everything is killed at random moments while three destinations change together; what the next start has
 * mended holds one version of all three, old or new, never a mixture, and never an older one than before.
 *
 * A kill takes the processes, not what the kernel has in memory: a real power cut could also lose what was written and
 * not synced. That the files are synced before the renames that count, this test cannot show.
 *
 * `POWER_LOSS_KILLS` is the number of kills (`deno task soak` has 1000), `TEST_SEED` makes the same delays come again.
 *
 * Touches: files and processes, through the support modules; watches a folder.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { Random } from "../support/random.ts";
import { destination, type Rendered, Scene } from "../support/scene.ts";
import { DEADLINE_MS, type Folder, quietly, Sidecar, until } from "../support/sidecar.ts";
import { survivors } from "../support/survivors.ts";
import { textOf } from "../support/text_of.ts";

const KILLS = Number(Deno.env.get("POWER_LOSS_KILLS") ?? 30);
/** The longest that is waited after the check has begun, or after the publication has, in milliseconds. */
const DELAY_MS = { check: 40, publication: 8 };
/** Each file has its version at both of its ends, and enough between them for the writing to take a while. */
const TEMPLATE = '{{getv "/version"}}\n{{getv "/padding"}}\n{{getv "/version"}}\n';
const PADDING = "x".repeat(200_000);
const THREE: Rendered[] = ["a.conf", "b.conf", "c.conf"].map((name) => ({ name, template: TEMPLATE }));

/** What a round of kills came to. */
interface Tally {
  kills: number;
  /** Kills amid a publication: a set that passed was there, to be put in place. */
  amid: number;
  /** Of these, how many left a mixture for the next start to mend. */
  mixed: number;
}

e2e("whatever moment the power fails at, the next start finds or makes one whole version", async ({ folder }) => {
  const seed = Number(Deno.env.get("TEST_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const tally: Tally = { kills: 0, amid: 0, mixed: 0 };
  try {
    await new Plant(folder, new Random(seed)).run(tally);
  } catch (error) {
    throw new Error(`TEST_SEED=${seed}, kill ${tally.kills}: ${(error as Error).message}`, { cause: error });
  }
  console.log(
    `    seed ${seed}: ${tally.kills} kills, ${tally.amid} amid a publication, ${tally.mixed} left a mixture`,
  );
  assert(tally.amid > 0, "no kill came amid a publication: this run proves nothing");
}, { parts: [ANY_CONFD.part] });

/** A sidecar with three destinations that loses its power again and again. */
class Plant {
  readonly #folder: Folder;
  readonly #random: Random;
  readonly #keys: FileKeys;
  readonly #scene: Scene;
  readonly #dests: string[];
  readonly #check: string;
  #version = 0;

  constructor(folder: Folder, random: Random) {
    this.#folder = folder;
    this.#random = random;
    this.#keys = new FileKeys(folder, { "/version": "0", "/padding": PADDING });
    this.#scene = new Scene(folder, { confd: ANY_CONFD, keys: this.#keys, rendered: THREE });
    this.#dests = THREE.map((one) => destination(folder, one));
    this.#check = folder.write("check.sh", checkScript(folder, this.#dests), 0o755);
  }

  async run(tally: Tally): Promise<void> {
    while (tally.kills < KILLS) {
      await this.#lose(tally);
      tally.kills++;
    }
    await using sidecar = this.#start(`/bin/false ${this.#dests.join(" ")}`);
    await sidecar.stderr.next("is not started on it");
    const versions = this.#versions();
    assertEquals(new Set(versions).size, 1, `after the last start: ${versions}`);
    const seen = this.#seen();
    assert(seen.length > KILLS / 2, `there were ${seen.length} looks at what is in place`);
    assert(seen.every((version, i) => i === 0 || Number(version) >= Number(seen[i - 1])), `went back: ${seen}`);
    sidecar.signal("SIGTERM");
    await sidecar.status();
  }

  /** One start, some changes, one kill. */
  async #lose(tally: Tally): Promise<void> {
    await this.#change();
    await using sidecar = this.#start(`${this.#check} ${this.#dests.join(" ")}`);
    // At the start, or later, when the service runs.
    for (let changes = this.#random.pick([0, 0, 1, 2]); changes > 0; changes--) {
      await sidecar.stderr.next("the new files are in place");
      await this.#change();
    }
    await sidecar.stderr.next("checking the new files");
    if (this.#random.chance(0.5)) await this.#pause(DELAY_MS.check);
    else if (await this.#publicationBegins(sidecar)) await this.#pause(DELAY_MS.publication);
    await this.#killAll(sidecar);
    const versions = this.#versions();
    if (exists(this.#folder.at(`${STATE}/publishing`))) tally.amid++;
    if (new Set(versions).size > 1) tally.mixed++;
    assert(!exists(this.#folder.at("mixture")), `a start left a mixture: ${textOf(this.#folder.at("mixture"))}`);
  }

  #start(check: string): Sidecar {
    const env = { ...this.#scene.env, SIDECAR_CHECK: check, SIDECAR_SETTLE: "20ms", SIDECAR_LOG_LEVEL: "debug" };
    return new Sidecar({ args: ["sleep", "1000"], env });
  }

  #change(): Promise<void> {
    return this.#keys.put({ "/version": String(++this.#version) });
  }

  /** True once there is a set to be put in place; false if that is over already. */
  async #publicationBegins(sidecar: Sidecar): Promise<boolean> {
    const deadline = Date.now() + DEADLINE_MS;
    const told = sidecar.stderr.all.length;
    while (Date.now() < deadline) {
      if (exists(this.#folder.at(`${STATE}/publishing`))) return true;
      if (sidecar.stderr.all.slice(told).some((line) => /in place|refused/.test(line))) return false;
      await pause(0);
    }
    throw new Error(`nothing came of a check:\n${sidecar.stderr.all.join("\n")}`);
  }

  #pause(longestMs: number): Promise<void> {
    return pause(this.#random.next() * longestMs);
  }

  /** The sidecar first: it is the one that puts files in place. */
  async #killAll(sidecar: Sidecar): Promise<void> {
    sidecar.signal("SIGKILL");
    await until("everything is gone", () => {
      const left = survivors(this.#folder.path);
      for (const { pid } of left) quietly(() => Deno.kill(pid, "SIGKILL"));
      return left.length === 0;
    });
  }

  /** The version at the beginning of each file, and at its end where that is another. */
  #versions(): string[] {
    return this.#dests.map((dest) => [...new Set(textOf(dest).replace(PADDING, "").split(/\n+/))].join(""));
  }

  /** The versions in place that the checks found. */
  #seen(): string[] {
    return textOf(this.#folder.at("seen")).split("\n").filter(Boolean);
  }
}

/**
 * A check that is run before anything new is put in place: it looks at what the start has left in the real places, and
 * then refuses a new set which is a mixture itself, since confd renders one file after another.
 */
function checkScript(folder: Folder, dests: readonly string[]): string {
  return `#!/bin/sh
versions() { { cat "$@" || echo missing; } | grep -v x | sort -u; }
if ${dests.map((dest) => `[ -e ${dest} ]`).join(" || ")}; then
  versions ${dests.join(" ")} > ${folder.at("place")}
  if [ "$(wc -l < ${folder.at("place")})" = 1 ]; then cat ${folder.at("place")} >> ${folder.at("seen")}
  else mv ${folder.at("place")} ${folder.at("mixture")}; fi
fi
[ "$(versions "$@" | wc -l)" = 1 ]
`;
}

/** The sidecar's private folder. */
const STATE = "confd.d/.confd-sidecar";

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}
