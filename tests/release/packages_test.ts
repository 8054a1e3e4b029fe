/**
 * The packages, each installed by its own system's program into a root folder, run there, and removed: nothing is left, not
 * even an empty folder.
 *
 * Touches: temporary folders, processes.
 * @module
 */
import { VERSION } from "../../lib/settings/version.ts";
import { unshareProblem } from "../image/container.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { binaryOf, needs } from "../tools/parts.ts";
import { contentsOf, isHere, makeRelease, run } from "./made.ts";

const ENV = { DENO: Deno.execPath() };
/** What both packages bring, but for the zsh completion. */
const FILES = [
  "bin/confd-sidecar",
  "share/man/man1/confd-sidecar.1.gz",
  "share/bash-completion/completions/confd-sidecar",
  "share/fish/vendor_completions.d/confd-sidecar.fish",
  "lib/systemd/system/confd-sidecar@.service",
];

/** Makes a release; returns the path of the package of one kind that can run here. */
function packageIn(dist: string, ...endings: string[]): string {
  makeRelease(dist);
  const names = [...Deno.readDirSync(dist)].map(({ name }) => name);
  const found = names.find((name) => endings.some((ending) => name.endsWith(ending)));
  assert(found, `a package for this machine: ${names}`);
  return `${dist}/${found}`;
}

function checkInstalled(root: string, zsh: string): void {
  const program = `${root}/usr/bin/confd-sidecar`;
  assertEquals(run([program, "--version"], { env: ENV }), `confd-sidecar ${VERSION}\n`);
  assertMatch(run([program, "--help"], { env: ENV }), /usage: confd-sidecar/);
  const link = `${root}/../a link to it`;
  Deno.symlinkSync(program, link);
  assertEquals(run([link, "--version"], { env: ENV }), `confd-sidecar ${VERSION}\n`, "by a link");
  for (const path of [...FILES, zsh]) assert(Deno.statSync(`${root}/usr/${path}`).isFile, `${path} is there`);
}

const OWN_FILE = "etc/confd-sidecar/web.env";

/** A file of the user's own among those of the package. */
function addFile(root: string): void {
  Deno.writeTextFileSync(`${root}/${OWN_FILE}`, "CONFD_BACKEND=etcd\n");
}

/** The package is gone, and the user's own file is not. It is taken away. */
function checkKept(root: string, others: readonly string[]): void {
  assertEquals(pathsIn(root), [...new Set([...others, "etc/", "etc/confd-sidecar/", OWN_FILE])].sort());
  Deno.removeSync(`${root}/etc/confd-sidecar`, { recursive: true });
}

const noDpkg = isHere("dpkg") ? "" : " (skipped: needs dpkg)";

Deno.test({
  ...needs(`the Debian package is installed, runs, and leaves nothing when it is removed${noDpkg}`, "nfpm"),
  ignore: needs("", "nfpm").ignore || noDpkg !== "",
  fn: () => {
    using folder = new Folder();
    const root = folder.at("root");
    const arch = { x86_64: "amd64", aarch64: "arm64" }[Deno.build.arch];
    const file = packageIn(folder.at("dist"), "_all.deb", `_${arch}.deb`);
    Deno.mkdirSync(`${root}/var/lib/dpkg/info`, { recursive: true });
    Deno.mkdirSync(`${root}/var/lib/dpkg/updates`);
    Deno.writeTextFileSync(`${root}/var/lib/dpkg/status`, "");
    const options = [`--root=${root}`, "--force-not-root", "--force-depends", `--log=${folder.at("log")}`];
    const dpkg = (...args: string[]) => run(["dpkg", ...options, ...args]);
    dpkg("-i", file);
    assertMatch(dpkg("-s", "confd-sidecar"), new RegExp(`^Version: ${VERSION}$`, "m"));
    checkInstalled(root, "share/zsh/vendor-completions/_confd-sidecar");
    addFile(root);
    dpkg("-P", "confd-sidecar");
    checkKept(root, ["var/", "var/lib/"]);
    dpkg("-i", file);
    dpkg("-P", "confd-sidecar");
    assertEquals(pathsIn(root), ["var/", "var/lib/"]);
  },
});

/** rpm enters its root, which takes root's rights: those of a namespace will do. */
const entered = Deno.uid() === 0 ? [] : ["unshare", "--map-root-user"];
const cannotEnter = entered.length > 0 && unshareProblem(["--map-root-user", "true"], "cannot") !== undefined
  ? " (skipped: needs root, or namespaces of users, for rpm to enter its root)"
  : "";

Deno.test({
  ...needs(`the rpm package is installed, runs, and leaves nothing when it is removed${cannotEnter}`, "nfpm", "rpm"),
  ignore: needs("", "nfpm", "rpm").ignore || cannotEnter !== "",
  fn: () => {
    using folder = new Folder();
    const root = folder.at("root");
    const file = packageIn(folder.at("dist"), ".noarch.rpm", `.${Deno.build.arch}.rpm`);
    // What every system has before any package of ours: rpm leaves folders that belong to nobody.
    for (const path of ["etc", "usr/bin", "usr/lib", "usr/share/doc", "usr/share/man/man1", "var/lib/rpm"]) {
      Deno.mkdirSync(`${root}/${path}`, { recursive: true });
    }
    const before = pathsIn(root);
    const rpm = (...args: string[]) =>
      run([...entered, binaryOf("rpm"), `--root=${root}`, "--define=_dbpath /var/lib/rpm", ...args]);
    rpm("--install", "--nodeps", file);
    assertEquals(rpm("--query", "confd-sidecar", "--queryformat=%{VERSION}-%{RELEASE}"), `${VERSION}-1`);
    assertEquals(rpm("--verify", "--nodeps", "confd-sidecar"), "", "all is there as it was packed");
    checkInstalled(root, "share/zsh/site-functions/_confd-sidecar");
    addFile(root);
    rpm("--erase", "confd-sidecar");
    checkKept(root, before);
    rpm("--install", "--nodeps", file);
    rpm("--erase", "confd-sidecar");
    assertEquals(pathsIn(root), before);
  },
});

/** All files and folders, but for what a package system keeps of itself. */
function pathsIn(root: string): string[] {
  return Object.keys(contentsOf(root)).filter((path) => !/^var\/lib\/(dpkg|rpm)\//.test(path));
}
