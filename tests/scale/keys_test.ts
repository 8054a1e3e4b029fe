/**
 * Ten thousand keys in etcd.
 *
 * Touches: files, processes and the loopback network, through the support modules; standard output, for figures.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { eachConfd } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { Scene } from "../support/scene.ts";

const COUNT = 10_000;
const MANY = { name: "many.conf", template: '{{range gets "/many/*"}}{{.Key}}={{.Value}}\n{{end}}' };
const VALUES = { name: "values.conf", template: '{{range getvs "/many/*"}}{{.}}\n{{end}}' };

eachConfd("10,000 keys: all are rendered, and a change of one is one reload", async ({ confd, folder }) => {
  await using etcd = await new Etcd(folder, confd.etcd).start();
  const keys: Record<string, string> = {};
  for (let i = 0; i < COUNT; i++) keys[`/many/${String(i).padStart(5, "0")}`] = `value of ${i}`;
  await etcd.putMany(keys);
  const scene = new Scene(folder, { confd, keys: etcd, rendered: [MANY, VALUES] });
  await using sidecar = scene.start({ service: { file: "/dev/null" }, env: { SIDECAR_SETTLE: "1s" } });
  await sidecar.stdout.next("start");
  const holdsAll = () => {
    const pairs = Object.entries(keys).map(([key, value]) => `${key}=${value}`);
    assert(Deno.readTextFileSync(scene.dest) === `${pairs.join("\n")}\n`, "not all keys are in the file as they are");
    const values = Deno.readTextFileSync(folder.at(`out/${VALUES.name}`)).trimEnd().split("\n");
    assertEquals(values.length, COUNT);
    assert(values.toSorted().join() === Object.values(keys).toSorted().join(), "not all values are in the file");
  };
  holdsAll();
  for (const value of ["changed", "changed again"]) {
    keys["/many/07777"] = value;
    const begun = performance.now();
    await etcd.put({ "/many/07777": value });
    await sidecar.stdout.next("HUP");
    console.log(`    ${confd.name}: reloaded ${Math.round(performance.now() - begun)} ms after the change`);
    holdsAll();
  }
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("HUP")).length, 2);
}, { parts: ["etcd"] });
