/**
 * The demo, as a user meets it: once by itself, and edited by hand until Ctrl-C.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needs } from "../tools/parts.ts";

const DEMO = fileURLToPath(new URL("../../examples/demo.ts", import.meta.url));
const DEADLINE_MS = 60_000;

/** A demo whose folder, in turn, is made in a folder of the test's own. */
class Demo implements AsyncDisposable {
  readonly temporary = Deno.makeTempDirSync({ prefix: "confd-sidecar-test-" });
  readonly child: Deno.ChildProcess;
  #text = "";
  #waiting: (() => void)[] = [];
  readonly #read: Promise<void>;

  constructor(...args: string[]) {
    this.child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", DEMO, ...args],
      env: { TMPDIR: this.temporary, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#read = this.#readAll();
  }

  async #readAll(): Promise<void> {
    for await (const text of this.child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Waits for something to be printed. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (true) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      deadline.addEventListener("abort", () => resolve());
      const ended = await Promise.race([promise, this.#read.then(() => true)]);
      if (deadline.aborted || (ended && !pattern.test(this.#text))) {
        throw new Error(`${pattern} did not come in:\n${this.#text}`);
      }
    }
  }

  /** Waits for the end; returns the exit status and all that was printed. */
  async end(): Promise<{ code: number; text: string }> {
    const { code } = await this.child.status;
    await this.#read;
    return { code, text: this.#text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGTERM");
    } catch {
      // It has ended, as it should.
    }
    await this.end();
    await Deno.remove(this.temporary, { recursive: true });
  }
}

Deno.test({
  ...needs("demo --once plays to its end and leaves nothing behind", "confd-fork-0.30"),
  async fn() {
    await using demo = new Demo("--once");
    const { code, text } = await demo.end();
    assert.equal(code, 0, text);
    assert.deepEqual(text.match(/^\d\/4 .*/gm)?.map((line) => line.slice(0, 3)), ["1/4", "2/4", "3/4", "4/4"], text);
    assert.deepEqual([...Deno.readDirSync(demo.temporary)], []);
  },
});

Deno.test({
  ...needs("demo reloads the service when the keys file is edited, and ends cleanly at Ctrl-C", "confd-fork-0.30"),
  async fn() {
    await using demo = new Demo();
    const [, keys] = await demo.until(/^ +Now edit +(\S+)$/m);
    const edited = Deno.readTextFileSync(keys).replace("world", "reader");
    // As editors do it: a new file takes the place of the old one.
    Deno.writeTextFileSync(`${keys}~`, edited);
    Deno.renameSync(`${keys}~`, keys);
    await demo.until(/^Reloaded: \S+ says: Hello, reader!$/m);
    demo.child.kill("SIGINT");
    const { code, text } = await demo.end();
    assert.equal(code, 0, text);
    assert.match(text, /greeter: SIGTERM, goodbye/);
    assert.deepEqual([...Deno.readDirSync(demo.temporary)], []);
  },
});
