/**
 * Two thousand destinations, and one of a hundred megabytes: the sidecar stays answerable, and small.
 *
 * The test itself does confd's work, at the moment that it chooses: it renames new files into place.
 *
 * Touches: files and processes, through the support modules; standard output, for figures.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { service } from "../support/service.ts";
import { Folder, Sidecar, until } from "../support/sidecar.ts";

const COUNT = 2000;
const LARGE_BYTES = 100 << 20;
/** What the whole process may have at its peak, the runtime included, in KiB. */
const PEAK_KIB = 100 << 10;
const STATE = "confd/.confd-sidecar";

/** Destinations whose resources are in the image, and a sidecar that checks them. */
class Many {
  readonly folder = new Folder();
  readonly names: string[];
  readonly env: Record<string, string>;

  constructor(count: number) {
    const { folder } = this;
    this.names = Array.from({ length: count }, (_, i) => `${i}.conf`);
    for (const name of this.names) {
      folder.write(
        `confd/conf.d/${name}.toml`,
        `[template]\nsrc = "x.tmpl"\ndest = "${folder.at(`out/${name}`)}"\nkeys = ["/"]\n`,
      );
    }
    folder.write("confd/templates/x.tmpl", "x");
    Deno.mkdirSync(folder.at("out"));
    this.env = {
      CONFD_PATH: fakeConfd(`touch ${folder.at("up")}; exec sleep 1000`).path(folder),
      CONFD_CONFDIR: folder.at("confd"),
      SIDECAR_SETTLE: "300ms",
      SIDECAR_SETTLE_MAX: "60s",
      SIDECAR_CHECK: `true ${folder.at("out")}`,
      SIDECAR_START_TIMEOUT: "20s",
      ...NO_KEYS.env,
    };
  }

  start(file?: string): Sidecar {
    return new Sidecar({ args: service(this.folder, { file }), env: this.env });
  }

  /** Renders all of them, as confd does where files are staged. */
  async render(content: (name: string) => string | Uint8Array): Promise<void> {
    await until("confd is up", () => exists(this.folder.at("up")));
    const place = this.folder.at(STATE) + "/new" + this.folder.at("out");
    for (const name of this.names) {
      const made = content(name);
      if (typeof made === "string") Deno.writeTextFileSync(`${place}/.new`, made);
      else Deno.writeFileSync(`${place}/.new`, made);
      Deno.renameSync(`${place}/.new`, `${place}/${name}`);
    }
  }

  /** The versions that are in place. */
  get versions(): string[] {
    return [...new Set(this.names.map((name) => Deno.readTextFileSync(this.folder.at(`out/${name}`)).trim()))];
  }

  isPublishing(): boolean {
    return exists(this.folder.at(`${STATE}/publishing`));
  }
}

function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}

Deno.test("2,000 destinations: a signal and a stop do not wait for their publication, and the next start completes it", async () => {
  const many = new Many(COUNT);
  using folder = many.folder;
  await using first = many.start(folder.at("out/0.conf"));
  await many.render(() => "one\n");
  await first.stdout.next("start:");
  assertEquals(many.versions, ["one"]);
  const changed = performance.now();
  await many.render(() => "two\n");
  await first.stdout.next("HUP: two");
  console.log(`    ${COUNT} destinations, change to SIGHUP: ${Math.round(performance.now() - changed)} ms`);
  assertEquals(many.versions, ["two"]);
  await many.render(() => "three\n");
  await until("files are being put in place", () => many.isPublishing());
  first.signal("SIGTERM");
  await first.stdout.next("TERM");
  await first.status();
  assert(many.isPublishing(), "the publication was cut off, not waited for");
  Deno.removeSync(folder.at("up"));
  await using second = many.start();
  await until("confd is up again", () => exists(folder.at("up")));
  assertEquals(many.versions, ["three"], "the next start has completed it");
  assert(!many.isPublishing());
  second.signal("SIGTERM");
  await second.status();
});

Deno.test("a destination of 100 MB is checked and put in place in little memory", async () => {
  const many = new Many(1);
  using folder = many.folder;
  many.env.SIDECAR_DIFF = "masked";
  await using sidecar = many.start();
  const content = new Uint8Array(LARGE_BYTES).fill("a".charCodeAt(0));
  for (const [version, line] of [["1", "start:"], ["2", "HUP"]]) {
    content.set(new TextEncoder().encode(`${version}\n`));
    await many.render(() => content);
    await sidecar.stdout.next(line);
    assertEquals(Deno.statSync(folder.at("out/0.conf")).size, LARGE_BYTES);
  }
  const status = Deno.readTextFileSync(`/proc/${sidecar.pid}/status`);
  const peak = Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]);
  console.log(`    at most ${Math.round(peak / 1024)} MiB`);
  assert(peak < PEAK_KIB, `it took ${peak} KiB`);
  sidecar.signal("SIGTERM");
  await sidecar.status();
});
