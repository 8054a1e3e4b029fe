import { age, clock, fullTime, length } from "../../lib/status/ages.ts";
import { assertEquals } from "../support/assert.ts";

const NOW_MS = Date.parse("2026-11-25T14:31:20.250Z");
const before = (seconds: number) => new Date(NOW_MS - seconds * 1000).toISOString();

Deno.test("age() has one unit, and looks ahead too", () => {
  const cases: [seconds: number, says: string][] = [
    [0, "now"],
    [0.4, "now"],
    [1, "1 s ago"],
    [59, "59 s ago"],
    [60, "1 min ago"],
    [3599, "59 min ago"],
    [3600, "1 h ago"],
    [86_399, "23 h ago"],
    [86_400, "1 day ago"],
    [200_000, "2 days ago"],
    [-90, "in 1 min"],
  ];
  for (const [seconds, says] of cases) assertEquals(age(before(seconds), NOW_MS), says);
});

Deno.test("clock() names the day only where it is another", () => {
  assertEquals(clock("2026-11-25T00:00:09.500Z", NOW_MS), "00:00:09");
  assertEquals(clock("2026-11-24T23:59:59Z", NOW_MS), "2026-11-24 23:59:59");
  assertEquals(fullTime("2026-11-24T23:59:59.123Z"), "2026-11-24 23:59:59 UTC");
});

Deno.test("length() is as precise as is of use", () => {
  const cases: [seconds: number, says: string][] = [
    [0, "0ms"],
    [0.0042, "4ms"],
    [1, "1.0s"],
    [9.94, "9.9s"],
    [30.4, "30s"],
    [75, "1m15s"],
  ];
  for (const [seconds, says] of cases) assertEquals(length(seconds), says);
});
