/**
 * docs/installing.md: nginx in five minutes, as it stands there, with a real nginx and a real confd.
 *
 * Touches: files, processes, the loopback network, through the support modules.
 * @module
 */
import { fences, readText } from "../docs/pages.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { NO_BASH, runExample } from "../support/example.ts";
import { freePort } from "../support/ports.ts";
import { Sidecar, until } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";

const [EXAMPLE, CHANGE] = fences(readText("docs/installing.md").split("## nginx in five minutes")[1], "bash");

e2e("docs/installing.md: nginx in five minutes", async ({ folder }) => {
  const port = freePort();
  const { env, args } = runExample(folder, EXAMPLE.replaceAll("8080", String(port)));
  folder.write("bin/nginx", `#!/bin/sh\nexec '${binaryOf("nginx")}' "$@"\n`, 0o755);
  folder.write("bin/confd", `#!/bin/sh\nexec '${ANY_CONFD.path(folder)}' "$@"\n`, 0o755);
  const path = `${folder.at("bin")}:${Deno.env.get("PATH")}`;
  await using sidecar = new Sidecar({ args, env: { ...env, PATH: path }, cwd: folder.path });
  const says = () => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text()).catch(() => "");
  await until("nginx says hello", async () => await says() === "hello\n");
  runExample(folder, CHANGE);
  await until("nginx says something else", async () => await says() === "good evening\n");
  runExample(folder, CHANGE.replace("good evening", 'it is \\" bad'));
  await sidecar.stderr.next("the new configuration is refused");
  assertEquals(await says(), "good evening\n", "nginx goes on as before");
  assert(sidecar.stderr.all.some((line) => line.includes("reloading main program now")), "it was a reload");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
}, { parts: [ANY_CONFD.part, "nginx"], reason: NO_BASH });
