import { Output } from "../../lib/host/output/output.ts";
import { Relay } from "../../lib/host/output/relay.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { forAll } from "../support/property.ts";

const encoder = new TextEncoder();
const MIB = 1 << 20;

/** An output that keeps what it is given, and has room or not as it is told. */
class Memory extends Output {
  readonly written: Uint8Array[] = [];
  hasRoom = true;

  override write(bytes: Uint8Array): void {
    this.written.push(bytes.slice());
  }

  override room(): Promise<boolean> {
    return Promise.resolve(this.hasRoom);
  }

  get text(): string {
    return this.written.map((bytes) => new TextDecoder().decode(bytes)).join("");
  }
}

function setUp() {
  const output = new Memory();
  const heard: string[] = [];
  const dropped: number[] = [];
  const relay = new Relay({
    output,
    onLines: (text) => heard.push(text),
    onDropped: (bytes) => dropped.push(bytes),
  });
  return { output, heard, dropped, relay };
}

/** A stream of chunks, given as text or bytes. */
function streamOf(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map((chunk) => typeof chunk === "string" ? encoder.encode(chunk) : chunk));
}

Deno.test("Relay passes lines on, unchanged and whole", async () => {
  const { output, heard, relay } = setUp();
  await relay.run(streamOf("one\ntw", "o\n", "thr", "ee", "\n"));
  assertEquals(output.text, "one\ntwo\nthree\n");
  assertEquals(heard, ["one\n", "two\n", "three\n"]);
});

Deno.test("Relay holds a line back until it is whole", async () => {
  const { output, relay } = setUp();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const running = relay.run(readable);
  const writer = writable.getWriter();
  await writer.write(encoder.encode("a\nb"));
  await writer.write(encoder.encode("c"));
  assertEquals(output.text, "a\n");
  await writer.write(encoder.encode("d\n"));
  await writer.close();
  await running;
  assertEquals(output.text, "a\nbcd\n");
});

Deno.test("Relay ends a last line that has no end", async () => {
  const { output, heard, relay } = setUp();
  await relay.run(streamOf("a\nb"));
  assertEquals(output.text, "a\nb\n");
  assertEquals(heard.join(""), "a\nb\n");
});

Deno.test("Relay writes nothing for a stream without anything", async () => {
  const { output, heard, relay } = setUp();
  await relay.run(streamOf());
  assertEquals([output.written, heard, relay.tail()], [[], [], []]);
});

Deno.test("Relay passes any bytes on as they are", async () => {
  const { output, relay } = setUp();
  const bytes = new Uint8Array([0, 255, 254, 0xc3, 10, 0xa9, 13, 10]);
  await relay.run(streamOf(bytes.subarray(0, 3), bytes.subarray(3, 6), bytes.subarray(6)));
  assertEquals(output.written.flatMap((part) => [...part]), [...bytes]);
});

Deno.test("Relay passes everything on, however the stream is cut", async () => {
  const cases: [string[], string][] = [];
  forAll(50, (random) => {
    const chunks = Array.from(
      { length: random.between(0, 20) },
      () => Array.from({ length: random.between(0, 6) }, () => random.pick(["a", "b", "\n", "\u00e9"])).join(""),
    );
    cases.push([chunks, chunks.join("")]);
  });
  for (const [chunks, text] of cases) {
    const { output, heard, relay } = setUp();
    await relay.run(streamOf(...chunks));
    const expected = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    assertEquals(output.text, expected, JSON.stringify(chunks));
    assertEquals(heard.join(""), expected, JSON.stringify(chunks));
    for (const lines of heard) assert(lines.endsWith("\n"), JSON.stringify(chunks));
  }
});

Deno.test("Relay reads letters whole that two chunks share", async () => {
  const { heard, relay } = setUp();
  const bytes = encoder.encode("\u00e9\u{1f600}\n");
  await relay.run(streamOf(...Array.from(bytes, (byte) => new Uint8Array([byte]))));
  assertEquals(heard, ["\u00e9\u{1f600}\n"]);
});

Deno.test("Relay passes a line over 64 KiB on as one", async () => {
  const { output, heard, relay } = setUp();
  const line = `${"x".repeat(200_000)}\n`;
  await relay.run(streamOf(line.slice(0, 65_536), line.slice(65_536, 131_072), line.slice(131_072)));
  assertEquals(output.written.length, 1);
  assertEquals(heard, [line]);
});

Deno.test("Relay keeps memory flat: a line without end goes out in pieces", async () => {
  const { output, relay } = setUp();
  const piece = new Uint8Array(65_536).fill(120);
  let largest = 0;
  const write = output.write.bind(output);
  output.write = (bytes) => {
    largest = Math.max(largest, bytes.length);
    write(bytes);
  };
  await relay.run(streamOf(...Array.from({ length: 48 }, () => piece), "\n"));
  assertEquals(output.written.reduce((sum, bytes) => sum + bytes.length, 0), 3 * MIB + 1);
  assert(largest <= MIB + piece.length, `${largest} bytes were held`);
});

Deno.test("Relay.tail() has the last ten lines", async () => {
  const { relay } = setUp();
  await relay.run(streamOf(Array.from({ length: 30 }, (_, i) => `line ${i}\n`).join(""), "\n\nlast"));
  assertEquals(relay.tail(), [...Array.from({ length: 9 }, (_, i) => `line ${i + 21}`), "last"]);
});

Deno.test("Relay.tail() has what was left of several streams, and not more than a little of it", async () => {
  const { relay } = setUp();
  await relay.run(streamOf("first\n"));
  await relay.run(streamOf("second\n"));
  assertEquals(relay.tail(), ["first", "second"]);
  await relay.run(streamOf(`${"y".repeat(100_000)}\nend\n`));
  const tail = relay.tail();
  assertEquals(tail.at(-1), "end");
  assert(tail.join("").length <= 4096);
});

Deno.test("Relay drops lines that nobody reads, tells of it once, and still listens to them", async () => {
  const { output, heard, dropped, relay } = setUp();
  output.hasRoom = false;
  await relay.run(streamOf("12345\n", "789\n"));
  assertEquals([output.text, dropped], ["", []]);
  assertEquals(heard, ["12345\n", "789\n"]);
  output.hasRoom = true;
  await relay.run(streamOf("a\n", "b\n"));
  assertEquals(output.text, "a\nb\n");
  assertEquals(dropped, [10]);
});

Deno.test("Relay takes a broken stream for an ended one", async () => {
  const { output, relay } = setUp();
  const chunks = ["a\n", "half"];
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = chunks.shift();
      if (next === undefined) controller.error(new Error("gone"));
      else controller.enqueue(encoder.encode(next));
    },
  });
  await relay.run(broken);
  assertEquals(output.text, "a\nhalf\n");
});

Deno.test("Relay does not mix the lines of two streams that come side by side", async () => {
  const { output, relay } = setUp();
  const a = streamOf("a1 ", "a2\n", "a3 ", "a4\n");
  const b = streamOf("b1 ", "b2\n", "b3 ", "b4\n");
  await Promise.all([relay.run(a), relay.run(b)]);
  assertEquals(output.text.split("\n").sort(), ["", "a1 a2", "a3 a4", "b1 b2", "b3 b4"]);
});
