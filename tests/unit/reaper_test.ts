import { assertEquals } from "../support/assert.ts";

const SCENES = new URL("../support/reaper_scenes.ts", import.meta.url).pathname;

Deno.test("Reaper tells how real children ended, what stopped one, and counts those that nobody waits for", async () => {
  const args = ["run", "--allow-all", "--no-check", "--quiet", SCENES];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stderr), "");
  assertEquals(JSON.parse(decoder.decode(stdout)), {
    endings: [
      { code: 0, signal: null },
      { code: 7, signal: null },
      { code: 255, signal: null },
      { code: 143, signal: "SIGTERM" },
      { code: 139, signal: "SIGSEGV" },
    ],
    stops: [19],
    ended: { code: 3, signal: null },
    orphans: 1,
  });
});
