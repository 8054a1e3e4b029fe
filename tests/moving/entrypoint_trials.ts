/**
 * What docs/from-a-shell-entrypoint.md has of each entrypoint: one trial for each column of its table.
 *
 * A trial knows what the page says, and is as patient as that asks for: what should come true has all the time that a slow
 * machine may need, and what should not has a few seconds to do so.
 *
 * Touches: files, processes and namespaces, through the support modules.
 * @module
 */
import { UPDATING } from "../support/doc_table.ts";
import { DEADLINE_MS, until } from "../support/sidecar.ts";
import { find } from "../support/survivors.ts";
import { textOf } from "../support/text_of.ts";
import { PLAIN, type Stage } from "./entrypoints.ts";

/** Finds out what stands in a cell. `wanted`: what the page has there. */
type Trial = (stage: Stage, wanted: string) => Promise<string>;

/** Each column, by its heading. */
export const TRIALS: Record<string, Trial> = {
  "keeps the service's exit status": keepsStatus,
  "SIGTERM reaches the service": forwardsTerm,
  "starts on complete files only": waitsForFiles,
  "reaps orphans": reaps,
  "when two files change": reloads,
  "at a SIGHUP without a handler": hangsUp,
  "when confd dies": losesConfd,
};

/** For what should not come true. */
const MOMENT_MS = 2500;
/** Where the page is written anew, on a machine that has nothing else to do. */
const UPDATING_MS = 6000;
const yes = (holds: boolean) => holds ? "yes" : "no";
const patience = (wanted: string, bad: string) => UPDATING ? UPDATING_MS : wanted === bad ? MOMENT_MS : DEADLINE_MS;

async function keepsStatus(stage: Stage, wanted: string): Promise<string> {
  await using run = stage.start();
  await run.stdout.next("start");
  Deno.kill(stage.servicePid(), "SIGTERM");
  return yes(await run.status(patience(wanted, "no")) === 7);
}

async function forwardsTerm(stage: Stage, wanted: string): Promise<string> {
  await using run = stage.start();
  await run.stdout.next("start");
  await run.signal("SIGTERM");
  return yes(await run.status(patience(wanted, "no")) === 7);
}

/** At first nothing can be rendered. */
async function waitsForFiles(stage: Stage, _wanted: string): Promise<string> {
  Deno.removeSync(stage.folder.at("keys.yml"));
  stage.folder.write("keys.yml", "other: key\n");
  await using run = stage.start();
  const started = () => run.stdout.all.some((line) => line.startsWith("start"));
  if (await comesTrue(MOMENT_MS, started)) return "no";
  await stage.keys.put({ "/key": "one" });
  return yes((await run.stdout.next("start")).includes("one"));
}

/** An orphan of the namespace, which ends at once. */
async function reaps(stage: Stage, wanted: string): Promise<string> {
  stage.service(PLAIN);
  await using run = stage.start();
  await run.stdout.next("start");
  const first = await run.pid();
  const known = new Set(childrenOf(first));
  const enter = ["--target", String(first), "--pid", "sh", "-c", "sleep 0.05 & exit 0"];
  new Deno.Command("nsenter", { args: enter, stdout: "null", stderr: "null" }).outputSync();
  const orphans = () => childrenOf(first).filter((pid) => !known.has(pid)).filter(isZombie);
  // It is not there from the beginning, and a zombie for a moment is none.
  const stays = async () => orphans().length > 0 && !await comesTrue(MOMENT_MS / 2, () => orphans().length === 0);
  return yes(!await comesTrue(patience(wanted, "yes"), stays));
}

/** The command that reloads writes down what it finds in both files. */
async function reloads(stage: Stage, wanted: string): Promise<string> {
  const { folder } = stage;
  const seen = folder.at("seen");
  folder.write(
    "bin/reload",
    `#!/bin/sh\necho $(cat ${folder.at("a.conf")} ${folder.at("b.conf")}) >> ${seen}\n`,
    0o755,
  );
  Deno.removeSync(folder.at("confd/conf.d/service.toml"));
  // A check, such as that of nginx, takes its time.
  stage.resource("a", 'reload_cmd = "reload"');
  stage.resource("b", 'reload_cmd = "reload"\ncheck_cmd = "sleep 0.1"');
  await using _run = stage.start({ FILE: folder.at("a.conf"), SIDECAR_RELOAD: "exec:reload" });
  await until(
    "both files are there, and the service is",
    () => ["a", "b"].every((name) => textOf(folder.at(`${name}.conf`)) !== "") && stage.servicePid() > 0,
  );
  // confd has run its commands for the first files, too.
  const before = () => textOf(seen).split("\n").filter((line) => line === "one one").length;
  if (!stage.isSidecar) await comesTrue(patience(wanted, "never loaded"), () => before() > 0);
  const whole = () => textOf(seen).includes("two two");
  if (!await changes(stage, patience(wanted, "never loaded"), whole)) return "never loaded";
  const half = /^(two one|one two)$/m.test(textOf(seen));
  return half ? "two reloads, one of half the files" : "one reload";
}

async function hangsUp(stage: Stage, wanted: string): Promise<string> {
  const { folder } = stage;
  stage.service(PLAIN);
  // The signal may end the container, and this with it: the mark comes first.
  const script = `[ -s "$PIDFILE" ] && echo >> '${folder.at("sent")}' && kill -HUP "$(cat "$PIDFILE")"`;
  folder.write("bin/reload", `#!/bin/sh\n${script}\n`, 0o755);
  stage.resource("service", 'reload_cmd = "reload"');
  await using run = stage.start();
  await run.stdout.next("start");
  await until("it is rendered", () => textOf(folder.at("service.conf")).includes("one"));
  let service = 0;
  // It stays 0 where the first rendering's signal has killed it already.
  await comesTrue(MOMENT_MS, () => (service = stage.servicePid()) > 0);
  const sent = () => textOf(folder.at("sent")) !== "";
  const refused = () => run.stderr.all.some((line) => line.includes("has no handler for SIGHUP"));
  if (!await changes(stage, patience(wanted, "never sent"), () => sent() || refused())) return "never sent";
  if (refused()) return await comesTrue(MOMENT_MS, () => !isThere(service)) ? "kills it" : "not sent, and said";
  return await comesTrue(patience(wanted, "nothing happens"), () => !isThere(service)) ? "kills it" : "nothing happens";
}

async function losesConfd(stage: Stage, wanted: string): Promise<string> {
  await using run = stage.start();
  await run.stdout.next("start");
  await until("it is rendered", () => textOf(stage.folder.at("service.conf")).includes("one"));
  const confds = () => find(stage.folder.path, /(interval|watch).*-confdir|-confdir.*(interval|watch)/).filter(isConfd);
  if (!await comesTrue(patience(wanted, "it has ended already"), () => confds().length > 0)) {
    return "it has ended already";
  }
  const [old] = confds();
  Deno.kill(old, "SIGKILL");
  const again = () => confds().some((pid) => pid !== old);
  let ended = false;
  run.status().then((status) => ended = status !== null);
  if (!await comesTrue(patience(wanted, "nobody notices"), () => again() || ended)) return "nobody notices";
  return ended ? "the container ends" : "it is started again";
}

/**
 * Changes the key until something comes of it: confd can miss a change that comes just when it begins to watch, and that
 * is not what is tried here.
 */
async function changes(stage: Stage, withinMs: number, holds: () => boolean): Promise<boolean> {
  let nextAt = 0;
  return await comesTrue(withinMs, async () => {
    if (Date.now() > nextAt) {
      await stage.keys.put({ "/key": "two" });
      nextAt = Date.now() + 1000;
    }
    return holds();
  });
}

async function comesTrue(withinMs: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!await holds()) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function childrenOf(pid: number): number[] {
  return textOf(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
}

function isZombie(pid: number): boolean {
  return /^State:\tZ/m.test(textOf(`/proc/${pid}/status`));
}

function isThere(pid: number): boolean {
  return textOf(`/proc/${pid}/status`) !== "" && !isZombie(pid);
}

/** And no shell with the same words. */
function isConfd(pid: number): boolean {
  return textOf(`/proc/${pid}/status`).startsWith("Name:\tconfd");
}
