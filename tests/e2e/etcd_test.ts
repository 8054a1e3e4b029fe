/**
 * confd and a real etcd: watched, and there late.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { eachConfd } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { Scene } from "../support/scene.ts";

eachConfd("a change in etcd is seen as it happens", async ({ confd, folder }) => {
  await using etcd = await new Etcd(folder, confd.etcd).start();
  await etcd.put({ "/key": "one" });
  await using sidecar = new Scene(folder, { confd, keys: etcd }).start({ service: { status: 4 } });
  await sidecar.stdout.next("start: value=one");
  for (const value of ["two", "three"]) {
    await etcd.put({ "/key": value });
    await sidecar.stdout.next(`HUP: value=${value}`);
  }
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 4);
}, { parts: ["etcd"] });

eachConfd("several nodes are handed to confd one by one", async ({ confd, folder }) => {
  await using etcd = await new Etcd(folder, confd.etcd).start();
  await etcd.put({ "/key": "one" });
  const { CONFD_NODE } = etcd.env;
  const scene = new Scene(folder, { confd, keys: etcd });
  await using sidecar = scene.start({ env: { CONFD_NODE: `${CONFD_NODE}, ${CONFD_NODE}` } });
  await sidecar.stdout.next("start: value=one");
}, { parts: ["etcd"] });

eachConfd("an etcd that comes late starts the service, and with what it has to say", async ({ confd, folder }) => {
  await using etcd = new Etcd(folder, confd.etcd);
  const scene = new Scene(folder, { confd, keys: etcd });
  folder.write("out/service.conf", "value=of the image\n");
  await using sidecar = scene.start();
  await sidecar.stderr.next(`main program waits for confd to render ${scene.dest}`);
  await sidecar.stderr.next(/Backend source\(s\) set to/);
  await etcd.start();
  await etcd.put({ "/key": "one" });
  assertEquals(await sidecar.stdout.next("start"), "start: value=one ");
}, { parts: ["etcd"] });

for (const backend of ["etcd", "etcdv3"]) {
  eachConfd(`etcd's v3 interface by the name ${backend}`, async ({ folder, confd }) => {
    // The classic confd means the v2 interface by that name.
    if (confd.etcd === "etcdv3" && backend === "etcd") return;
    await using etcd = await new Etcd(folder, backend).start();
    await etcd.put({ "/key": "one" });
    const scene = new Scene(folder, { confd, keys: etcd });
    await using sidecar = scene.start();
    await sidecar.stdout.next("start: value=one");
    await etcd.put({ "/key": "two" });
    await sidecar.stdout.next("HUP: value=two");
    const translated = sidecar.stderr.all.some((line) => line.includes('CONFD_BACKEND: "etcdv3" is called "etcd"'));
    assertEquals(translated, backend !== confd.etcd);
  }, { parts: ["etcd"] });
}
