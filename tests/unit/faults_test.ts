import { assert, assertEquals } from "../support/assert.ts";
import { bareEnvironment } from "../support/sidecar.ts";

/** Runs a program that has a fault, with the handler in place; returns its status and what it printed. */
async function faulty(act: string): Promise<{ code: number; printed: string }> {
  const module = new URL("../../lib/host/faults.ts", import.meta.url);
  const program = `
    import { onFault } from "${module}";
    onFault((error) => { console.log("fault:", error.message); Deno.exit(70); });
    ${act}
  `;
  const args = ["eval", "--quiet", program];
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, env: bareEnvironment(), clearEnv: true })
    .output();
  return { code, printed: new TextDecoder().decode(stdout) };
}

Deno.test("onFault() is told of an error in a callback, and the runtime does not end by itself", async () => {
  const { code, printed } = await faulty('setTimeout(() => { throw new Error("thrown"); }, 0);');
  assertEquals(code, 70);
  assert(printed.includes("fault: thrown"), printed);
});

Deno.test("onFault() is told of a promise that nobody looks after", async () => {
  const { code, printed } = await faulty('Promise.reject(new Error("rejected"));');
  assertEquals(code, 70);
  assert(printed.includes("fault: rejected"), printed);
});
