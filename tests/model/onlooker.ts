/**
 * Somebody who looks on a simulated run, and gives commands: what the status says of each moment is held against the state
 * that it is made of.
 *
 * Pure.
 * @module
 */
import type { Transition } from "../../lib/core/drive.ts";
import type { Command, Event } from "../../lib/core/protocol.ts";
import { isQuarantined, type Stage } from "../../lib/core/rollout_state.ts";
import type { State } from "../../lib/core/supervisor_state.ts";
import { Commands } from "../../lib/status/commands.ts";
import type { RolloutRecord, StatusDocument, StepName } from "../../lib/status/document.ts";
import { Recorder } from "../../lib/status/recorder.ts";
import { Starts } from "../../lib/status/starts.ts";
import type { Facts } from "../../lib/status/view.ts";
import { assert } from "../support/assert.ts";
import { settled } from "../support/clock.ts";

/** The steps that a stage may show. A restart, and a start, have no stage of their own. */
const SHOWN: Partial<Record<Stage["is"], readonly StepName[]>> = {
  splaying: ["splay"],
  publishing: ["check", "publish"],
  applying: ["reload"],
  verifying: ["verify"],
};

const FACTS: Facts = {
  version: "1",
  confd: { dialect: "fork", version: null },
  backend: "etcd",
  ready: "running",
  fleet: { engine: "etcd", group: "web", id: "a", n: 1 },
  pids: { confd: 1, service: 2 },
  orphansReaped: () => 0,
  usage: () => undefined,
};

/** Holds what the status says against what is. Throws where it is not so. */
export class Onlooker {
  readonly #recorder: Recorder;
  readonly #commands: Commands;
  readonly #starts = new Starts((transition, at) => this.#look(transition, at));
  #unanswered = 0;
  #counts: readonly number[] = [];

  constructor(state: State, post: (event: Event) => void) {
    this.#commands = new Commands(post);
    this.#recorder = new Recorder({
      facts: FACTS,
      state,
      at: 0,
      onLoading: (rollout) => this.#commands.loading(rollout),
      onRollout: (record) => {
        checkEnded(record);
        this.#commands.rolloutEnded(record);
      },
    });
  }

  give(command: Command): void {
    this.#unanswered++;
    this.#commands.give(command).then(() => this.#unanswered--);
  }

  observe(transition: Transition, at: number): void {
    this.#starts.observe(transition, at);
  }

  #look(transition: Transition, at: number): void {
    this.#commands.observe(transition.event, transition.notes);
    this.#recorder.observe(transition, at);
    this.#commands.follow(transition.state);
    // A thousand signals that are passed on change nothing that is shown.
    if (transition.notes.every(({ is }) => is === "signalReceived" || is === "changed")) return;
    const { document } = this.#recorder;
    this.#checkCounts(document);
    checkRollouts(document, transition.state);
    checkReadiness(document, transition.state);
  }

  /** Nothing is on its way any more: whoever gave a command has an answer. Promises settle before that is looked at. */
  async checkRest(): Promise<void> {
    this.#starts.settle();
    await settled();
    assert(this.#unanswered === 0, `${this.#unanswered} commands have no answer`);
  }

  #checkCounts({ counts, service, confd }: StatusDocument): void {
    const now = [...Object.values(counts), service.starts, confd.starts];
    assert(now.every((count, i) => count >= (this.#counts[i] ?? 0)), "counts never fall");
    assert(counts.failedReloads <= counts.reloads, "no more reloads fail than there were");
    this.#counts = now;
  }
}

function checkReadiness(document: StatusDocument, { service, rollout, run }: State): void {
  const { ready, config, trouble } = document;
  assert(!ready || (service.is === "running" && run.is === "up"), "who is ready runs");
  assert(trouble === null || rollout.trouble !== null, "trouble is told of where there is some");
  assert(trouble !== null || !isQuarantined(rollout), "what is refused is told of");
  assert(config.loaded !== null || service.is === "absent", "what was started has loaded its files");
}

/** What is over has an outcome, and no step that goes on. */
function checkEnded({ outcome, seconds, steps }: RolloutRecord): void {
  assert(outcome !== "running" && seconds !== null, "what is over has an outcome");
  for (const step of steps) assert(step.outcome !== "running" && step.seconds !== null, `${step.name} is over`);
  const last = steps.at(-1);
  if (outcome === "loaded" || outcome === "verified") {
    assert(last?.outcome === "ok", `${outcome}: its last step went well`);
  }
  // The end of the run may come between two steps.
  const between = last === undefined || ["settle", "turn", "check", "publish", "restart"].includes(last.name);
  if (outcome === "failed" && !between) {
    assert(steps.some(({ outcome }) => outcome === "failed"), `which step failed: ${JSON.stringify(steps)}`);
  }
}

/** What goes on is shown as going on, and nothing else is. */
function checkRollouts({ rollouts }: StatusDocument, { run, rollout, service }: State): void {
  assert(rollouts.length <= 50, "fifty are kept");
  assert(rollouts.every(({ id }, i) => i === 0 || id > rollouts[i - 1].id), "they are in their order");
  const open = rollouts.filter(({ outcome }) => outcome === "running");
  if (run.is === "ended") return assert(open.length === 0, "no rollout outlives the run");
  if (run.is !== "up") return;
  const goingOn = open.map(({ steps }) => steps.at(-1)).filter((step) => step?.outcome === "running").map((step) =>
    step!.name
  );
  const { stage, target, window, turn } = rollout;
  const shown = SHOWN[stage.is];
  const all = () =>
    `${stage.is}, ${target}, ${service.is}, ${window === null ? "no window" : "a window"}: ${JSON.stringify(open)}`;
  if (shown !== undefined) assert(goingOn.some((name) => shown.includes(name)), `${shown} is shown: ${all()}`);
  if (target !== "reload") return;
  if (window !== null) assert(goingOn.includes("settle"), `a window is shown: ${all()}`);
  if (turn.is === "waiting") assert(goingOn.includes("turn"), `a wait for a turn is shown: ${all()}`);
  else assert(!goingOn.includes("turn"), `no wait for a turn is shown: ${all()}`);
  const hasTurnLater = (turn.is === "holding" && !turn.begun) || (turn.is === "exempt" && turn.for === "anything");
  const expected = Number(window !== null) + Number(!["idle", "failed"].includes(stage.is)) +
    Number(turn.is === "waiting" || hasTurnLater);
  // A change may have settled behind what is under way, or behind what has failed and is tried again.
  const more = window === null && (expected === 1 || stage.is === "failed") ? 1 : 0;
  assert(
    open.length === expected || open.length === expected + more,
    `what is over is shown as over: ${all()}`,
  );
}
