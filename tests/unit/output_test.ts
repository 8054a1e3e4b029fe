import { Output } from "../../lib/host/output/output.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { until } from "../support/sidecar.ts";

const encoder = new TextEncoder();
const MIB = 1 << 20;

/** A reader of standard error: takes what is written when and as it likes. */
type Taker = (bytes: Uint8Array) => number | Promise<number>;

/** Runs something while standard error goes to somebody else; returns what was taken. */
async function withStderr(take: Taker, act: () => Promise<void>): Promise<string> {
  const { write } = Deno.stderr;
  const decoder = new TextDecoder();
  let taken = "";
  Deno.stderr.write = async (bytes) => {
    const count = await take(bytes);
    taken += decoder.decode(bytes.subarray(0, count), { stream: true });
    return count;
  };
  // The output's own timers do not keep a process alive: in the sidecar something else does.
  const alive = setInterval(() => {}, 1000);
  try {
    await act();
  } finally {
    clearInterval(alive);
    Deno.stderr.write = write;
  }
  return taken;
}

const all: Taker = (bytes) => bytes.length;

Deno.test("Output writes everything, in order", async () => {
  const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`);
  const taken = await withStderr(all, async () => {
    const output = new Output();
    for (const line of lines) output.write(encoder.encode(line));
    await output.flush(10_000);
  });
  assertEquals(taken, lines.join(""));
});

Deno.test("Output goes on where a write took only a part", async () => {
  const taken = await withStderr((bytes) => Math.min(3, bytes.length), async () => {
    const output = new Output();
    output.write(encoder.encode("a first line\nand a \u00e9\n"));
    await output.flush(10_000);
  });
  assertEquals(taken, "a first line\nand a \u00e9\n");
});

Deno.test("Output tries again where a write would block", async () => {
  let refusals = 3;
  const moody: Taker = (bytes) => {
    if (refusals-- > 0) throw new Deno.errors.WouldBlock("not now");
    return bytes.length;
  };
  const taken = await withStderr(moody, async () => {
    const output = new Output();
    output.write(encoder.encode("patience\n"));
    await output.flush(10_000);
  });
  assertEquals(taken, "patience\n");
});

Deno.test("Output gives up for good when standard error is closed", async () => {
  let tries = 0;
  const broken: Taker = () => {
    tries++;
    throw new Deno.errors.BrokenPipe("gone");
  };
  await withStderr(broken, async () => {
    const output = new Output();
    output.write(encoder.encode("x".repeat(2 * MIB)));
    await output.flush(10_000);
    assert(await output.room(), "nobody is waited for any more");
    output.write(encoder.encode("y"));
    await output.flush(10_000);
  });
  assertEquals(tries, 1);
});

Deno.test("Output never makes a writer wait for a reader", async () => {
  const { promise: stuck, resolve: release } = Promise.withResolvers<void>();
  const slow: Taker = async (bytes) => {
    await stuck;
    return bytes.length;
  };
  const taken = await withStderr(slow, async () => {
    const output = new Output();
    for (let i = 0; i < 10; i++) output.write(encoder.encode("x".repeat(MIB)));
    await output.flush(1);
    release();
    await output.flush(10_000);
  });
  assertEquals(taken.length, 10 * MIB);
});

Deno.test("Output.room() is there at once below the limit", async () => {
  await withStderr(() => new Promise<number>((resolve) => setTimeout(resolve, 0, 1)), async () => {
    const output = new Output();
    assert(await output.room());
    output.write(encoder.encode("few"));
    assert(await output.room());
    await output.flush(10_000);
  });
});

Deno.test("Output.room() is false for a reader who takes nothing, and true again when he reads", async () => {
  let stuck = Promise.withResolvers<void>();
  const reader: Taker = async (bytes) => {
    await stuck.promise;
    return bytes.length;
  };
  await withStderr(reader, async () => {
    const output = new Output();
    output.write(encoder.encode("x".repeat(MIB)));
    assertEquals(await output.room(), false);
    // Patience is lost once: twenty times as much would hold confd up for that long.
    const begun = performance.now();
    for (let i = 0; i < 20; i++) assertEquals(await output.room(), false);
    assert(performance.now() - begun < 10_000);
    stuck.resolve();
    await until("there is room again", () => output.room());
    await output.flush(10_000);
    stuck = Promise.withResolvers();
    stuck.resolve();
  });
});

Deno.test("Output.room() has patience with a reader who is slow", async () => {
  // All of it takes far longer than the output's patience, but something is taken all the time.
  const slow: Taker = (bytes) =>
    new Promise((resolve) => setTimeout(() => resolve(bytes.length), Math.ceil(bytes.length / 500)));
  let held = true;
  const reader: Taker = (bytes) => held ? slow(bytes) : bytes.length;
  await withStderr(reader, async () => {
    const output = new Output();
    output.write(encoder.encode("x".repeat(MIB)));
    assertEquals(await output.room(), true);
    held = false;
    await output.flush(10_000);
  });
});

Deno.test("Output does not tear lines apart where they fit", async () => {
  const pieces: string[] = [];
  const noting: Taker = (bytes) => {
    pieces.push(new TextDecoder().decode(bytes));
    return bytes.length;
  };
  await withStderr(noting, async () => {
    const output = new Output();
    for (let i = 0; i < 5000; i++) output.write(encoder.encode(`line ${i}\n`));
    await output.flush(10_000);
    await until("all is written", () => pieces.join("").endsWith("line 4999\n"));
  });
  assert(pieces.length > 1);
  for (const piece of pieces) assert(piece.endsWith("\n"), piece.slice(-20));
});

Deno.test("Output.flush() comes back in time where nobody reads", async () => {
  const { promise: stuck, resolve: release } = Promise.withResolvers<void>();
  const reader: Taker = async (bytes) => {
    await stuck;
    return bytes.length;
  };
  await withStderr(reader, async () => {
    const output = new Output();
    output.write(encoder.encode("x"));
    await output.flush(20);
    release();
    await output.flush(10_000);
  });
});
