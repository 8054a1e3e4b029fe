/**
 * Core and host put together: everything that a run needs after its files are written.
 *
 * Touches: everything, through the host's modules.
 * @module
 */
import { followArguments, followingOf, type Request } from "./confd/arguments.ts";
import { debounceMs } from "./confd/debounce.ts";
import type { FoundConfd } from "./confd/dialect.ts";
import { lastComplaint } from "./confd/faults.ts";
import { optionalDests } from "./confd/resource.ts";
import { reloadsOf } from "./confd/reloads.ts";
import { confdEnvironment } from "./confd/environment.ts";
import type { ConfdFiles } from "./confd_files.ts";
import { ConfdOutput } from "./confd_output.ts";
import { drive, Mailbox, type Transition } from "./core/drive.ts";
import type { Contents } from "./core/files.ts";
import type { Note } from "./core/notes.ts";
import type { Event } from "./core/protocol.ts";
import type { Options } from "./core/options.ts";
import { type FromEarlierRun, initialState, type State } from "./core/supervisor_state.ts";
import { CLOCK } from "./host/clock.ts";
import { Destinations } from "./destinations.ts";
import { dryRun } from "./dry_run.ts";
import { Watcher } from "./host/files/destinations.ts";
import { Differences } from "./host/files/differences.ts";
import type { History } from "./host/files/history.ts";
import { type KeptHold, readHold, writeHold } from "./host/files/hold_file.ts";
import { LastGood } from "./host/files/last_good.ts";
import type { Staging } from "./host/files/staging.ts";
import { Host, type HostParts } from "./host/host.ts";
import { children } from "./host/linux/proc.ts";
import type { System } from "./host/linux/system.ts";
import type { KeptEntry, Logger } from "./host/output/logger.ts";
import type { Output } from "./host/output/output.ts";
import type { EarlySignals } from "./host/processes/early_signals.ts";
import { isRuntimes, Process, send } from "./host/processes/processes.ts";
import { readEnvFiles } from "./host/files/env_files.ts";
import { fateOf } from "./host/processes/readiness.ts";
import { reloadInWays } from "./host/processes/reload.ts";
import { queryVersion } from "./host/processes/query_confd.ts";
import type { RunRecord } from "./host/processes/run_record.ts";
import { openFilesAreUnknown, startService } from "./host/processes/service.ts";
import { probe } from "./host/processes/verify.ts";
import type { Entrance } from "./endpoint.ts";
import { count, NOTHING_COUNTED } from "./log/counts.ts";
import { describe } from "./log/describe.ts";
import type { Plan } from "./prepare.ts";
import { nameMatcher } from "./settings/hide.ts";
import { VERSION } from "./settings/version.ts";
import type { Environment } from "./settings/settings.ts";
import type { Facts } from "./status/view.ts";
import type { StatusBoard } from "./status_board.ts";
import { wantsTelemetry } from "./telemetry/settings.ts";
import { memberName } from "./fleet_settings.ts";
import { FleetTurns } from "./fleet_turns.ts";
import { Onlookers } from "./onlookers.ts";

/** What is to be run. */
export interface Service {
  program: string;
  args: string[];
}

/** What a run has from its beginning. */
export interface Outside {
  logger: Logger;
  output: Output;
  signals: EarlySignals;
  /** What was logged before anybody could be told of it. */
  early: KeptEntry[];
  /** Ends what a run has started, at once. A run that has started something puts its own here. */
  abandon: () => Promise<void>;
}

/** What is known once everything is prepared and written. */
export interface Supervision {
  plan: Plan;
  /** Undefined: the files are all that is wanted. */
  service?: Service;
  env: Environment;
  /** What the service, the check and a reload get to see of it. */
  visible: Environment;
  request: Request;
  confdFiles: ConfdFiles;
  /** Which confd it is. */
  confd: FoundConfd;
  /** Undefined where the C library cannot be opened. */
  system?: System;
  /** Where new files are checked before they are put in place. */
  staging?: Staging;
  /** Undefined where the sets that were in place are not kept. */
  history?: History;
  /** Undefined where there is no private folder. */
  record?: RunRecord;
  /** Where others can reach the run. */
  entrances: readonly Entrance[];
  /** Opens the control socket where that is not something to be waited for; undefined: there is none, or it is open. */
  openLater?: () => Promise<Entrance | undefined>;
  /** True if nothing is put in place. */
  preview: boolean;
}

/** Supervises until the end; returns the exit status. */
export async function supervise(supervision: Supervision, outside: Outside): Promise<number> {
  const { logger, output, signals } = outside;
  const { plan: { settings, resources }, system, staging } = supervision;
  const { promise: ended, resolve: onExit } = Promise.withResolvers<number>();
  const mailbox = new Mailbox();
  const { post } = mailbox;
  const destinations = new Destinations(resources, staging && ((dest) => staging.place(dest)));
  const watcher = new Watcher({
    libc: system?.libc,
    onChange: (file, content) => post({ type: "destinationChanged", dest: destinations.destOf(file), content }),
    onTouched: (file) => post({ type: "destinationRendered", dest: destinations.destOf(file) }),
    onPolling: (why) => logger.warn(`files cannot be watched (${why}): they are looked at every second instead`),
  });
  const confdOutput = new ConfdOutput({ output, logger, destinations, watcher, post });
  const lastGood = new LastGood({
    ...settings,
    dests: destinations.dests,
    optional: optionalDests(resources),
    staged: supervision.staging !== undefined,
    libc: system?.libc,
    logger,
  });
  const pids: Pids = { confd: null, service: null };
  const { fleet } = settings;
  const turns = fleet === "off" || supervision.service === undefined ? undefined : FleetTurns.of(settings, fleet, post);
  const parts = hostParts(supervision, outside, { destinations, confdOutput, lastGood, pids, turns });
  const host = new Host({ ...parts, onExit }, post);
  outside.abandon = () => host.abandon();
  if (openFilesAreUnknown()) logger.log({ level: "debug", msg: OPEN_FILES_UNKNOWN });
  const found = await watcher.open(destinations.files);
  const onDisk = new Map([...found].map(([file, content]) => [destinations.destOf(file), content]));
  const held = supervision.service === undefined ? undefined : readHold(settings.state, Date.now());
  const initial = initialState(optionsOf(supervision), onDisk, fromEarlierRun(supervision, { lastGood, held }));
  const onlookers = onlookersOf(supervision, { ...outside, state: initial, post, pids, turns, heldSince: held?.since });
  const log = observer(supervision, { logger, confdOutput, destinations, onlookers });
  const take = drive(initial, {
    perform: (effect) => host.perform(effect),
    observe: (transition) => {
      onlookers?.observe(transition);
      log(transition);
    },
  });
  mailbox.deliverTo((event) => {
    // What time alone has brought about came first.
    turns?.check();
    take(event);
  });
  const begins = signals.handOver((signal) => post({ type: "signalReceived", signal }));
  if (begins) post({ type: "begun" });
  const status = await (begins ? ended : signals.early);
  await Promise.all([watcher.close(), onlookers?.close(), turns?.close()]);
  return status;
}

const OPEN_FILES_UNKNOWN =
  "main program gets the sidecar's own limit of open files: what it was before the runtime raised it cannot be known, " +
  "since the process that started the sidecar cannot be seen";

interface Machinery {
  destinations: Destinations;
  confdOutput: ConfdOutput;
  lastGood: LastGood;
  pids: Pids;
  turns?: FleetTurns;
}

type Pids = Facts["pids"];

/** Undefined where nobody looks on: then nothing of it is loaded. */
function onlookersOf(
  { plan: { settings }, service, env, confd, system, entrances, openLater }: Supervision,
  { state, post, pids, turns, heldSince, logger, early }: Pick<Outside, "logger" | "early"> & {
    state: State;
    post: (event: Event) => void;
    pids: Pids;
    turns?: FleetTurns;
    heldSince?: number;
  },
): Onlookers | undefined {
  const [tells, sends] = [Boolean(env["NOTIFY_SOCKET"]), service !== undefined && wantsTelemetry(env)];
  if (entrances.length === 0 && openLater === undefined && !tells && !sends) return undefined;
  const at = Date.now();
  const facts = {
    version: VERSION,
    confd: { dialect: confd.early ? "fork" : confd.dialect, version: null },
    backend: settings.backend,
    ready: settings.ready,
    fleet: identityOf(settings),
    pids,
    orphansReaped: () => system?.reaper.orphans ?? 0,
    heldSince,
  };
  const confdVersion = (signal: AbortSignal) => queryVersion(settings.confdPath, { signal, onCutOff: () => {} });
  return new Onlookers(async () => {
    const [{ StatusBoard }, { fleetQueueOf }, { masker }, control] = await Promise.all([
      import("./status_board.ts"),
      import("./status/fleet_queue.ts"),
      import("./settings/secrets.ts"),
      openLater?.(),
    ]);
    const all = control === undefined ? entrances : [...entrances, control];
    const mask = masker(env, settings.confdArgs);
    const fleet = facts.fleet === null || turns === undefined
      ? undefined
      : async () => fleetQueueOf(facts.fleet!, await turns.list());
    const board = new StatusBoard({ entrances: all, facts, confdVersion, state, at, post, mask, fleet });
    if (tells) await tellSystemd(board, { env, system, logger });
    if (sends) (await import("./open_telemetry.ts")).sendTelemetry({ env, board, logger, early, startedAt: at });
    return board;
  });
}

/** What identifies this member of its fleet. */
function identityOf(settings: Plan["settings"]): Facts["fleet"] {
  if (settings.fleet === "off") return null;
  const { engine, group, n } = settings.fleet;
  return { engine, group, id: memberName(settings), n };
}

async function tellSystemd(
  board: StatusBoard,
  { env, system, logger }: { env: Environment; system?: System; logger: Logger },
): Promise<void> {
  const onFailure = (reason: string) => logger.warn(`NOTIFY_SOCKET: systemd cannot be told of the run: ${reason}`);
  try {
    if (system === undefined) return onFailure("the C library cannot be opened");
    const { followForSystemd } = await import("./systemd.ts");
    const systemd = followForSystemd({
      env,
      libc: system.libc,
      document: () => board.recorder.document,
      mask: board.mask,
      onFailure,
    });
    board.onTransition.push(systemd.observe);
    board.onClose.push(systemd.close);
  } catch (error) {
    onFailure((error as Error).message);
  }
}

/** What an earlier run has left in the private folder. */
function fromEarlierRun(
  { history }: Supervision,
  { lastGood, held }: { lastGood: LastGood; held?: KeptHold },
): FromEarlierRun {
  return {
    hasBackup: lastGood.isComplete(),
    hold: held === undefined ? null : {
      reason: held.reason,
      until: held.until === null ? null : { ms: held.until - Date.now() },
      fromEarlierRun: history?.hasPresent ?? false,
    },
  };
}

/** How the host does what the core wants. */
function hostParts(
  { plan, service, env, visible, request, confdFiles, system, staging, history, record }: Supervision,
  { logger, signals }: Outside,
  { destinations, confdOutput, lastGood, pids, turns }: Machinery,
): Omit<HostParts, "onExit"> {
  const { settings: { confdPath: program, envHide, reload: reloadWay, reloadTimeoutMs, verify, state }, resources } =
    plan;
  const isHidden = nameMatcher(envHide);
  const { ways } = reloadsOf(resources, reloadWay);
  return {
    relay: confdOutput.relay,
    clock: CLOCK,
    random: Math.random,
    startConfd: (by) => {
      confdOutput.begin();
      const args = followArguments({ ...request, configFile: confdFiles.follow }, by);
      const confd = new Process({ program, args, env: confdEnvironment(env), streams: "pipe", ownGroup: true });
      record?.note("confd", pids.confd = confd.pid);
      return confd;
    },
    confdFault: () => confdOutput.fault,
    confdComplaint: () => lastComplaint(confdOutput.relay.tail()),
    startService: () => {
      const added = readEnvFiles(envFiles(resources));
      const started = startService({ ...service!, env, added, isHidden, ignored: signals.ignored, system });
      record?.note("service", pids.service = started.pid);
      return started;
    },
    leftBehind: () => system === undefined ? [] : children().filter(({ pid }) => !isRuntimes(pid)),
    send,
    fateOf,
    reload: (running, { ways: ids, signal }) => {
      const chosen = new Map(ids.map((id) => [id, ways.get(id)!]));
      return reloadInWays(running, chosen, { limitMs: reloadTimeoutMs, env: visible, logger, signal });
    },
    dryRun: (signal) =>
      dryRun(
        { confdPath: program, request: { ...request, configFile: confdFiles.dryRun }, env, resources, destinations },
        { signal, onCutOff: cutOff(logger) },
      ),
    keep: () => lastGood.keep(),
    restore: async (which) => {
      if (which === "lastGood") return await lastGood.restore(history);
      return await attempt(logger, () => which === "before" ? history!.restoreBefore() : history!.restorePresent());
    },
    keepHold: (hold) => {
      const since = Date.now();
      const kept = hold && { since, until: hold.forMs === null ? null : since + hold.forMs, reason: hold.reason };
      try {
        writeHold(state, kept ?? undefined);
      } catch (error) {
        logger.warn(`the hold cannot be written down, and will not outlive a restart: ${(error as Error).message}`);
      }
    },
    probe: async (signal) => verify === "off" ? null : await probe({ way: verify, env: visible, logger, signal }),
    publish: (publishing) => staging!.publish(publishing),
    fleet: (effect) => turns?.perform(effect),
  };
}

/** The files that hold variables for the service's environment. */
function envFiles(resources: Plan["resources"]): string[] {
  return resources.filter(({ sidecar }) => sidecar.env).map(({ dest }) => dest);
}

/** What cannot be put in place is a warning, and null. */
async function attempt(logger: Logger, act: () => Promise<Contents | null>): Promise<Contents | null> {
  try {
    return await act();
  } catch (error) {
    logger.warn(`earlier files cannot be put in place: ${(error as Error).message}`);
    return null;
  }
}

/** What the core has to know of the settings. */
function optionsOf({ plan: { settings, resources, confdToml }, service, env, request, staging }: Supervision): Options {
  return {
    ...settings,
    once: service === undefined,
    follow: resources.every(({ hasKeys }) => hasKeys) ? followingOf(request) : "poll",
    intervalMs: settings.confdIntervalMs,
    debounceMs: debounceMs({ args: settings.confdArgs, env, table: confdToml?.table, resources }),
    staged: staging !== undefined,
    reloads: reloadsOf(resources, settings.reload).byDest,
    optional: optionalDests(resources),
    verified: settings.verify !== "off",
    fleet: settings.fleet === "off" || service === undefined ? null : { timeoutMs: settings.fleetTimeoutMs },
  };
}

interface Looking {
  logger: Logger;
  confdOutput: ConfdOutput;
  destinations: Destinations;
  onlookers?: Onlookers;
}

/** Logs what each step has decided. */
function observer(
  { plan: { settings, resources }, service, preview }: Supervision,
  { logger, confdOutput, destinations, onlookers }: Looking,
): (transition: Transition) => void {
  const differences = settings.diff === "none"
    ? undefined
    : new Differences(settings.diff, logger, new Set(envFiles(resources)));
  const confdTail = () => confdOutput.relay.tail();
  const once = service === undefined;
  let counts = NOTHING_COUNTED;
  return (transition) => {
    for (const note of transition.notes) {
      counts = count(counts, note);
      for (const entry of describe(note, { counts, confdTail, once, preview })) logger.log(entry);
    }
    if (differences !== undefined) compare(transition.notes, { differences, destinations, onlookers });
  };
}

/** The service loads its files when it is started and when it is reloaded. */
function compare(
  notes: readonly Note[],
  { differences, destinations, onlookers }: Pick<Looking, "destinations" | "onlookers"> & { differences: Differences },
): void {
  for (const note of notes) {
    if (note.is === "serviceStarted") differences.remember(destinations.dests);
    if (note.is === "reloading") differences.log(onlookers?.differences());
    if (note.is === "refused") differences.logRefused(destinations.places, onlookers?.differences());
    if (note.is === "reminder" && note.kind !== "failed") differences.logRefused(destinations.places);
  }
}

/** Logs that a program was left before all that it printed was read. */
export function cutOff(logger: Logger): (program: string) => void {
  return (program) =>
    logger.warn(`the output of ${JSON.stringify(program)} was cut off: what it left running still holds it`);
}
