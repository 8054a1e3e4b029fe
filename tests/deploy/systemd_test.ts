/**
 * The example unit for systemd: read by systemd itself, and its settings by the sidecar.
 *
 * Touches: files; processes.
 * @module
 */
import { readSettings } from "../../lib/settings/settings.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { binaryOf, needs } from "../tools/parts.ts";

const UNIT = Deno.readTextFileSync(new URL("../../examples/systemd/nginx-sidecar.service", import.meta.url));
/** The first systemd that knows `Type=notify-reload`. */
const NOTIFY_RELOAD = 253;

Deno.test({
  ...needs("the unit is one that systemd accepts, with nothing to warn of", "systemd-analyze"),
  fn: () => {
    using folder = new Folder();
    const known = Number(/^systemd (\d+)/.exec(run("--version").stdout)?.[1]) >= NOTIFY_RELOAD;
    // What it starts is not on this machine; an older systemd does not know the type.
    const text = UNIT.replaceAll(/^ExecStart=\S+ \S+/gm, "ExecStart=/bin/true");
    const unit = folder.write(
      "nginx-sidecar.service",
      known ? text : text.replace("Type=notify-reload", "Type=notify"),
    );
    const { code, stderr } = run("verify", "--man=no", unit);
    assertEquals([code, stderr], [0, ""]);
    if (!known) console.log("    this systemd is older than 253: verified with Type=notify");
    // A verification that cannot fail would be none.
    const broken = folder.write("broken.service", text.replace("KillMode=", "KillMod="));
    assert(run("verify", "--man=no", broken).stderr.includes("KillMod"), "an unknown key is noticed");
  },
});

Deno.test("the unit's settings are such as the sidecar accepts", () => {
  const lines = [...UNIT.matchAll(/^Environment="?([A-Z_]+)=([^"\n]*)"?$/gm)];
  const env = Object.fromEntries(lines.map(([, name, value]) => [name, value]));
  assert(Object.keys(env).length > 5, "they were read");
  assertEquals(readSettings(env).problems, []);
});

function run(...args: string[]): { code: number; stdout: string; stderr: string } {
  const { code, stdout, stderr } = new Deno.Command(binaryOf("systemd-analyze"), { args }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
