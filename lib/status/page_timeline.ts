/**
 * The section of the page that tells of the past: the last changes, the newest first.
 *
 * Pure.
 * @module
 */
import { length } from "./ages.ts";
import type { RolloutOutcome, RolloutRecord, StatusDocument, StepName, StepRecord } from "./document.ts";
import { type Html, markup, type Part } from "./markup.ts";
import { icon, type Look, moment, quoted, section } from "./page_pieces.ts";
import { DOING } from "./verdict.ts";

/** How many are shown. */
const SHOWN = 20;

const OUTCOME: Readonly<Record<RolloutOutcome, readonly [Look, string]>> = {
  running: ["busy", "On its way"],
  loaded: ["well", "Loaded"],
  verified: ["well", "Loaded and verified"],
  takenBack: ["none", "Taken back in time"],
  held: ["notice", "On hold"],
  refused: ["trouble", "Refused"],
  failed: ["trouble", "Failed"],
  rolledBack: ["trouble", "Rolled back"],
};

const TRIGGER: Readonly<Record<RolloutRecord["trigger"], string>> = {
  start: "first start",
  change: "change",
  retry: "another try",
  reload: "reload on request",
  restart: "restart",
  rollback: "rollback on request",
  release: "released",
};

const STEP: Readonly<Record<StepName, readonly [done: string, failed: string]>> = {
  settle: ["settled", "did not settle"],
  splay: ["delayed", "delay failed"],
  turn: ["waited for its turn", "got no turn"],
  check: ["checked", "check failed"],
  publish: ["put in place", "putting in place failed"],
  start: ["started", "start failed"],
  reload: ["reloaded", "reload failed"],
  restart: ["restarted", "restart failed"],
  verify: ["verified", "verification failed"],
  rollBack: ["rolled back", "rolling back failed"],
};

/** The last changes. */
export function timeline({ rollouts, counts }: StatusDocument, nowMs: number): Html {
  const shown = rollouts.slice(-SHOWN).reverse();
  const more = rollouts.length - shown.length;
  return section("changes", "Changes", [
    markup`<p class="counts">${inNumbers(counts)}</p>`,
    markup`<ol class="timeline">${shown.map((one) => change(one, nowMs))}</ol>`,
    more > 0 ? markup`<p class="counts"><a href="status">${more} older ones</a></p>` : null,
  ]);
}

function inNumbers(counts: StatusDocument["counts"]): string {
  const of = (count: number, one: string, many = one) => count > 0 ? [`${count} ${count === 1 ? one : many}`] : [];
  const parts = [
    ...of(counts.changes, "change", "changes"),
    ...of(counts.changesTakenBack, "taken back in time"),
    ...of(counts.refusals, "refused"),
    ...of(counts.rollbacks, "rolled back"),
  ];
  return parts.length === 0 ? "None since the start" : `In this run: ${parts.join(", ")}`;
}

function change(one: RolloutRecord, nowMs: number): Html {
  const [look, words] = OUTCOME[one.outcome];
  const reasons = one.steps.flatMap(({ reason }) => reason === null ? [] : [quoted(reason)]);
  return markup`
    <li id="change-${one.id}" class="${look}">
      ${icon(look)}
      <div class="change">
        <h3>${words} <small>#${one.id}, ${TRIGGER[one.trigger]}</small></h3>
        ${when(one, nowMs)}
        ${one.destinations.length === 0 ? null : markup`<p>${listed(one.destinations)}</p>`}
        <ol class="steps">${one.steps.map(step)}</ol>
        ${reasons}
        ${one.differences.length === 0 ? null : differences(one)}
      </div>
    </li>`;
}

function when({ at, seconds }: RolloutRecord, nowMs: number): Html {
  return markup`
    <p class="when">
      <span>${moment(at, nowMs)}</span>
      ${seconds === null ? null : markup` <span>took ${length(seconds)}</span>`}
    </p>`;
}

function listed(paths: readonly string[]): Html[] {
  return paths.map((path, i) => markup`${i > 0 ? ", " : null}<code>${path}</code>`);
}

function step({ name, outcome, seconds }: StepRecord): Html {
  const [done, failed] = STEP[name];
  const words = { running: DOING[name], ok: done, failed }[outcome];
  return markup`<li class="${outcome}">${words}${
    seconds === null ? null : markup` <small>${length(seconds)}</small>`
  }</li>`;
}

function differences({ id, differences }: RolloutRecord): Html {
  const blocks = differences.map(({ path, lines }) =>
    markup`<p><code>${path}</code></p><pre class="difference">${lines.map(line)}</pre>`
  );
  return markup`<details id="differences-${id}"><summary>What changed</summary>${blocks}</details>`;
}

/** The signs in front say what was added and what was taken away. */
function line(text: string): Part {
  if (text.startsWith("+")) return [markup`<ins>${text}</ins>`, "\n"];
  if (text.startsWith("-")) return [markup`<del>${text}</del>`, "\n"];
  return [text, "\n"];
}
