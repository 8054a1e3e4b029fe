/**
 * A world for the core to live in: which children run, which timers are armed, what an event may be next.
 *
 * It performs effects by bookkeeping alone, and refuses those that a real host must never be asked for.
 *
 * Pure.
 * @module
 */
import type { ChildName as Child, Effect, Event, Timer } from "../../lib/core/protocol.ts";

/** What is outside of the core, as a value. */
export interface World {
  readonly running: ReadonlySet<Child>;
  readonly timers: ReadonlyMap<Timer, number>;
  readonly dryRunning: boolean;
  readonly reloading: boolean;
  readonly publishing: boolean;
  /** True if what is published is checked alone. */
  readonly checking: boolean;
  readonly probing: boolean;
  /** What was put in place last, of staged files. */
  readonly published: string | undefined;
  readonly restoring: boolean;
  /** True if confd was killed and has not ended yet. */
  readonly dying: boolean;
  readonly exited: number | undefined;
  /** What the fleet knows of this member. */
  readonly fleet: "none" | "asked" | "holding";
  /** True if there is an operator, who may want anything at any time. */
  readonly operated: boolean;
}

/** Nothing runs yet. */
export const EMPTY_WORLD: World = {
  running: new Set(),
  timers: new Map(),
  dryRunning: false,
  reloading: false,
  publishing: false,
  checking: false,
  probing: false,
  published: undefined,
  restoring: false,
  dying: false,
  exited: undefined,
  fleet: "none",
  operated: false,
};

/** What an event by itself does to the world, before the core hears of it. */
export function happen(world: World, event: Event): World {
  switch (event.type) {
    case "childExited":
    case "spawnFailed": {
      // The host lets a reload, and a probe, of a service that has ended go.
      const reloading = world.reloading && event.child !== "service";
      const dying = world.dying && event.child !== "confd";
      return { ...world, reloading, dying, running: without(world.running, event.child) };
    }
    case "timerFired": {
      const timers = new Map(world.timers);
      timers.delete(event.timer);
      return { ...world, timers };
    }
    case "dryRunEnded":
      return { ...world, dryRunning: false };
    case "published": {
      const now = JSON.stringify([...event.contents].sort());
      const placed = event.failure === null && !world.checking;
      return { ...world, publishing: false, checking: false, published: placed ? now : world.published };
    }
    case "probeEnded":
      return { ...world, probing: false };
    case "restored": {
      const now = event.contents && JSON.stringify([...event.contents].sort());
      return { ...world, restoring: false, published: now ?? world.published };
    }
    case "reloadEnded":
      return { ...world, reloading: false };
    case "turnGranted":
      return { ...world, fleet: "holding" };
    case "turnLost":
      return { ...world, fleet: "none" };
    default:
      return world;
  }
}

/** Performs one effect; throws where a host must never be asked for it. */
export function perform(world: World, effect: Effect): World {
  if (world.exited !== undefined) throw new Error(`${effect.type} after the exit`);
  switch (effect.type) {
    case "spawn":
      if (world.running.has(effect.child)) throw new Error(`${effect.child} is spawned while it runs`);
      return { ...world, running: new Set([...world.running, effect.child]) };
    case "signal":
      if (!world.running.has(effect.child)) {
        throw new Error(`${effect.signal} is sent to ${effect.child}, which does not run`);
      }
      return world;
    case "kill":
      return { ...world, dying: world.dying || effect.child === "confd" };
    case "reload":
      if (!world.running.has("service")) throw new Error("a service that does not run is reloaded");
      if (world.reloading) throw new Error("two reloads at once");
      return { ...world, reloading: true };
    case "arm":
      return { ...world, timers: new Map(world.timers).set(effect.timer, effect.ms) };
    case "disarm": {
      const timers = new Map(world.timers);
      timers.delete(effect.timer);
      return { ...world, timers };
    }
    case "keep":
      if (!world.running.has("service")) throw new Error("files are kept that no service lives with");
      return world;
    case "probe":
      if (!world.running.has("service")) throw new Error("a service that does not run is probed");
      if (world.probing) throw new Error("two probes at once");
      return { ...world, probing: true };
    case "cancelProbe":
      if (!world.probing) throw new Error("a probe that is not under way is cancelled");
      return { ...world, probing: false };
    case "publish":
      if (world.publishing) throw new Error("files are put in place twice at once");
      return { ...world, publishing: true, checking: effect.checkOnly === true };
    case "keepHold":
    case "reportBad":
      return world;
    case "takeTurn":
      return { ...world, fleet: "asked" };
    case "keepTurn":
      if (world.fleet === "none") throw new Error("a turn is kept that nobody has");
      return { ...world, fleet: "holding" };
    case "leaveTurn":
      if (world.fleet === "none") throw new Error("a turn is given back that nobody has");
      return { ...world, fleet: "none" };
    case "restore":
      if (world.restoring) throw new Error("files are restored twice at once");
      return { ...world, restoring: true };
    case "dryRun":
      if (world.dryRunning) throw new Error("two dry runs at once");
      return { ...world, dryRunning: true };
    case "exit":
      if (world.running.size > 0) throw new Error(`the exit comes while ${[...world.running]} runs`);
      return { ...world, exited: effect.status };
  }
}

function without<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  return new Set([...set].filter((other) => other !== item));
}
