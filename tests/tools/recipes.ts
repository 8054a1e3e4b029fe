/**
 * How each part is made: built from pinned Go sources, unpacked from a Debian package, or linked to what is there.
 *
 * Touches: processes (go, apt-get, dpkg-deb), the network through them; writes only where it is told to.
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { findInPath, isExecutable, type Outcome, runQuietly } from "./commands.ts";
import type { PartName } from "./parts.ts";

/** A way to make a part. */
export interface Recipe {
  name: PartName;
  /** Empty where nobody chooses it. */
  version: string;
  /** Says what the part is made from; it changes whenever the part would. */
  stamp: string;
  /** What is done to get the part, for the line that says so. */
  how: string;
  /** What to do about a part that cannot be had. */
  advice: string;
  /** Whether setup has failed without this part. */
  required: boolean;
  /** True where the Go tool chain makes it. */
  go: boolean;
  /** Makes the part in an empty folder of its own; returns the path of the binary. */
  make(folder: string): Promise<Made>;
}

/** A binary that is ready to be moved to its place; or what went wrong. */
export type Made = { path: string; version?: string } | { tried: string; problem: string };

const GO_TIMEOUT_MS = 15 * 60_000;
const APT_TIMEOUT_MS = 5 * 60_000;
/** Small pinned builds: static, without traces of where they were made. */
const GO_ENV = { CGO_ENABLED: "0", GOWORK: "off" };

interface Confd {
  name: PartName;
  variable: string;
  package: string;
  version: string;
  /** True: built in our own small module, which pins everything, and so expected to work. */
  pinned: boolean;
}

const CONFDS: readonly Confd[] = [
  {
    name: "confd-classic",
    variable: "CONFD_CLASSIC",
    package: "github.com/kelseyhightower/confd",
    version: "0.16.0",
    pinned: true,
  },
  {
    name: "confd-fork-0.30",
    variable: "CONFD_FORK_0_30",
    package: "github.com/abtreece/confd/cmd/confd",
    version: "0.30.0",
    pinned: true,
  },
  {
    name: "confd-fork",
    variable: "CONFD_FORK",
    package: "github.com/abtreece/confd/cmd/confd",
    version: "0.41.1",
    pinned: false,
  },
];

const DEBIAN: readonly { name: PartName; package: string }[] = [
  { name: "etcd", package: "etcd-server" },
  { name: "prometheus", package: "prometheus" },
  { name: "promtool", package: "prometheus" },
  { name: "tini", package: "tini" },
  { name: "dumb-init", package: "dumb-init" },
];

/** The recipes of all parts, as the environment wants them. */
export function recipes(): Recipe[] {
  return [...CONFDS.map(confdRecipe), ...DEBIAN.map(debianRecipe)];
}

function confdRecipe(confd: Confd): Recipe {
  const { name, variable, version, pinned } = confd;
  const wanted = Deno.env.get(variable);
  const advice = `${variable}=/path/to/confd uses another binary instead, ${variable}=PATH the confd of PATH.`;
  if (wanted) return linkRecipe({ name, variable, wanted, advice });
  const module = fileURLToPath(new URL(name, import.meta.url));
  const pins = pinned ? ` ${digest(Deno.readTextFileSync(`${module}/go.mod`))}` : "";
  return {
    name,
    version,
    stamp: `go ${confd.package}@${version}${pins}`,
    how: pinned ? "built from pinned sources" : "built from the Go module",
    advice,
    required: pinned,
    go: true,
    make: (folder) => pinned ? buildPinned(confd, { module, folder }) : installModule(confd, folder),
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function buildPinned(confd: Confd, { module, folder }: { module: string; folder: string }): Promise<Made> {
  const path = `${folder}/confd`;
  const built = await runQuietly(
    ["go", "build", "-trimpath", "-buildvcs=false", "-o", path, confd.package],
    { cwd: module, env: GO_ENV, timeoutMs: GO_TIMEOUT_MS },
  );
  return built.ok ? proven(path, "-version") : failure(built);
}

async function installModule(confd: Confd, folder: string): Promise<Made> {
  const installed = await runQuietly(
    ["go", "install", "-trimpath", `${confd.package}@v${confd.version}`],
    { cwd: folder, env: { ...GO_ENV, GOBIN: folder }, timeoutMs: GO_TIMEOUT_MS },
  );
  return installed.ok ? proven(`${folder}/confd`, "--version") : failure(installed);
}

function linkRecipe(
  { name, variable, wanted, advice }: Pick<Recipe, "name" | "advice"> & { variable: string; wanted: string },
): Recipe {
  const found = wanted === "PATH" ? findInPath("confd") : absolute(wanted);
  return {
    name,
    version: "",
    stamp: `link ${found}`,
    how: `${variable}: linked to ${found}`,
    advice,
    required: true,
    go: false,
    async make(folder) {
      const tried = `${variable}=${wanted}`;
      if (found === undefined) return { tried, problem: "there is no confd in PATH" };
      if (!isExecutable(found)) return { tried, problem: `${found} is not an executable file` };
      await Deno.symlink(found, `${folder}/link`);
      return { path: `${folder}/link` };
    },
  };
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}

function debianRecipe({ name, package: debianPackage }: typeof DEBIAN[number]): Recipe {
  const hasApt = findInPath("apt-get") !== undefined && findInPath("dpkg-deb") !== undefined;
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
      if (hasApt) return await takeFromDebian(debianPackage, { name, folder });
      if (inPath === undefined) return { tried: "to find apt-get", problem: `there is none, and no ${name} in PATH` };
      await Deno.symlink(inPath, `${folder}/link`);
      return { path: `${folder}/link` };
    },
  };
}

async function takeFromDebian(
  debianPackage: string,
  { name, folder }: { name: PartName; folder: string },
): Promise<Made> {
  let unpacked = unpackedPackages.get(debianPackage);
  if (unpacked === undefined) unpackedPackages.set(debianPackage, unpacked = unpackDebian(debianPackage, folder));
  const { failed, root, version } = await unpacked;
  if (failed) return failure(failed);
  return { ...await proven(`${root}/usr/bin/${name}`, "--version"), version };
}

/** One package may hold several parts. */
const unpackedPackages = new Map<string, Promise<Unpacked>>();

interface Unpacked {
  failed?: Outcome;
  root?: string;
  version?: string;
}

async function unpackDebian(debianPackage: string, folder: string): Promise<Unpacked> {
  // First by the lists that the machine has; a fresh container has none, and old ones name files that are gone.
  let downloaded = await aptGet(["download", debianPackage], { folder });
  if (!downloaded.ok) {
    const lists = `${folder}/lists`;
    await Deno.mkdir(`${lists}/partial`, { recursive: true });
    // Its status does not matter: one source of several may be away, and the download tells what counts.
    await aptGet(["update"], { folder, lists });
    downloaded = await aptGet(["download", debianPackage], { folder, lists });
  }
  if (!downloaded.ok) return { failed: downloaded };
  const deb = [...Deno.readDirSync(folder)].map(({ name }) => name).find((name) => name.endsWith(".deb"));
  const root = `${folder}/root`;
  const unpacked = await runQuietly(["dpkg-deb", "-x", `${folder}/${deb}`, root], { timeoutMs: APT_TIMEOUT_MS });
  if (!unpacked.ok) return { failed: unpacked };
  // name_1.2.3+ds-4_amd64.deb
  return { root, version: deb?.split("_")[1].replace(/[-+].*/, "") };
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
    timeoutMs: APT_TIMEOUT_MS,
  });
  // The options are no matter for those who read why it failed.
  return { ...done, tried: `apt-get ${words.join(" ")}` };
}

/** A binary counts only if it runs here: another architecture or a missing library is better seen now. */
async function proven(path: string, flag: string): Promise<Made> {
  const ran = await runQuietly([path, flag], { timeoutMs: 10_000 });
  return ran.ok ? { path } : failure(ran);
}

function failure({ tried, text }: Outcome): Made {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return { tried, problem: lines.slice(-4).join(" / ") };
}
