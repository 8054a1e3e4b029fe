/**
 * docs/from-a-shell-entrypoint.md: what each of the usual entrypoints loses, tried as process 1 with a real confd.
 *
 * Touches: files, processes, through the support modules.
 * @module
 */
import { unshareProblem } from "../image/container.ts";
import { fences, readText } from "../docs/pages.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { readTable, UPDATING, writeTable } from "../support/doc_table.ts";
import { NO_BASH } from "../support/example.ts";
import { FileKeys } from "../support/keys.ts";
import { type Lines, readLines } from "../support/lines.ts";
import { bareEnvironment, commandUnderTest, DEADLINE_MS, Folder, until } from "../support/sidecar.ts";
import { find } from "../support/survivors.ts";

const PAGE = new URL("../../docs/from-a-shell-entrypoint.md", import.meta.url);
const TWENTY_LINES = fences(readText("docs/from-a-shell-entrypoint.md"), "bash")[0];

/** Process 1 of a namespace of its own, as in a container. */
const FIRST = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const NEEDS = {
  parts: [ANY_CONFD.part],
  reason: NO_BASH ?? unshareProblem([...FIRST.slice(1), "true"], "needs root, for namespaces"),
};

/** The words that start confd; everything else is in its folder. */
const CONFD = 'confd -interval 1 -backend file -file "$KEYS" -confdir "$CONFDIR"';

const ENTRYPOINTS: Record<string, string> = {
  "confd & my-service": `${CONFD} & my-service`,
  "my-service & exec confd": `my-service & exec ${CONFD}`,
  "confd -onetime; exec my-service": `${CONFD} -onetime; exec my-service`,
  "confd & exec my-service": `${CONFD} & exec my-service`,
  // As the page has it; the service of the test takes no words.
  "the twenty lines below": TWENTY_LINES.replace("my-service --config=/etc/my-service.conf", "my-service"),
};

/** A service that says what its file holds, and ends with 7 at SIGTERM. */
const SERVICE = `#!/bin/bash
trap 'exit 7' TERM
trap 'echo "HUP: $(cat "$FILE" | tr "\\n" " ")"' HUP
echo "start: $(cat "$FILE" 2>/dev/null | tr "\\n" " ")"
while :; do read -r -t 0.1 _ <>"$FIFO"; done
`;

class Entrypoint implements AsyncDisposable {
  readonly stdout: Lines;
  readonly #process: Deno.ChildProcess;

  constructor(words: readonly string[], env: Record<string, string>) {
    this.#process = new Deno.Command(FIRST[0], {
      args: [...FIRST.slice(1), ...words],
      env: { ...bareEnvironment(), ...env },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.stdout = readLines(this.#process.stdout, { deadlineMs: DEADLINE_MS });
  }

  /** Process 1: the child of unshare. */
  get first(): number {
    const task = `/proc/${this.#process.pid}/task/${this.#process.pid}/children`;
    return Number(Deno.readTextFileSync(task).trim().split(" ")[0]);
  }

  /** Its status, if it ends within a while. */
  async status(withinMs: number): Promise<number | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), withinMs));
    const status = await Promise.race([this.#process.status.then(({ code }) => code), late]);
    clearTimeout(timer);
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
    await this.stdout.ended;
  }
}

interface Stage {
  folder: Folder;
  keys: FileKeys;
  env: Record<string, string>;
}

/** Everything but the keys' file: a value that confd cannot render yet. */
function stageOf(folder: Folder): Stage {
  const keys = new FileKeys(folder, { "/key": "one" });
  const file = folder.at("service.conf");
  folder.write("confd/conf.d/service.toml", `[template]\nsrc = "service.tmpl"\ndest = "${file}"\nkeys = ["/"]\n`);
  folder.write("confd/templates/service.tmpl", 'value={{getv "/key"}}\n');
  folder.write("bin/my-service", SERVICE, 0o755);
  folder.write("bin/confd", `#!/bin/sh\nexec '${ANY_CONFD.path(folder)}' "$@"\n`, 0o755);
  new Deno.Command("mkfifo", { args: [folder.at("fifo")] }).outputSync();
  const env = {
    PATH: `${folder.at("bin")}:${Deno.env.get("PATH")}`,
    FILE: file,
    FIFO: folder.at("fifo"),
    KEYS: folder.at("keys.yml"),
    CONFDIR: folder.at("confd"),
    CONFD_BACKEND: "file",
    CONFD_CONFDIR: folder.at("confd"),
    SIDECAR_CONFD_ARGS: `--file=${folder.at("keys.yml")}`,
    SIDECAR_SETTLE: "200ms",
  };
  return { folder, keys, env };
}

/** The words that start an entrypoint; the sidecar where there is none. */
function wordsOf(folder: Folder, name: string): string[] {
  const script = ENTRYPOINTS[name];
  if (script === undefined) return [...commandUnderTest(), "my-service"];
  const more = ["-file", folder.at("keys.yml"), "-confdir", folder.at("confd")];
  return [folder.write("entrypoint.sh", script.startsWith("#!") ? script : `#!/bin/bash\n${script}\n`, 0o755), ...more];
}

const yes = (holds: boolean) => holds ? "yes" : "no";

/** What becomes of the service's own end. */
async function keepsStatus(stage: Stage, name: string): Promise<string> {
  await using run = new Entrypoint(wordsOf(stage.folder, name), stage.env);
  await run.stdout.next("start");
  Deno.kill(servicePid(stage.folder), "SIGTERM");
  return yes(await run.status(5000) === 7);
}

/** The service itself, and no shell that mentions it. */
function servicePid(folder: Folder): number {
  const pids = find(folder.path, /^\/bin\/bash \S*\/bin\/my-service$|bash \S+my-service$/);
  return pids.at(-1)!;
}

async function forwardsTerm(stage: Stage, name: string): Promise<string> {
  await using run = new Entrypoint(wordsOf(stage.folder, name), stage.env);
  await run.stdout.next("start");
  await until("process 1 is there", () => run.first > 0);
  Deno.kill(run.first, "SIGTERM");
  return yes(await run.status(3000) === 7);
}

async function waitsForFiles(stage: Stage, name: string): Promise<string> {
  // Nothing can be rendered at first.
  Deno.removeSync(stage.folder.at("keys.yml"));
  stage.folder.write("keys.yml", "other: key\n");
  await using run = new Entrypoint(wordsOf(stage.folder, name), stage.env);
  const starts = run.stdout.next("start").catch(() => "");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), 2500));
  const early = await Promise.race([starts, late]);
  clearTimeout(timer);
  if (early !== null) return "no";
  await stage.keys.put({ "/key": "one" });
  return yes((await starts).includes("value=one"));
}

const COLUMNS: [string, (stage: Stage, name: string) => Promise<string>][] = [
  ["the service's exit status", keepsStatus],
  ["SIGTERM reaches the service", forwardsTerm],
  ["starts on complete files only", waitsForFiles],
];

e2e("docs/from-a-shell-entrypoint.md has what becomes of each entrypoint", async ({ folder }) => {
  const rows: string[][] = [];
  for (const name of [...Object.keys(ENTRYPOINTS), "confd-sidecar my-service"]) {
    const cells: string[] = [];
    for (const [, tryIt] of COLUMNS) {
      using own = new Folder(folder.path);
      cells.push(await tryIt(stageOf(own), name));
    }
    rows.push([name.includes(" below") ? name : `\`${name}\``, ...cells]);
  }
  const headings = ["entrypoint", ...COLUMNS.map(([heading]) => heading)];
  if (UPDATING) writeTable(PAGE, "entrypoints", [headings, ...rows]);
  else assertEquals(readTable(PAGE, "entrypoints"), rows);
}, NEEDS);

/** Two files that share a key, and a command that confd runs after each of them. */
function twoFiles(folder: Folder, reloadCmd: string): { stage: Stage; files: string[] } {
  const stage = stageOf(folder);
  const files = ["a", "b"].map((name) => folder.at(`${name}.conf`));
  Deno.removeSync(folder.at("confd/conf.d/service.toml"));
  for (const [i, name] of ["a", "b"].entries()) {
    folder.write(
      `confd/conf.d/${name}.toml`,
      `[template]\nsrc = "service.tmpl"\ndest = "${files[i]}"\nkeys = ["/"]\n` +
        (reloadCmd === "" ? "" : `reload_cmd = "${reloadCmd}"\n`),
    );
  }
  return { stage, files };
}

e2e(
  "docs/from-a-shell-entrypoint.md: confd's reload_cmd sees half a set, the sidecar's reload does not",
  async ({ folder }) => {
    const half = "value=two value=one";
    {
      using own = new Folder(folder.path);
      const seen = own.at("seen");
      const { stage, files } = twoFiles(
        own,
        `cat ${own.at("a.conf")} ${own.at("b.conf")} | tr '\\\\n' ' ' >> ${seen}; echo >> ${seen}`,
      );
      await using _run = new Entrypoint(wordsOf(own, "confd & my-service"), stage.env);
      await until("both files are there", () => textOf(files[1]).includes("one"));
      await stage.keys.put({ "/key": "two" });
      await until("both files are new", () => files.every((file) => textOf(file).includes("two")));
      await until("the command has run", () => textOf(seen).includes("value=two value=two"));
      assert(textOf(seen).includes(half), `it has seen half a set: ${textOf(seen)}`);
    }
    using own = new Folder(folder.path);
    const { stage, files } = twoFiles(own, "");
    const env = {
      ...stage.env,
      FILE: files.join('" "'),
      SIDECAR_CONFD_ARGS: `${stage.env.SIDECAR_CONFD_ARGS} --watch=false`,
    };
    own.write("bin/my-service", SERVICE.replaceAll('"$FILE"', files.join(" ")), 0o755);
    await using run = new Entrypoint([...commandUnderTest(), "my-service"], { ...env, SIDECAR_CONFD_INTERVAL: "1s" });
    await run.stdout.next("start: value=one");
    await stage.keys.put({ "/key": "two" });
    await run.stdout.next("HUP: value=two");
    assertEquals(run.stdout.all.filter((line) => line.startsWith("HUP")).length, 1, "one reload for both");
  },
  NEEDS,
);

e2e(
  "docs/from-a-shell-entrypoint.md: a SIGHUP kills a service that has no handler, but not under the sidecar",
  async ({ folder }) => {
    const noHandler =
      '#!/bin/bash\necho $$ >"$FIFO.pid"\necho "start: $(cat "$FILE" 2>/dev/null)"\nexec sleep 1234.5\n';
    {
      using own = new Folder(folder.path);
      const stage = stageOf(own);
      own.write("bin/my-service", noHandler, 0o755);
      const resource = Deno.readTextFileSync(own.at("confd/conf.d/service.toml"));
      own.write("confd/conf.d/service.toml", `${resource}reload_cmd = "kill -HUP $(cat ${stage.env.FIFO}.pid)"\n`);
      await using run = new Entrypoint(wordsOf(own, "confd & my-service"), stage.env);
      await run.stdout.next("start");
      await until("it is rendered", () => textOf(stage.env.FILE).includes("one"));
      await stage.keys.put({ "/key": "two" });
      assertEquals(await run.status(10_000), 129);
    }
    using own = new Folder(folder.path);
    const stage = stageOf(own);
    own.write("bin/my-service", noHandler, 0o755);
    await using run = new Entrypoint([...commandUnderTest(), "my-service"], stage.env);
    await run.stdout.next("start: value=one");
    await stage.keys.put({ "/key": "two" });
    await until("it is rendered", () => textOf(stage.env.FILE).includes("two"));
    // Longer than the settle window, and than the first tries.
    assertEquals(await run.status(2000), null, "it runs on");
  },
  NEEDS,
);

e2e(
  "docs/from-a-shell-entrypoint.md: a service that is process 1 leaves zombies, the sidecar none",
  async ({ folder }) => {
    const zombiesOf = async (words: readonly string[], stage: Stage): Promise<boolean> => {
      await using run = new Entrypoint(words, stage.env);
      await run.stdout.next("start");
      await until("process 1 is there", () => run.first > 0);
      // An orphan of the namespace, which ends at once.
      const enter = ["--target", String(run.first), "--pid", "sh", "-c", "sleep 0.05 & exit 0"];
      new Deno.Command("nsenter", { args: enter, stdout: "null", stderr: "null" }).outputSync();
      const isZombie = () => childrenOf(run.first).some((pid) => /^State:\tZ/m.test(textOf(`/proc/${pid}/status`)));
      const deadline = Date.now() + 1500;
      let stays = 0;
      while (Date.now() < deadline) {
        stays = isZombie() ? stays + 1 : 0;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return stays > 10;
    };
    const plain = '#!/bin/bash\necho "start: "\nexec sleep 1234.5\n';
    {
      using own = new Folder(folder.path);
      const stage = stageOf(own);
      own.write("bin/my-service", plain, 0o755);
      assertEquals(await zombiesOf(wordsOf(own, "confd & exec my-service"), stage), true);
    }
    using own = new Folder(folder.path);
    const stage = stageOf(own);
    own.write("bin/my-service", plain, 0o755);
    assertEquals(await zombiesOf([...commandUnderTest(), "my-service"], stage), false);
  },
  NEEDS,
);

function childrenOf(pid: number): number[] {
  return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
}

/** Nothing where there is no such file, or not yet. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
