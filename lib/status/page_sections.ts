/**
 * The sections of the page that tell of the present: the verdict, what it rests on, the service, confd, the files.
 *
 * Pure.
 * @module
 */
import { clock } from "./ages.ts";
import type { DestinationStatus, FleetStatus, Phase, StatusDocument } from "./document.ts";
import { type Html, markup } from "./markup.ts";
import { ago, digest, facts, icon, type Look, moment, quoted, section, state } from "./page_pieces.ts";
import { exitOf, judge, type Obstacle, obstacles } from "./verdict.ts";

const PHASES: Readonly<Record<Phase, string>> = {
  waiting: "Waiting",
  running: "Running",
  changing: "Changing",
  restarting: "Restarting",
  stopping: "Stopping",
};

const CHILD: Readonly<Record<StatusDocument["service"]["state"], readonly [Look, string]>> = {
  notStarted: ["none", "Not started"],
  running: ["well", "Running"],
  stopping: ["busy", "Stopping"],
  backingOff: ["trouble", "Down, to be started again"],
  ended: ["trouble", "Ended"],
};

const DESTINATION: Readonly<Record<DestinationStatus["state"], readonly [Look, string]>> = {
  current: ["well", "Loaded"],
  pending: ["busy", "On its way"],
  refused: ["trouble", "Refused"],
  missing: ["notice", "Missing"],
  empty: ["notice", "Empty"],
};

/** How many of those before this member are named. */
const NAMED = 5;

const CONDITION: Readonly<Record<StatusDocument["conditions"][number]["is"], Look>> = {
  ok: "well",
  no: "trouble",
  remark: "notice",
};

/** Whether all is well, and what stands in the way. */
export function verdict(document: StatusDocument, nowMs: number): Html {
  const found = obstacles(document);
  const { level, title, text } = judge(document, found);
  const [first, ...others] = found;
  // Read out are only the words that change with what happens: ages would be at every look.
  return markup`
    <section id="verdict" class="verdict ${level}" aria-labelledby="title">
      ${icon(level)}
      <div>
        <div role="status"><h1 id="title">${title}</h1><p>${text}</p></div>
        ${first === undefined ? null : details(first, nowMs)}
        ${others.length === 0 ? null : markup`<ul class="others">${others.map((one) => other(one, nowMs))}</ul>`}
        ${overview(document, nowMs)}
      </div>
    </section>`;
}

function overview({ phase, since, ready, config, started }: StatusDocument, nowMs: number): Html {
  return facts([
    ["Phase", markup`${PHASES[phase]} since ${moment(since, nowMs)}`],
    ["Ready", ready ? state("well", "Yes") : state("trouble", "No")],
    ["Configuration loaded", moment(config.loaded, nowMs)],
    ["Run began", moment(started, nowMs)],
  ]);
}

function other(one: Obstacle, nowMs: number): Html {
  return markup`
    <li class="${one.level}">
      ${icon(one.level)}
      <div><strong>${one.title}.</strong> ${one.text}${details(one, nowMs)}</div>
    </li>`;
}

function details({ quote, since, until }: Obstacle, nowMs: number): Html {
  const times = [
    since === null ? null : markup`<span>Since ${moment(since, nowMs)}.</span> `,
    until === null ? null : markup`<span>Until ${moment(until, nowMs)}.</span>`,
  ];
  const isTimed = since !== null || until !== null;
  return markup`${quote === null ? null : quoted(quote)}${isTimed ? markup`<p class="times">${times}</p>` : null}`;
}

/** What readiness rests on. */
export function conditions({ conditions, ready }: StatusDocument, nowMs: number): Html {
  const rows = conditions.map(({ name, is, says }) =>
    markup`<li>${icon(CONDITION[is])}<div><b>${name}</b> ${inShort(says, nowMs)}</div></li>`
  );
  return section("conditions", ready ? "Ready" : "Not ready", markup`<ul class="conditions">${rows}</ul>`);
}

/** What follows a colon is a reason, and stands in the verdict in full. */
function inShort(says: string, nowMs: number): string {
  return says.split(": ")[0].replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, (at) => clock(at, nowMs));
}

/** The user's program. */
export function service({ service, config }: StatusDocument, nowMs: number): Html {
  const { lastExit, pid } = service;
  const rows = facts([
    ["State", state(...CHILD[service.state])],
    ["Process", pid ?? "none"],
    ["Started", ago(service.started, nowMs)],
    ["Starts", service.starts],
    ["Last exit", lastExit === null ? "none" : markup`${exitOf(lastExit)}, ${ago(lastExit.at, nowMs)}`],
    ["Configuration", digest(config.digest)],
    ["Verified", ago(config.verified, nowMs)],
    ["Change pending", config.pendingSince === null ? "no" : markup`since ${moment(config.pendingSince, nowMs)}`],
  ]);
  return section("service", "Service", rows);
}

/** confd and its backend. */
export function confd({ confd }: StatusDocument, nowMs: number): Html {
  const { pid, version, dialect, backend, mode, lastAnswer, complaint } = confd;
  const rows = facts([
    ["State", state(...CHILD[confd.state])],
    ["Process", pid ?? "none"],
    ["Version", `${version ?? "not known"} (${dialect})`],
    ["Starts", confd.starts],
    ["Backend", `${backend}, ${mode === "watch" ? "watched" : "polled"}`],
    ["Reachable", state(...reachability(confd.reachable))],
    ["Last answer", ago(lastAnswer, nowMs)],
    ["Complaint", complaint ?? "none"],
  ]);
  return section("confd", "confd", rows);
}

const TURN: Readonly<Record<FleetStatus["state"], readonly [Look, string]>> = {
  none: ["none", "No turn wanted"],
  waiting: ["busy", "Waits for its turn"],
  holding: ["busy", "Has its turn"],
  kept: ["notice", "Keeps its turn"],
  exempt: ["busy", "Goes ahead without a turn"],
};

/** This member's turn in its fleet; nothing where there is none. */
export function fleet({ fleet }: StatusDocument, nowMs: number): Html | null {
  if (fleet === null) return null;
  const { engine, group, id, n, queue, away } = fleet;
  const rows = facts([
    ["Member", `${id} in ${group}`],
    ["Store", n === null ? engine : `${engine}, ${n} at once`],
    ["Turn", state(...TURN[fleet.state])],
    ["Since", ago(fleet.since, nowMs)],
    ["Place", queue === null ? "none" : `${queue.place} of ${queue.length}, ${queue.limit} at once`],
    ["Behind", queue === null || queue.ahead.length === 0 ? "nobody" : queue.ahead.slice(0, NAMED).join(", ")],
    ["Reachable", away === null ? state("well", "It answers") : state("notice", "It cannot be asked")],
  ]);
  return section("fleet", "Fleet", rows);
}

function reachability(reachable: boolean | null): readonly [Look, string] {
  if (reachable === null) return ["none", "Not known yet"];
  return reachable ? ["well", "It answers"] : ["trouble", "It does not answer"];
}

/** The files that confd renders. */
export function destinations(document: StatusDocument, nowMs: number): Html {
  const rows = document.config.destinations.map((one) =>
    markup`
      <tr role="row">
        <th scope="row" role="rowheader"><code>${one.path}</code></th>
        <td role="cell">${state(...stateOf(one, document))}</td>
        <td role="cell">${ago(one.changed, nowMs)}</td>
        <td role="cell" class="wide">${digest(one.digest)}</td>
      </tr>`
  );
  const table = markup`
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">File</th>
          <th scope="col" role="columnheader">State</th>
          <th scope="col" role="columnheader">Changed</th>
          <th scope="col" role="columnheader" class="wide">SHA-256</th>
        </tr>
      </thead>
      <tbody role="rowgroup">${rows}</tbody>
    </table>`;
  return section("destinations", "Destinations", table);
}

/** A destination's state, in the words that the verdict has for it. */
function stateOf({ state }: DestinationStatus, { phase, hold, trouble }: StatusDocument): readonly [Look, string] {
  if (state === "missing" && phase === "waiting") return ["none", "Not rendered yet"];
  if (state === "pending" && hold !== null) return ["notice", "On hold"];
  if (state === "refused" && trouble?.kind === "rolledBack") return ["trouble", "Rolled back"];
  return DESTINATION[state];
}
