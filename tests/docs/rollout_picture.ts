/**
 * The picture of two rollouts, one that goes live and one that is taken back: drawn from what the core makes of them.
 *
 * Pure.
 * @module
 */
import { drive } from "../../lib/core/drive.ts";
import type { Event } from "../../lib/core/protocol.ts";
import type { RolloutRecord } from "../../lib/status/document.ts";
import { Recorder } from "../../lib/status/recorder.ts";
import { content, contents, FACTS, stateOf } from "../support/states.ts";

/** What happens, and how many milliseconds after what came before. */
type Moment = readonly [ms: number, event: Event];

const changed = (word: string): Event => ({
  type: "destinationChanged",
  dest: "/etc/app.conf",
  content: content(word),
});
const placed = (word: string) => contents([["/etc/app.conf", word]]);
const published = (word: string): Event => ({ type: "published", contents: placed(word), failure: null });
const SETTLE: Event = { type: "timerFired", timer: "settle" };
const CHECKED: Event = { type: "checked" };
const PROBE: Event = { type: "timerFired", timer: "probe" };
const RELOADED: Event = { type: "reloadEnded", failure: null };
const WELL: Event = { type: "probeEnded", failure: null };

const START: readonly Moment[] = [
  [0, { type: "begun" }],
  [100, changed("one")],
  [1000, SETTLE],
  [200, CHECKED],
  [50, published("one")],
  [500, PROBE],
  [100, WELL],
];
const GOOD: readonly Moment[] = [
  [5000, changed("two")],
  [400, changed("three")],
  [1000, SETTLE],
  [450, CHECKED],
  [150, published("three")],
  [350, RELOADED],
  [500, PROBE],
  [250, WELL],
];
const BAD: readonly Moment[] = [
  [5000, changed("bad")],
  [1000, SETTLE],
  [450, CHECKED],
  [150, published("bad")],
  [350, RELOADED],
  [500, PROBE],
  [50, { type: "probeEnded", failure: "it answers 500" }],
  [950, { type: "timerFired", timer: "verifyTimeout" }],
  [300, { type: "restored", contents: placed("three") }],
  [350, RELOADED],
  [500, PROBE],
  [150, WELL],
];

/** The last two rollouts of that. */
function rollouts(): RolloutRecord[] {
  const state = stateOf({ "/etc/app.conf": null }, {
    staged: true,
    verified: true,
    reload: { by: "exec" },
    verifyTimeoutMs: 1500,
  });
  let at = 0;
  const recorder = new Recorder({ facts: FACTS, state, at });
  const post = drive(state, { perform: () => {}, observe: (transition) => recorder.observe(transition, at) });
  for (const [ms, event] of [...START, ...GOOD, ...BAD]) {
    at += ms;
    post(event);
  }
  return recorder.document.rollouts.slice(-2);
}

const [WIDTH, HEIGHT, LEFT, RIGHT] = [880, 230, 24, 24];
const BAR = 34;

/** What a step is called in the picture. */
const NAMES: Readonly<Record<string, string>> = { rollBack: "back", publish: "put in place" };

/** The picture, as SVG. */
export function rolloutPicture(): string {
  const records = rollouts();
  const longest = Math.max(...records.map(({ seconds }) => seconds ?? 0));
  const scale = (WIDTH - LEFT - RIGHT) / longest;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="t">`,
    `<title id="t">Two rollouts: one goes live, one is taken back</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    ...records.flatMap((record, i) => row(record, { top: 44 + i * 96, scale })),
    "</svg>",
    "",
  ].join("\n");
}

const STYLE = [
  "text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-weight:600;font-size:13px}",
  ".time{font-size:11px;fill:#57606a}.step{text-anchor:middle}",
  ".ground{fill:#fff;stroke:#d0d7de}.ok{fill:#ddf4ff;stroke:#0969da}.failed{fill:#ffebe9;stroke:#cf222e}",
  ".settle{fill:#f6f8fa;stroke:#8c959f}.rollBack{fill:#fff8c5;stroke:#9a6700}",
  "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.time{fill:#9198a1}.ground{fill:#0d1117;stroke:#3d444d}",
  ".ok{fill:#121d2f;stroke:#4493f8}.failed{fill:#25171c;stroke:#f85149}.settle{fill:#151b23;stroke:#9198a1}",
  ".rollBack{fill:#272115;stroke:#d29922}}",
].join("");

function row({ at, outcome, steps, seconds }: RolloutRecord, { top, scale }: { top: number; scale: number }): string[] {
  const begun = Date.parse(at);
  const title = outcome === "verified"
    ? "A change goes live: one reload, and the service is well on it"
    : "A change that does harm is taken back: the service is well on the files from before";
  return [
    `<text class="title" x="${LEFT}" y="${top - 14}">${title}</text>`,
    ...steps.map((step) => {
      const x = LEFT + (Date.parse(step.at) - begun) / 1000 * scale;
      const width = (step.seconds ?? 0) * scale;
      const kind = step.outcome === "failed" ? "failed" : ["settle", "rollBack"].includes(step.name) ? step.name : "ok";
      const name = NAMES[step.name] ?? step.name;
      const fits = width > 7 * name.length;
      const label = fits ? `<text class="step" x="${round(x + width / 2)}" y="${top + 21}">${name}</text>` : "";
      const box = `<rect class="${kind}" x="${round(x)}" y="${top}" width="${round(Math.max(width - 2, 2))}"`;
      return `${box} height="${BAR}" rx="3"><title>${name}: ${step.seconds} s</title></rect>${label}`;
    }),
    `<text class="time" x="${LEFT}" y="${top + BAR + 16}">0 s</text>`,
    `<text class="time" x="${round(LEFT + (seconds ?? 0) * scale - 24)}" y="${top + BAR + 16}">${seconds} s</text>`,
  ];
}

function round(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}
