/**
 * Staged files: confd renders into a private folder, and what it rendered is checked and put in place together.
 *
 * The check sees copies of the new files in a tree that looks like the real one: what lies beside a destination is
 * linked into it, and paths of destinations are turned into paths of that tree. A set that passed is moved to where the
 * next start would find it and put it in place, and only then put in place: a crash leaves the old files or the new ones.
 *
 * Touches: the file system; processes through command.ts.
 * @module
 */
import { copyNew, exists, remove, writeNew } from "./disk.ts";
import { envProblem, readEnvFile } from "./env_files.ts";
import { pathMover, stageResource } from "../../confd/staging.ts";
import type { TemplateResource } from "../../confd/resource.ts";
import type { Content, Contents } from "../../core/files.ts";
import type { PublishFailure } from "../../core/protocol.ts";
import { runCommand } from "../processes/command.ts";
import { digestFile } from "./destinations.ts";
import { FileSet, type Source } from "./file_set.ts";
import type { History } from "./history.ts";
import type { Libc } from "../linux/libc.ts";
import type { Logger } from "../output/logger.ts";
import { parentOf } from "./paths.ts";
import type { File } from "./provision.ts";

/** How long a check may take, in milliseconds. */
const CHECK_LIMIT_MS = 60_000;
const FOLDER_MODE = 0o700;
/** Paths are moved in files up to this size, in bytes. */
const LARGEST_TEXT = 4 << 20;

/** What staging works on. */
export interface StagingOptions {
  /** The private folder. */
  state: string;
  /** confd's own folder, for the templates. */
  confdDir: string;
  resources: readonly TemplateResource[];
  /** The words of the check; none: every set passes. */
  check: readonly string[];
  /** The check's environment. */
  env: Readonly<Record<string, string>>;
  /** How long the check may take. @default a minute */
  checkLimitMs?: number;
  libc?: Libc;
  /** Called with what passed the check, by destination, instead of putting it in place. */
  preview?: (copies: ReadonlyMap<string, string>) => Promise<void>;
  /** Takes what was put in place; undefined: that is not kept. */
  history?: History;
  logger: Logger;
}

/** The outcome of one try to put new files in place. */
export interface Publication {
  contents: Contents;
  failure: PublishFailure | null;
}

/** How a set is published. */
export interface Publishing {
  /** Ends the check early. */
  signal: AbortSignal;
  /** True: the set is checked, and not put in place. @default false */
  checkOnly?: boolean;
  /** The set has passed its check. */
  onChecked?: () => void;
}

/** Checks staged files and puts them in place. */
export class Staging {
  readonly #options: StagingOptions;
  readonly #candidate: FileSet;
  readonly #publishing: FileSet;

  constructor(options: StagingOptions) {
    this.#options = options;
    this.#candidate = new FileSet(`${options.state}/candidate`, options.libc);
    this.#publishing = new FileSet(`${options.state}/publishing`, options.libc);
  }

  /** The folder that confd works on. */
  get confdDir(): string {
    return `${this.#options.state}/confd`;
  }

  /** Where confd renders a destination. */
  place(dest: string): string {
    return `${this.#options.state}/new${dest}`;
  }

  /** confd's files, to be written before it is started. */
  files(): File[] {
    const { resources } = this.#options;
    const dests = resources.map(({ dest }) => dest);
    return resources.map((resource) => ({
      path: `${this.confdDir}/conf.d/${resource.file}`,
      content: stageResource(resource, dests, this.place("")),
    }));
  }

  /** Makes an end of what a crash left half-done, and begins with nothing staged. Throws what the file system throws. */
  async begin(): Promise<void> {
    const { state, confdDir, resources } = this.#options;
    const dests = resources.map(({ dest }) => dest);
    // A destination that is none any more may lie in a folder that is not there.
    await this.#publishing.putInPlace({ dests });
    if (!this.#publishing.isEmpty) await this.#keep(await contentsOf(this.#publishing));
    for (const name of ["confd", "new", "check", "candidate"]) remove(`${state}/${name}`);
    // Whoever made the folder above them, nobody else looks into these: what is staged may hold secrets.
    Deno.mkdirSync(this.confdDir, { recursive: true, mode: FOLDER_MODE });
    Deno.mkdirSync(`${state}/new`, { mode: FOLDER_MODE });
    Deno.symlinkSync(`${confdDir}/templates`, `${this.confdDir}/templates`);
    // A check_cmd looks at the file that confd has just rendered, and at what that names by its path from there.
    for (const dest of dests) Deno.mkdirSync(parentOf(this.place(dest)), { recursive: true, mode: FOLDER_MODE });
    linkNeighbours(this.place(""), dests);
  }

  /** Checks what is staged now and puts it in place. */
  async publish({ signal, checkOnly = false, onChecked }: Publishing): Promise<Publication> {
    let contents: Contents = new Map();
    try {
      await this.#candidate.write(this.#options.resources.flatMap((resource) => this.#source(resource)));
      contents = await contentsOf(this.#candidate);
      const env = this.#readEnv();
      if (typeof env === "string") return { contents, failure: { refused: true, reason: env } };
      const refusal = await this.#check(signal, env);
      if (refusal !== null) return { contents, failure: { refused: true, reason: refusal } };
      onChecked?.();
      if (checkOnly) return { contents, failure: null };
      if (this.#options.preview !== undefined) {
        await this.#options.preview(new Map(this.#candidate.members().map(({ member, copy }) => [member.dest, copy])));
        return { contents, failure: null };
      }
      await this.#candidate.moveTo(this.#publishing);
      await this.#publishing.putInPlace({ signal });
      await this.#keep(contents);
      return { contents, failure: null };
    } catch (error) {
      return { contents, failure: { refused: false, reason: (error as Error).message } };
    }
  }

  /** The set is in place. */
  async #keep(contents: Contents): Promise<void> {
    const { history } = this.#options;
    if (history === undefined) this.#publishing.remove();
    else await history.push(this.#publishing, contents);
  }

  /** Owner and mode are those that confd gave; where the resource names no mode, the file keeps the one that it has. */
  #source({ dest, hasMode, sidecar }: TemplateResource): Source[] {
    const from = this.place(dest);
    if (!sidecar.required && !exists(from)) return [];
    const staged = Deno.lstatSync(from);
    if (!staged.isFile) throw new Error(`${from} is not a regular file`);
    const mode = (hasMode ? undefined : modeOf(dest)) ?? staged.mode ?? 0o644;
    return [{ dest, from, mode: mode & 0o7777, uid: staged.uid ?? 0, gid: staged.gid ?? 0 }];
  }

  /** The variables of the new environment files, or what is wrong with one. */
  #readEnv(): Map<string, string> | string {
    const all = new Map<string, string>();
    const isEnv = new Set(this.#options.resources.filter(({ sidecar }) => sidecar.env).map(({ dest }) => dest));
    for (const { member, copy } of this.#candidate.members()) {
      if (!isEnv.has(member.dest)) continue;
      const reading = readEnvFile(copy)!;
      if ("problem" in reading) return envProblem(member.dest, reading.problem);
      for (const [name, value] of reading.variables) all.set(name, value);
    }
    return all;
  }

  /** The check sees the environment that the service would get. */
  async #check(signal: AbortSignal, added: ReadonlyMap<string, string>): Promise<string | null> {
    const { check, checkLimitMs: limitMs = CHECK_LIMIT_MS, logger, resources, state } = this.#options;
    const env = { ...this.#options.env, ...Object.fromEntries(added) };
    if (check.length === 0) return null;
    const root = `${state}/check`;
    const move = pathMover(resources.map(({ dest }) => dest), root);
    remove(root);
    await this.#growTree(root, move);
    const onLine = (line: string) => logger.log({ level: "info", msg: `check: ${line.replaceAll(root, "")}` });
    try {
      return await runCommand(check.map(move), { env, limitMs, signal, onLine });
    } finally {
      remove(root);
    }
  }

  /** A tree that looks like the real one, with the new files in it. */
  async #growTree(root: string, move: (text: string) => string): Promise<void> {
    const members = this.#candidate.members();
    for (const folder of new Set(members.map(({ member }) => parentOf(member.dest)))) {
      Deno.mkdirSync(root + folder, { recursive: true, mode: FOLDER_MODE });
    }
    for (const { member, copy } of members) {
      await copyMoved(copy, root + member.dest, move);
      Deno.chmodSync(root + member.dest, member.mode);
    }
    linkNeighbours(root, members.map(({ member }) => member.dest));
  }
}

async function contentsOf(set: FileSet): Promise<Contents> {
  const contents = new Map<string, Content>();
  for (const { member, copy } of set.members()) contents.set(member.dest, await digestFile(copy));
  return contents;
}

/** Links what lies beside destinations into a tree that has their folders. */
function linkNeighbours(root: string, dests: readonly string[]): void {
  const own = new Set(dests);
  for (const folder of foldersWith(dests)) {
    for (const name of namesIn(folder)) {
      const path = `${folder}/${name}`;
      if (!own.has(path)) link(path, root + path);
    }
  }
}

/** The folders that destinations lie in, and those between one such and another below it. */
function foldersWith(dests: readonly string[]): Set<string> {
  const folders = new Set(dests.map(parentOf));
  for (const below of [...folders]) {
    const above = [...folders].filter((folder) => folder !== "/" && below.startsWith(`${folder}/`));
    for (const top of above) {
      for (let folder = below; folder !== top; folder = parentOf(folder)) folders.add(folder);
    }
  }
  return folders;
}

/** Copies a file; a text has its paths moved, unless it is so large that it is data. */
async function copyMoved(from: string, to: string, move: (text: string) => string): Promise<void> {
  if (Deno.lstatSync(from).size > LARGEST_TEXT) return await copyNew(from, to);
  const content = await Deno.readFile(from);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return writeNew(to, content);
  }
  writeNew(to, new TextEncoder().encode(move(text)));
}

function modeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).mode ?? undefined;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

function link(from: string, to: string): void {
  try {
    Deno.symlinkSync(from, to);
  } catch {
    // A folder of new files is there already.
  }
}
