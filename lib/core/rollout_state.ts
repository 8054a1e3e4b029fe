/**
 * What the rollout knows (rollout.ts has its theory of operation), the countdowns that follow from that, and what can be
 * asked of it.
 *
 * Pure.
 * @module
 */
import { changed, type Contents, EMPTY, type Files, filesOnDisk, hold, pending } from "./files.ts";
import { fleetTimers, type FleetTurn, NO_TURN } from "./fleet_turn.ts";
import type { Options } from "./options.ts";
import type { Earlier, Timer } from "./protocol.ts";
import type { Streak } from "./streak.ts";
import type { Trouble } from "./trouble.ts";
import type { Countdown } from "./turn.ts";
import type { Verification } from "./verification.ts";

/** Changes are being collected. */
export interface Window {
  readonly quiet: Countdown;
  readonly limit: Countdown;
}

/** Changes are held. */
export interface Hold {
  readonly reason: string | null;
  /** Until it ends by itself; null: it does not. */
  readonly until: Countdown | null;
  /** True if the service is to be started on the files that an earlier run had in place. */
  readonly fromEarlierRun: boolean;
}

/** How far the files have come. */
export type Stage =
  /** Not every destination is rendered, or those that are were refused. */
  | { readonly is: "waiting"; readonly reminder: Countdown; readonly limit: Countdown | null }
  | { readonly is: "idle" }
  | { readonly is: "splaying"; readonly delay: Countdown }
  /** Staged files are being checked and put in place; `checkOnly`: checked alone, since changes are held. */
  | { readonly is: "publishing"; readonly checkOnly: boolean }
  /** The service is being reloaded. */
  | { readonly is: "applying" }
  | { readonly is: "verifying"; readonly verification: Verification }
  /** Older files are being put in place. */
  | { readonly is: "restoring"; readonly which: Earlier }
  /** It did not work, and is tried again. What the service has loaded is not known. */
  | { readonly is: "failed"; readonly retry: Countdown };

/** All that is known of the files and their way to the service. */
export interface Rollout {
  readonly files: Files;
  readonly target: "start" | "reload" | "none";
  readonly stage: Stage;
  readonly window: Window | null;
  /** True if a reload is due whether or not a file has changed. */
  readonly owed: boolean;
  /** Files in place that the service has not been told of; the empty name stands for a reload for its own sake. */
  readonly due: ReadonlySet<string>;
  /** How often the present files failed to be put in place or loaded. */
  readonly failures: number;
  readonly quarantine: Contents | null;
  readonly hold: Hold | null;
  readonly turn: FleetTurn;
  /** The set that has passed its check and waits for the end of the hold. */
  readonly checked: Contents | null;
  /** The last good files: none; kept; or in place again, and it is still to be seen whether the service is well on them. */
  readonly backup: "none" | "kept" | "inPlace";
  /** Until the files in place are kept as good ones. */
  readonly keep: Countdown | null;
  /** Why the newest files are not in force, or those in quarantine; see `presentTrouble`. */
  readonly trouble: Trouble | null;
  /** True once a verification has succeeded in this run, and the last set that it succeeded with. */
  readonly wasWell: boolean;
  readonly good: Contents | null;
  readonly streak: Streak | null;
}

/** The rollout before anything happened. */
export function initialRollout(
  onDisk: Contents,
  { hasBackup, hold, optional }: { hasBackup: boolean; hold: Hold | null; optional: ReadonlySet<string> },
): Rollout {
  return {
    files: filesOnDisk(onDisk, optional),
    target: "start",
    stage: { is: "idle" },
    window: null,
    owed: false,
    due: new Set(),
    failures: 0,
    quarantine: null,
    hold,
    turn: NO_TURN,
    checked: null,
    backup: hasBackup ? "kept" : "none",
    keep: null,
    trouble: null,
    wasWell: false,
    good: null,
    streak: null,
  };
}

/** The countdowns that run. */
export function rolloutTimers(rollout: Rollout, options: Options): [Timer, Countdown | null][] {
  const { stage, window, keep, target, streak, hold } = rollout;
  const timers: [Timer, Countdown | null][] = [
    ["keep", keep],
    ["calm", streak?.calm ?? null],
    ...fleetTimers(rollout.turn),
  ];
  if (hold !== null) timers.push(["hold", hold.until]);
  if (window !== null) timers.push(["settle", window.quiet], ["settleLimit", window.limit]);
  // A start that waits logs why in any case.
  if (target === "reload") timers.push(["reminder", presentTrouble(rollout, options)?.reminder ?? null]);
  switch (stage.is) {
    case "waiting":
      if (window === null) timers.push(["stillWaiting", stage.reminder], ["startTimeout", stage.limit]);
      break;
    case "splaying":
      timers.push(["splay", stage.delay]);
      break;
    case "verifying":
      timers.push(["probe", stage.verification.next], ["verifyTimeout", stage.verification.limit]);
      break;
    case "failed":
      timers.push(["retry", stage.retry]);
  }
  return timers;
}

/** True if the service may be started on the last good files, and there are some. */
export function mayUseLastGood({ backup }: Rollout, { start }: Options): boolean {
  return start === "last-good" && backup !== "none";
}

/** True if the newest files are those in quarantine. */
export function isQuarantined({ quarantine, files }: Rollout): boolean {
  return quarantine !== null && hold(files, quarantine);
}

/** True if the service has not loaded the newest files, or if that is not known. */
export function needsReload(rollout: Rollout, options: Options): boolean {
  return rollout.owed || (changed(rollout.files, options).length > 0 && !isQuarantined(rollout));
}

/** The destinations that make the newest set incomplete: one that is gone, or not there yet, or empty where it had content. */
export function missingOrEmpty({ files }: Rollout, options: Options): string[] {
  const gone = options.staged ? pending(files).filter((dest) => files.get(dest)!.now === null) : [];
  const wrong = changed(files, options).filter((dest) => {
    const { now } = files.get(dest)!;
    return now === null || (now === EMPTY && options.empty === "hold");
  });
  return [...new Set([...wrong, ...gone])];
}

/** Why the newest files are not in force; null where they are: what is in quarantine may have been taken back. */
export function presentTrouble(rollout: Rollout, options: Options): Trouble | null {
  const { trouble, quarantine, files } = rollout;
  const isPresent = trouble?.kind === "failed" || quarantine === null || isQuarantined(rollout) ||
    changed(files, options).length > 0;
  return isPresent ? trouble : null;
}

/** True if a start has what it needs. */
export function isComplete(rollout: Rollout, { staged }: Options): boolean {
  return pending(rollout.files).length === 0 && !(staged && isQuarantined(rollout));
}

/** What is being waited for, and what stands against it. */
export function waitingNote({ files, trouble }: Rollout) {
  return { is: "waiting", dests: pending(files), refusal: trouble?.reason ?? null } as const;
}

/** True if there are good files to go back to, other than those in place. */
export function canRollBack({ backup }: Rollout): boolean {
  return backup === "kept";
}

/** True if the service, should it end now, has died of its new files, or while others were put in place for it. */
export function outlivesService(rollout: Rollout): boolean {
  return rollout.stage.is === "restoring" || (rollout.stage.is === "verifying" && canRollBack(rollout));
}
