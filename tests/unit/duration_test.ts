import { formatDuration, inWords, LONGEST_MS, parseDuration } from "../../lib/settings/duration.ts";
import { assertEquals } from "../support/assert.ts";
import { forAll } from "../support/property.ts";

Deno.test("parseDuration() reads a bare number as seconds", () => {
  assertEquals(parseDuration("0"), 0);
  assertEquals(parseDuration("1"), 1000);
  assertEquals(parseDuration("90"), 90_000);
  assertEquals(parseDuration("007"), 7000);
  assertEquals(parseDuration("1.5"), 1500);
});

Deno.test("parseDuration() reads every unit, alone and together", () => {
  const cases: [string, number][] = [
    ["500ms", 500],
    ["1s", 1000],
    ["2m", 120_000],
    ["3h", 10_800_000],
    ["1h30m", 5_400_000],
    ["1h30m15s250ms", 5_415_250],
    ["0.5s", 500],
    ["1.25m", 75_000],
    ["0.1h", 360_000],
    ["0s", 0],
    ["0ms", 0],
    // As Go reads them: units in any order, and more than once.
    ["1s1s", 2000],
    ["30s1m", 90_000],
    ["90m", 5_400_000],
  ];
  for (const [text, ms] of cases) assertEquals(parseDuration(text), ms, text);
});

Deno.test("parseDuration() rounds to whole milliseconds", () => {
  assertEquals(parseDuration("0.4ms"), 0);
  assertEquals(parseDuration("0.6ms"), 1);
  assertEquals(parseDuration("0.0014s"), 1);
});

Deno.test("parseDuration() takes what a timer can hold and nothing longer", () => {
  assertEquals(parseDuration(`${LONGEST_MS}ms`), LONGEST_MS);
  assertEquals(parseDuration(`${LONGEST_MS + 1}ms`), undefined);
  assertEquals(parseDuration("576h"), 24 * 86_400_000);
  assertEquals(parseDuration("600h"), undefined);
  assertEquals(parseDuration("9".repeat(400)), undefined);
});

Deno.test("parseDuration() refuses what is no duration", () => {
  const refused = [
    "",
    " ",
    "s",
    "ms",
    "-1",
    "-1s",
    "+1s",
    "1 s",
    " 1s",
    "1s ",
    "1s\n",
    "1h 30m",
    "1h30",
    "30 1m",
    ".5s",
    "1.s",
    "1e3",
    "0x10",
    "1S",
    "1M",
    "1d",
    "1w",
    "1us",
    "1,5s",
    "one",
    "Infinity",
    "NaN",
    "1s,2s",
    "\u0661s",
  ];
  for (const text of refused) assertEquals(parseDuration(text), undefined, JSON.stringify(text));
});

Deno.test("formatDuration() leaves out units that are zero", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [1, "1ms"],
    [999, "999ms"],
    [1000, "1s"],
    [1500, "1s500ms"],
    [60_000, "1m"],
    [5_400_000, "1h30m"],
    [3_600_001, "1h1ms"],
  ];
  for (const [ms, text] of cases) assertEquals(formatDuration(ms), text);
});

Deno.test("parseDuration() reads what formatDuration() writes", () => {
  forAll(500, (random) => {
    const ms = random.between(0, random.pick([2000, 100_000, 10_000_000, LONGEST_MS]));
    assertEquals(parseDuration(formatDuration(ms)), ms);
  });
  assertEquals(parseDuration(formatDuration(LONGEST_MS)), LONGEST_MS);
});

Deno.test("inWords() speaks as the log always did", () => {
  assertEquals(inWords(1000), "one second");
  assertEquals(inWords(2000), "2 seconds");
  assertEquals(inWords(0), "0 seconds");
  assertEquals(inWords(59_000), "59 seconds");
  assertEquals(inWords(60_000), "1m");
  assertEquals(inWords(90_000), "1m30s");
  assertEquals(inWords(500), "500ms");
  assertEquals(inWords(1500), "1s500ms");
});
