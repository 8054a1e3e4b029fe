/**
 * Parts that are unpacked from Debian packages, without installing anything.
 *
 * A program that needs libraries which the machine lacks gets them from their packages: they stand in a folder beside it,
 * and a small script in its place shows it the way.
 *
 * Touches: processes (apt-get, dpkg, ldd), the network through them; writes only where it is told to.
 * @module
 */
import { findInPath, type Outcome, runQuietly } from "./commands.ts";
import { type PartName, TOOLS } from "./parts.ts";
import { failure, type Made, type Proof, proven, type Recipe } from "./recipe.ts";

const TIMEOUT_MS = 5 * 60_000;

/** The program becomes the process of this script: a signal and an exit status are its own. */
const WRAPPER = `#!/bin/sh
self=$(readlink -f "$0")
name=\${self##*/}
home=\${self%/*}/../lib/$name
export LD_LIBRARY_PATH="$home"
exec "$home/$name" "$@"
`;

/** A program in a Debian package. */
interface Program {
  name: PartName;
  package: string;
  /** @default usr/bin */
  folder?: string;
  /** Its name there. @default the part's */
  file?: string;
  /** The word that makes it print its version and end well. @default --version */
  flag?: string;
  /** What it then says, for one that ends badly even so. */
  says?: RegExp;
}

const PROGRAMS: readonly Program[] = [
  { name: "etcd", package: "etcd-server" },
  { name: "prometheus", package: "prometheus" },
  { name: "promtool", package: "prometheus" },
  { name: "nginx", package: "nginx", folder: "usr/sbin", flag: "-v" },
  { name: "haproxy", package: "haproxy", folder: "usr/sbin", flag: "-v" },
  { name: "dnsmasq", package: "dnsmasq-base", folder: "usr/sbin" },
  { name: "wrk", package: "wrk", flag: "-v", says: /^wrk .* Copyright/m },
  { name: "openssl", package: "openssl", flag: "version" },
  // One program that goes by its name; the package redis-server itself has but a link to it.
  { name: "redis-server", package: "redis-tools", file: "redis-check-rdb" },
  { name: "systemd-analyze", package: "systemd" },
  { name: "tini", package: "tini" },
  { name: "dumb-init", package: "dumb-init" },
];

/** The recipes of these parts. */
export function debianRecipes(): Recipe[] {
  return PROGRAMS.map(debianRecipe);
}

function debianRecipe(program: Program): Recipe {
  const { name, package: debianPackage } = program;
  const hasApt = hasDebianTools();
  const inPath = hasApt ? undefined : findInPath(name);
  return {
    name,
    version: "",
    stamp: inPath ? `link ${inPath}` : `debian ${debianPackage}`,
    how: inPath ? `linked to ${inPath}` : `unpacked from Debian's package ${debianPackage}, not installed`,
    advice: `Where there is no apt, the ${name} of PATH is used.`,
    required: false,
    go: false,
    async make(folder) {
      if (hasApt) return await takeFromDebian(program, folder);
      if (inPath === undefined) return { tried: "to find apt-get", problem: `there is none, and no ${name} in PATH` };
      await Deno.symlink(inPath, `${folder}/link`);
      return { path: `${folder}/link` };
    },
  };
}

/** Whether packages can be downloaded and unpacked. */
export function hasDebianTools(): boolean {
  return findInPath("apt-get") !== undefined && findInPath("dpkg-deb") !== undefined;
}

async function takeFromDebian(program: Program, folder: string): Promise<Made> {
  const { name, package: debianPackage, folder: inPackage = "usr/bin", flag = "--version", says } = program;
  let unpacked = unpackedPackages.get(debianPackage);
  if (unpacked === undefined) unpackedPackages.set(debianPackage, unpacked = unpackDebian(debianPackage, folder));
  const { failed, root, version, depends = [] } = await unpacked;
  if (failed) return failure(failed);
  const path = `${root}/${inPackage}/${name}`;
  if (program.file !== undefined) await Deno.rename(`${root}/${inPackage}/${program.file}`, path);
  if ((await librariesMissingTo(path)).length === 0) return { ...await proven(path, { flag, says }), version };
  return { ...await withLibraries(path, { name, proof: { flag, says }, folder, depends }), version };
}

/** One package may hold several parts. */
const unpackedPackages = new Map<string, Promise<Unpacked>>();

/** A package as it was unpacked. */
export interface Unpacked {
  failed?: Outcome;
  root?: string;
  version?: string;
  /** Names of packages that this one needs. */
  depends?: string[];
}

/** Unpacks a package into an empty folder of its own. */
export async function unpackDebian(debianPackage: string, folder: string): Promise<Unpacked> {
  // First by the lists that the machine has; a fresh container has none, and old ones name files that are gone.
  let downloaded = await aptGet(["download", debianPackage], { folder });
  if (!downloaded.ok) {
    downloaded = await aptGet(["download", debianPackage], { folder, lists: await (newLists ??= fetchLists()) });
  }
  if (!downloaded.ok) return { failed: downloaded };
  const deb = [...Deno.readDirSync(folder)].map(({ name }) => name).find((name) => name.endsWith(".deb"));
  const root = `${folder}/root`;
  const unpacked = await runQuietly(["dpkg-deb", "-x", `${folder}/${deb}`, root], { timeoutMs: TIMEOUT_MS });
  if (!unpacked.ok) return { failed: unpacked };
  const asked = await runQuietly(["dpkg-deb", "-f", `${folder}/${deb}`, "Depends"], { timeoutMs: TIMEOUT_MS });
  // libc6 (>= 2.34), libsystemd0 | libelogind0
  const depends = asked.text.split(",").map((one) => one.trim().split(/[ :|]/)[0]);
  // name_5%3a1.2.3+ds-4_amd64.deb
  return { root, version: deb?.split("_")[1].replace(/^\d+%3a|[-+].*/g, ""), depends };
}

let newLists: Promise<string> | undefined;

/** Lists of packages of our own, brought once. */
async function fetchLists(): Promise<string> {
  const folder = `${TOOLS}/work/apt`;
  const lists = `${folder}/lists`;
  await Deno.mkdir(`${lists}/partial`, { recursive: true });
  // Its status does not matter: one source of several may be away, and the download tells what counts.
  await aptGet(["update"], { folder, lists });
  return lists;
}

/** apt-get, which neither needs root nor writes anywhere but into `folder`. */
async function aptGet(words: string[], { folder, lists }: { folder: string; lists?: string }): Promise<Outcome> {
  const options = [
    `Dir::Cache=${folder}/cache`,
    "Debug::NoLocking=true",
    "Acquire::Languages=none",
    "Acquire::Retries=2",
    // As root, apt hands downloads to a user of its own, who often may not write here.
    "APT::Sandbox::User=root",
  ];
  if (lists !== undefined) options.push(`Dir::State::lists=${lists}`);
  const done = await runQuietly(["apt-get", "-q", ...options.flatMap((option) => ["-o", option]), ...words], {
    cwd: folder,
    timeoutMs: TIMEOUT_MS,
  });
  // The options are no matter for those who read why it failed.
  return { ...done, tried: `apt-get ${words.join(" ")}` };
}

/** The names of libraries that a program needs, and that are neither on the machine nor in a folder. */
async function librariesMissingTo(path: string, folder?: string): Promise<string[]> {
  const env = folder === undefined ? undefined : { LD_LIBRARY_PATH: folder };
  const { text } = await runQuietly(["ldd", path], { env, timeoutMs: 10_000 });
  return [...text.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name);
}

/** Brings the libraries of a program from the packages that its own one needs, and puts a script in its place. */
async function withLibraries(
  path: string,
  { name, proof, folder, depends }: { name: PartName; proof: Proof; folder: string; depends: readonly string[] },
): Promise<Made> {
  const home = `${folder}/home`;
  await Deno.mkdir(home);
  const failed = await bringLibraries(depends, { path, folder, home });
  if (failed) return failure(failed);
  const made = await proven(path, { ...proof, env: { LD_LIBRARY_PATH: home } });
  if ("problem" in made) return made;
  await Deno.rename(path, `${home}/${name}`);
  await Deno.writeTextFile(path, WRAPPER, { mode: 0o755 });
  return { path, home };
}

/** Brings libraries, and those that they need, until nothing is missing; returns what went wrong. */
export async function bringLibraries(
  packages: readonly string[],
  { path, folder, home }: { path: string; folder: string; home: string },
  brought = new Set<string>(),
): Promise<Outcome | undefined> {
  const missing = await librariesMissingTo(path, home);
  if (missing.length === 0) return undefined;
  const wanted = (await lacking(packages)).filter((name) => !brought.has(name));
  if (wanted.length === 0) return { ok: false, tried: `ldd ${path}`, text: `not found: ${missing.join(", ")}` };
  const next: string[] = [];
  for (const name of new Set(wanted)) {
    brought.add(name);
    const own = `${folder}/${name}`;
    await Deno.mkdir(own, { recursive: true });
    const { failed, root = "", depends = [] } = await unpackDebian(name, own);
    if (failed) return failed;
    moveLibraries(root, home);
    next.push(...depends);
  }
  return await bringLibraries(next, { path, folder, home }, brought);
}

/** Libraries among some packages that the machine lacks. */
async function lacking(packages: readonly string[]): Promise<string[]> {
  const libraries = packages.filter((name) => /^lib/.test(name));
  if (libraries.length === 0) return [];
  const words = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\\n", ...libraries] as const;
  const { text } = await runQuietly([...words], { timeoutMs: 10_000 });
  return libraries.filter((name) => !text.split("\n").includes(`installed ${name}`));
}

/** Libraries and their short names, from wherever a package keeps them. */
function moveLibraries(root: string, home: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(root)) {
    if (isDirectory) moveLibraries(`${root}/${name}`, home);
    else if (/\.so(\.\d+)*$/.test(name)) Deno.renameSync(`${root}/${name}`, `${home}/${name}`);
  }
}
