/**
 * A release, as far as it can be made here: twice the same, installed, run and removed; its texts are such as their readers
 * accept; and so are the workflows.
 *
 * Touches: temporary folders, processes.
 * @module
 */
import { ASKING_OPTIONS } from "../../lib/settings/client.ts";
import { VERSION } from "../../lib/settings/version.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { bareEnvironment, Folder } from "../support/sidecar.ts";
import { binaryOf, needs } from "../tools/parts.ts";
import { newestRelease } from "../tools/release/change_log.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "../tools/release/completions.ts";
import { manPage } from "../tools/release/man_page.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const RELEASE = { version: VERSION, date: "2026-11-25", notes: "" };

/** Runs a program; returns what it printed. Throws where it ends badly. */
function run(program: string, args: readonly string[], env: Record<string, string> = {}, cwd?: string): string {
  const { success, stdout, stderr } = new Deno.Command(program, {
    args: [...args],
    env: { ...bareEnvironment(), ...env },
    clearEnv: true,
    cwd,
  }).outputSync();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

function isHere(program: string): boolean {
  try {
    return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Makes a release from the sources in a folder. */
function makeRelease(root: string, dist: string): string {
  return run(
    Deno.execPath(),
    ["run", "-A", "--no-check", "--no-lock", "tests/tools/release/release.ts", dist],
    {},
    root,
  );
}

/** All files below a folder, and what is in them. */
function contentsOf(folder: string, below = ""): Record<string, string> {
  return Object.fromEntries(
    [...Deno.readDirSync(`${folder}/${below}`)].flatMap(({ name, isDirectory }) => {
      if (isDirectory) return Object.entries(contentsOf(folder, `${below}${name}/`));
      return [[below + name, Deno.readFileSync(`${folder}/${below}${name}`).toBase64()]];
    }).sort(),
  );
}

Deno.test({
  ...needs("two releases made in different folders are the same to the byte", "nfpm"),
  fn: () => {
    using folder = new Folder();
    const first = folder.at("first");
    makeRelease(ROOT, first);
    // The same sources at another place, and made at another time.
    const copy = folder.at("a/copy/elsewhere");
    Deno.mkdirSync(copy, { recursive: true });
    for (const name of ["deno.json", "deno.lock", "main.ts", "lib", "tests", "CHANGELOG.md", "LICENSE", "examples"]) {
      run("cp", ["-R", `${ROOT}${name}`, copy]);
    }
    Deno.symlinkSync(`${ROOT}.tools`, `${copy}/.tools`);
    const second = folder.at("second");
    makeRelease(copy, second);
    const [one, two] = [contentsOf(first), contentsOf(second)];
    assertEquals(Object.keys(one), Object.keys(two));
    assert(Object.keys(one).length >= 11, `all of it is there: ${Object.keys(one)}`);
    for (const [name, content] of Object.entries(one)) assert(content === two[name], `${name} is the same`);
    const sums = Deno.readTextFileSync(`${first}/SHA256SUMS`);
    assertMatch(run("sh", ["-c", "sha256sum -c SHA256SUMS"], {}, first), /^(\S+: OK\n)+$/);
    assertEquals(sums.trim().split("\n").length, Object.keys(one).length - 1);
    const bill = JSON.parse(Deno.readTextFileSync(`${first}/confd-sidecar.cdx.json`));
    assertEquals(bill.components.map(({ name }: { name: string }) => name).sort(), ["deno", "diff", "smol-toml"]);
  },
});

Deno.test({
  ...needs("the Debian package is installed, runs, and leaves nothing when it is removed", "nfpm"),
  ignore: needs("", "nfpm").ignore || !isHere("dpkg"),
  fn: () => {
    using folder = new Folder();
    const [dist, root] = [folder.at("dist"), folder.at("root")];
    makeRelease(ROOT, dist);
    Deno.mkdirSync(`${root}/var/lib/dpkg/info`, { recursive: true });
    Deno.mkdirSync(`${root}/var/lib/dpkg/updates`, { recursive: true });
    Deno.writeTextFileSync(`${root}/var/lib/dpkg/status`, "");
    const dpkg = (...args: string[]) =>
      run("dpkg", [`--root=${root}`, "--force-not-root", "--force-depends", `--log=${folder.at("log")}`, ...args]);
    // Where there are base runtimes, one for each architecture.
    const arch = { x86_64: "amd64", aarch64: "arm64" }[Deno.build.arch];
    const file = [...Deno.readDirSync(dist)].map(({ name }) => name).find((name) =>
      name.endsWith("_all.deb") || name.endsWith(`_${arch}.deb`)
    );
    dpkg("-i", `${dist}/${file}`);
    assertMatch(dpkg("-s", "confd-sidecar"), new RegExp(`^Version: ${VERSION}$`, "m"));
    const env = { DENO: Deno.execPath() };
    const program = `${root}/usr/bin/confd-sidecar`;
    assertEquals(run(program, ["--version"], env), `confd-sidecar ${VERSION}\n`);
    // What it starts gets its words, and its status is ours.
    assertMatch(run(program, ["--help"], env), /usage: confd-sidecar/);
    for (const path of ["share/man/man1/confd-sidecar.1.gz", "lib/systemd/system/confd-sidecar@.service"]) {
      assert(Deno.statSync(`${root}/usr/${path}`).isFile, `${path} is there`);
    }
    dpkg("-P", "confd-sidecar");
    const left = Object.keys(contentsOf(root)).filter((path) => !path.startsWith("var/lib/dpkg/"));
    assertEquals(left, []);
  },
});

Deno.test("the man page is one that man pages are made with, and has every option", () => {
  const page = manPage(RELEASE);
  for (const option of ASKING_OPTIONS) assert(page.includes(option.replaceAll("-", "\\-")), `${option} is there`);
  assert(page.startsWith(`.TH CONFD-SIDECAR 1 2026-11-25 "confd-sidecar ${VERSION}"`), page.slice(0, 80));
  if (!isHere("groff")) return console.log("    groff is not here: the page is not formatted");
  using folder = new Folder();
  const file = folder.write("confd-sidecar.1", page);
  const { stdout, stderr } = new Deno.Command("groff", { args: ["-man", "-ww", "-Tutf8", "-P-cbou", file] })
    .outputSync();
  assertEquals(new TextDecoder().decode(stderr), "", "groff has nothing to warn of");
  const text = new TextDecoder().decode(stdout);
  assertMatch(text, /SIDECAR_FLEET_TIMEOUT\s+the longest wait for a turn/);
  assertMatch(text, /^ +export CONFD_BACKEND=file SIDECAR_CONFD_ARGS=--file=/m);
});

Deno.test("completions: bash completes options, their values, and programs", () => {
  using folder = new Folder();
  const file = folder.write("confd-sidecar.bash", bashCompletion());
  const complete = (...words: string[]) => {
    const script = `source ${file}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${
      words.length - 1
    }; _confd_sidecar; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run("bash", ["-c", script]).trim().split("\n");
  };
  assertEquals(complete("confd-sidecar", "--fl"), ["--fleet-status"]);
  // Words as bash splits them.
  assertEquals(complete("confd-sidecar", "--healthcheck", "="), ["live", "ready"]);
  assertEquals(complete("confd-sidecar", "--healthcheck", "=", "r"), ["ready"]);
  assert(complete("confd-sidecar", "bas").includes("bash"), "a program");
  const options = complete("confd-sidecar", "--");
  for (const option of [...ASKING_OPTIONS, "--help", "--once"]) assert(options.includes(option), option);
});

Deno.test("completions for zsh and fish have every option", () => {
  for (const option of [...ASKING_OPTIONS, "--help", "--dry-run"]) {
    assert(zshCompletion().includes(`'${option}:`), `zsh: ${option}`);
    assert(fishCompletion().includes(` -l ${option.slice(2)} `), `fish: ${option}`);
  }
  using folder = new Folder();
  for (const [shell, text] of [["zsh", zshCompletion()], ["fish", fishCompletion()]] as const) {
    if (!isHere(shell)) console.log(`    ${shell} is not here: its completion is not parsed`);
    else run(shell, ["-n", folder.write(`completion.${shell}`, text)]);
  }
});

Deno.test("the version stands in one place: deno.json, the image and the change log have the same", () => {
  const { version } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const [, label] = /image\.version="([^"]+)"/.exec(Deno.readTextFileSync(`${ROOT}Dockerfile`))!;
  const log = newestRelease(Deno.readTextFileSync(`${ROOT}CHANGELOG.md`));
  assertEquals([version, label, log.version], [VERSION, VERSION, VERSION]);
  assert(log.notes.startsWith("The first release."), "its notes begin after the heading");
});

const WORKFLOWS = ["checks", "release"].map((name) => `${ROOT}.github/workflows/${name}.yml`);

Deno.test({
  ...needs("the workflows are such as actionlint accepts", "actionlint"),
  fn: () => {
    assertEquals(run(binaryOf("actionlint"), ["-no-color", "-shellcheck=", "-pyflakes=", ...WORKFLOWS]), "");
  },
});

Deno.test("every script of the workflows is one of ours, or is the platform's", () => {
  /** Begin so: they need what only the platform has. */
  const OF_THE_PLATFORM = [
    "cosign ",
    "docker ",
    'echo "DIGEST=$(docker ',
    "find dist -type f -print0 | xargs -0 gh release",
    'test -e "dist/',
  ];
  const OURS = ["bash .ci/run", "npx -y deno@2.9.6 task release:dry-run"];
  for (const path of WORKFLOWS) {
    const scripts = [...Deno.readTextFileSync(path).matchAll(/^ +(?:- )?run: (.+)$/gm)].map(([, script]) => script);
    assert(scripts.length > 0, `${path} runs something`);
    for (const script of scripts) {
      const isKnown = OURS.includes(script) || OF_THE_PLATFORM.some((begins) => script.startsWith(begins));
      assert(isKnown, `${path} runs what no test knows: ${script}`);
    }
  }
});
