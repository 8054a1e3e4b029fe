/**
 * Core and host put together: everything that a run needs after its files are written.
 *
 * Touches: everything, through the host's modules.
 * @module
 */
import { dryRunArguments, followArguments, followingOf, type Request } from "./confd/arguments.ts";
import { confdEnvironment, dryRunEnvironment } from "./confd/environment.ts";
import { debounceMs } from "./confd/debounce.ts";
import { permanentFault, reasonsIn } from "./confd/faults.ts";
import { findHints, readDryRun } from "./confd/log_lines.ts";
import type { ConfdFiles } from "./confd_files.ts";
import { drive, type Transition } from "./core/drive.ts";
import type { Content } from "./core/files.ts";
import type { DryRunResult, Event, Following } from "./core/protocol.ts";
import { initialState } from "./core/supervisor.ts";
import { runDryRun } from "./host/processes/query_confd.ts";
import { digestFile, Watcher } from "./host/files/destinations.ts";
import { Differences } from "./host/files/differences.ts";
import type { EarlySignals } from "./host/processes/early_signals.ts";
import { Host } from "./host/host.ts";
import { FileSet, type Source } from "./host/files/file_set.ts";
import type { Logger } from "./host/output/logger.ts";
import type { Output } from "./host/output/output.ts";
import { children } from "./host/linux/proc.ts";
import { type Command, isRuntimes } from "./host/processes/processes.ts";
import { Relay } from "./host/output/relay.ts";
import { reload } from "./host/processes/reload.ts";
import { openFilesAreUnknown, startService } from "./host/processes/service.ts";
import type { Staging } from "./host/files/staging.ts";
import type { System } from "./host/linux/system.ts";
import { probe } from "./host/processes/verify.ts";
import { count, NOTHING_COUNTED } from "./log/counts.ts";
import { describe } from "./log/describe.ts";
import type { Plan } from "./prepare.ts";
import { nameMatcher } from "./settings/hide.ts";
import type { Environment } from "./settings/settings.ts";

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
  /** Ends what a run has started, at once. A run that has started something puts its own here. */
  abandon: () => Promise<void>;
}

/** What is known once everything is prepared and written. */
export interface Supervision {
  plan: Plan;
  service: Service;
  env: Environment;
  /** What the service, the check and a reload get to see of it. */
  visible: Environment;
  request: Request;
  confdFiles: ConfdFiles;
  /** Undefined where the C library cannot be opened. */
  system?: System;
  /** Where new files are checked before they are put in place. */
  staging?: Staging;
}

/** Supervises until the end; returns the exit status. */
export async function supervise(supervision: Supervision, outside: Outside): Promise<number> {
  const { logger, output, signals } = outside;
  const { plan, service, env, visible, request, confdFiles, system, staging } = supervision;
  const { settings, resources } = plan;
  const dests = resources.map(({ dest }) => dest);
  const { promise: ended, resolve: onExit } = Promise.withResolvers<number>();
  let post: (event: Event) => void = () => {};
  const spelled = new Map(
    resources.map(({ spelled, dest }) =>
      staging ? [staging.place(dest), { dest, file: staging.place(dest) }] : [spelled, { dest, file: dest }]
    ),
  );
  const watcher = new Watcher({
    libc: system?.libc,
    onChange: (file, content) => post({ type: "destinationChanged", dest: places.get(file)!, content }),
    onTouched: (file) => post({ type: "destinationRendered", dest: places.get(file)! }),
    onPolling: (reason) => warn(logger, `files cannot be watched (${reason}): they are looked at every second instead`),
  });
  /** The line in which confd, in its present life, says that it can never work. */
  let fault: string | undefined;
  const relay = new Relay({
    output,
    onLines: (text) => {
      fault ??= permanentFault(text);
      followHints(text, { spelled, watcher, post: (event) => post(event) });
    },
    onDropped: (bytes) => warn(logger, `${bytes} bytes of what confd printed were dropped: nobody read them`),
  });
  if (openFilesAreUnknown()) {
    const msg = "main program gets the sidecar's own limit of open files: what it was before the runtime raised it " +
      "cannot be known, since the process that started the sidecar cannot be seen";
    logger.log({ level: "debug", msg });
  }
  const isHidden = nameMatcher(settings.envHide);
  const lastGood = new FileSet(`${settings.state}/last-good`);
  const places = new Map(dests.map((dest) => [staging?.place(dest) ?? dest, dest]));
  const confdWords = (by: Following) => followArguments({ ...request, configFile: confdFiles.follow }, by);
  const host = new Host({
    confd: (by) => {
      fault = undefined;
      return confdCommand(settings.confdPath, confdWords(by), confdEnvironment(env));
    },
    confdFault: () => fault,
    startService: () => startService({ ...service, env, isHidden, ignored: signals.ignored, system }),
    leftBehind: () => system === undefined ? [] : children().filter(({ pid }) => !isRuntimes(pid)),
    reload: (running, signal) =>
      reload(running, { way: settings.reload, limitMs: settings.reloadTimeoutMs, env: visible, logger, signal }),
    relay,
    dryRun: (signal) => dryRun(supervision, { spelled, signal, onCutOff: cutOff(logger) }),
    keep: () => attempt(logger, "the last good files cannot be kept", () => lastGood.write(dests.map(asSource))),
    restore: async () => {
      const done = attempt(logger, "the last good files cannot be put in place", () => lastGood.putInPlace(dests));
      return done ? await digestsOf(dests) : null;
    },
    probe: async (signal) =>
      settings.verify === "off" ? null : await probe({ way: settings.verify, env: visible, logger, signal }),
    publish: (signal) => staging!.publish(signal),
    onExit,
  }, (event) => post(event));
  outside.abandon = () => host.abandon();
  const found = await watcher.open([...places.keys()]);
  const onDisk = new Map([...found].map(([file, digest]) => [places.get(file)!, digest]));
  const differences = settings.diff === "none" ? undefined : new Differences(settings.diff, logger);
  let counts = NOTHING_COUNTED;
  post = drive(
    initialState(
      {
        ...settings,
        follow: resources.every(({ hasKeys }) => hasKeys) ? followingOf(request) : "poll",
        intervalMs: settings.confdIntervalMs,
        debounceMs: debounceMs({
          args: settings.confdArgs,
          env,
          table: plan.confdToml?.table,
          resources,
        }),
        staged: staging !== undefined,
        verified: settings.verify !== "off",
      },
      onDisk,
      lastGood.has(dests),
    ),
    {
      perform: (effect) => host.perform(effect),
      observe: (transition) => {
        for (const note of transition.notes) {
          counts = count(counts, note);
          for (const entry of describe(note, { counts, confdTail: () => relay.tail() })) logger.log(entry);
        }
        if (differences !== undefined) follow(differences, transition);
      },
    },
  );
  signals.handOver((signal) => post({ type: "signalReceived", signal }));
  post({ type: "begun" });
  const status = await ended;
  await watcher.close();
  return status;
}

interface HintParts {
  /** Destinations, and the files that confd writes for them, by the name that confd's log has. */
  spelled: ReadonlyMap<string, { dest: string; file: string }>;
  watcher: Watcher;
  post: (event: Event) => void;
}

/** Takes confd's lines as hints that it is time to look. */
function followHints(text: string, { spelled, watcher, post }: HintParts): void {
  for (const { dest: name, state } of findHints(text)) {
    const known = spelled.get(name);
    if (known === undefined) continue;
    const looked = watcher.check(known.file);
    // What changed is told before that it was rendered.
    if (state !== "outOfSync") looked.then(() => post({ type: "destinationRendered", dest: known.dest }));
  }
}

interface DryRunParts {
  spelled: HintParts["spelled"];
  signal: AbortSignal;
  onCutOff: (program: string) => void;
}

/** Has a second confd say what it would render. */
async function dryRun(
  { plan, env, request, confdFiles }: Supervision,
  { spelled, signal, onCutOff }: DryRunParts,
): Promise<DryRunResult> {
  const args = dryRunArguments({ ...request, configFile: confdFiles.dryRun });
  const command = { program: plan.settings.confdPath, args, env: dryRunEnvironment(env) };
  const printed = await runDryRun(command, { signal, onCutOff });
  const result = readDryRun(request.dialect, printed, [...spelled.keys()]);
  const destOf = (name: string) => spelled.get(name)!.dest;
  return {
    ...result,
    reasons: reasonsIn(printed, plan.resources),
    inSync: result.inSync.map(destOf),
    outOfSync: new Map([...result.outOfSync].map(([name, wanted]) => [destOf(name), wanted])),
  };
}

/** The service loads its files when it is started and when it is reloaded. */
function follow(differences: Differences, { state, effects }: Transition): void {
  for (const effect of effects) {
    if (effect.type === "spawn" && effect.child === "service") differences.remember(state.rollout.files.keys());
    if (effect.type === "reload") differences.log();
  }
}

/** A destination as it is on disk. */
function asSource(dest: string): Source {
  const { mode, uid, gid } = Deno.statSync(dest);
  return { dest, from: dest, mode: (mode ?? 0o644) & 0o7777, uid: uid ?? 0, gid: gid ?? 0 };
}

async function digestsOf(dests: readonly string[]): Promise<Map<string, Content>> {
  const digests = new Map<string, Content>();
  for (const dest of dests) digests.set(dest, await digestFile(dest));
  return digests;
}

/** True if it worked; otherwise a warning says what did not. */
function attempt(logger: Logger, failure: string, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    warn(logger, `${failure}: ${(error as Error).message}`);
    return false;
  }
}

/** Logs that a program was left before all that it printed was read. */
export function cutOff(logger: Logger): (program: string) => void {
  return (program) =>
    warn(logger, `the output of ${JSON.stringify(program)} was cut off: what it left running still holds it`);
}

function warn(logger: Logger, msg: string): void {
  logger.log({ level: "warn", msg });
}

function confdCommand(program: string, args: readonly string[], env: Environment): Command {
  return { program, args, env, streams: "pipe", ownGroup: true };
}
