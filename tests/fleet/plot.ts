/**
 * A picture of a simulated fleet: how many were at work over time, and how long each waited.
 *
 * Pure.
 * @module
 */
import { type FleetOptions, FleetSimulation, type Sample, type Wave } from "./simulation.ts";

/** What is drawn. */
export const DRAWN: FleetOptions = {
  members: 1000,
  n: 10,
  workMs: 1000,
  spreadMs: 10_000,
  faults: 10,
  more: 0,
  sets: "own",
};
const SEED = 12;

const [WIDTH, HEIGHT, LEFT, RIGHT] = [880, 520, 56, 16];
/** Top and bottom of both panels. */
const UPPER = [54, 210] as const;
const LOWER = [300, 470] as const;

/** The picture, as SVG. */
export function plot(): string {
  const simulation = new FleetSimulation(SEED, DRAWN);
  const waves = [{ bad: false }, { bad: true }, { bad: false }].map((change) => simulation.run(change));
  const endMs = simulation.now;
  const x = (ms: number) => LEFT + (WIDTH - LEFT - RIGHT) * ms / endMs;
  const most = DRAWN.n + 2;
  const y = (working: number) => UPPER[1] - (UPPER[1] - UPPER[0]) * working / most;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="t">`,
    `<title id="t">A simulated fleet of ${DRAWN.members} members, ${DRAWN.n} at once: at work over time, and the wait of each</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    text(LEFT, 24, "Members at work over time", "title"),
    ...grid(endMs, x),
    ...[0, 5, 10].map((n) => text(LEFT - 8, y(n) + 4, String(n), "tick end")),
    `<path class="limit" d="M${LEFT} ${y(DRAWN.n)}H${WIDTH - RIGHT}"/>`,
    text(WIDTH - RIGHT, y(DRAWN.n) - 6, `N = ${DRAWN.n}`, "note end"),
    `<path class="work" d="${steps(simulation.samples, x, y)}"/>`,
    ...waves.map((wave, i) => marker(x(wave.begunAt), WAVES[i])),
    text(LEFT, 276, "How long members waited for their turn, by the order in which they came", "title"),
    ...waits(waves),
    "</svg>",
    "",
  ].join("\n");
}

const WAVES = ["a change", "a bad one: it stops", "a good one"];

const STYLE = [
  "text{font:12px system-ui,sans-serif;fill:#24292f}",
  ".title{font-weight:600;font-size:13px}",
  ".tick,.note{font-size:11px;fill:#57606a}",
  ".end{text-anchor:end}.middle{text-anchor:middle}",
  ".ground{fill:#fff;stroke:#d0d7de}",
  ".line{stroke:#d0d7de}",
  ".limit{stroke:#cf222e;stroke-dasharray:4 3;fill:none}",
  ".work{stroke:#0969da;stroke-width:1;fill:#0969da;fill-opacity:.18}",
  ".mark{stroke:#57606a;stroke-dasharray:2 3}",
  ".first,.second{stroke-width:2.6;stroke-linecap:round;fill:none}.first{stroke:#0969da}.second{stroke:#bf8700}",
  "text.first,text.second{stroke:none}text.first{fill:#0969da}text.second{fill:#9a6700}",
  "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.tick,.note{fill:#9198a1}.ground{fill:#0d1117;stroke:#3d444d}",
  ".line{stroke:#3d444d}.mark{stroke:#9198a1}.work{stroke:#4493f8;fill:#4493f8}.limit{stroke:#f85149}",
  ".first{stroke:#4493f8}.second{stroke:#d29922}text.first{fill:#4493f8}text.second{fill:#d29922}}",
].join("");

function text(x: number, y: number, words: string, kind: string): string {
  return `<text x="${round(x)}" y="${round(y)}" class="${kind}">${words}</text>`;
}

function round(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

function grid(endMs: number, x: (ms: number) => number): string[] {
  const every = 60_000;
  const ticks = Array.from({ length: Math.floor(endMs / every) + 1 }, (_, i) => i * every);
  return [
    `<path class="line" d="M${LEFT} ${UPPER[1]}H${WIDTH - RIGHT}"/>`,
    ...ticks.map((ms) => text(x(ms), UPPER[1] + 18, `${ms / every} min`, "tick middle")),
  ];
}

function marker(x: number, words: string): string {
  return `<path class="mark" d="M${round(x)} ${UPPER[0] - 8}V${UPPER[1]}"/>` +
    text(x + 4, UPPER[0] - 10, words, "note");
}

/** What there was at each moment; of many within one pixel, the most and the least. */
function steps(samples: readonly Sample[], x: (ms: number) => number, y: (working: number) => number): string {
  const columns = new Map<number, { most: number; least: number; last: number }>();
  for (const { at, working } of samples) {
    const column = Math.round(x(at));
    const known = columns.get(column);
    columns.set(column, {
      most: Math.max(known?.most ?? 0, working),
      least: Math.min(known?.least ?? Infinity, working),
      last: working,
    });
  }
  let path = `M${LEFT} ${round(y(0))}`;
  let last = 0;
  for (const [column, { most, last: end }] of columns) {
    path += `H${column}V${round(y(most))}`;
    if (end !== most) path += `V${round(y(end))}`;
    last = end;
  }
  return last === 0 ? path : `${path}V${round(y(0))}`;
}

function waits(waves: readonly Wave[]): string[] {
  const [first, , second] = waves;
  const longest = 1.15 * Math.max(...first.waits, ...second.waits);
  const x = (came: number) => LEFT + (WIDTH - LEFT - RIGHT) * came / DRAWN.members;
  const y = (ms: number) => LOWER[1] - (LOWER[1] - LOWER[0]) * ms / longest;
  const dots = ({ waits, went }: Wave, kind: string) =>
    `<path class="${kind}" d="${waits.map((ms, i) => `M${round(x(went[i]))} ${round(y(ms))}h0`).join("")}"/>`;
  const ticks = Array.from({ length: Math.floor(longest / 30_000) + 1 }, (_, i) => i * 30_000);
  return [
    `<path class="line" d="M${LEFT} ${LOWER[1]}H${WIDTH - RIGHT}"/>`,
    ...ticks.map((ms) => text(LEFT - 8, y(ms) + 4, `${ms / 1000} s`, "tick end")),
    ...[0, 250, 500, 750, 1000].map((came) => text(x(came), LOWER[1] + 18, String(came), "tick middle")),
    dots(first, "first"),
    dots(second, "second"),
    text(LEFT + 12, LOWER[0] + 4, "● the first change", "note first"),
    text(LEFT + 12, LOWER[0] + 20, "● the good change after the bad one", "note second"),
  ];
}
