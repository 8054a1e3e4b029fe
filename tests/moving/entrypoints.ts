/**
 * The entrypoints of docs/from-a-shell-entrypoint.md, and what each is run with: keys in a file, one template resource or two,
 * a service that is a script.
 *
 * Touches: files, through the support modules.
 * @module
 */
import { fences, readText } from "../docs/pages.ts";
import { ANY_CONFD } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { commandUnderTest, type Folder } from "../support/sidecar.ts";
import { textOf } from "../support/text_of.ts";
import { First } from "./first.ts";

const TWENTY_LINES = fences(readText("docs/from-a-shell-entrypoint.md"), "bash")[0];
/** The service of the tests takes no words. */
const OURS = TWENTY_LINES.replace("my-service --config=/etc/my-service.conf", "my-service");

/** The words that start confd; everything else is in its folder. */
const CONFD = 'confd -interval 1 -backend file -file "$KEYS" -confdir "$CONFDIR"';

/** Each, as the page's table names it, and its script. */
const SCRIPTS: Record<string, string> = {
  "`confd & my-service`": `${CONFD} & my-service`,
  "`my-service & exec confd`": `my-service & exec ${CONFD}`,
  "`confd -onetime; exec my-service`": `${CONFD} -onetime; exec my-service`,
  "`confd & exec my-service`": `${CONFD} & exec my-service`,
  "`confd & my-service & wait -n; exit $?`": `${CONFD} & my-service & wait -n; exit $?`,
  "the twenty lines, bash": OURS,
  "the twenty lines, dash": OURS.replace("#!/bin/bash", "#!/bin/dash"),
};

export const SIDECAR = "`confd-sidecar my-service`";
export const ENTRYPOINTS = [...Object.keys(SCRIPTS), SIDECAR];

/** A service that says what its file holds, and ends with 7 at SIGTERM. */
const SERVICE = `#!/bin/bash
trap 'exit 7' TERM
trap 'echo "HUP: $(cat "$FILE")"' HUP
echo $$ > "$PIDFILE"
echo "start: $(cat "$FILE" 2>/dev/null)"
while :; do read -r -t 0.1 _ <>"$FIFO"; done
`;

/** A service without handlers, whose children are not its own affair. */
export const PLAIN = `#!/bin/bash
echo "start: $(cat "$FILE" 2>/dev/null)"
echo $$ > "$PIDFILE"
exec sleep 1234.5
`;

/** An entrypoint's surroundings. */
export class Stage {
  readonly folder: Folder;
  readonly keys: FileKeys;
  readonly #name: string;
  readonly #env: Record<string, string>;

  constructor(folder: Folder, name: string) {
    this.folder = folder;
    this.#name = name;
    this.keys = new FileKeys(folder, { "/key": "one" });
    this.resource("service");
    this.service(SERVICE);
    folder.write("bin/confd", `#!/bin/sh\nexec '${ANY_CONFD.path(folder)}' "$@"\n`, 0o755);
    new Deno.Command("mkfifo", { args: [folder.at("fifo")] }).outputSync();
    this.#env = {
      PATH: `${folder.at("bin")}:${Deno.env.get("PATH")}`,
      FILE: folder.at("service.conf"),
      FIFO: folder.at("fifo"),
      PIDFILE: folder.at("pid"),
      KEYS: folder.at("keys.yml"),
      CONFDIR: folder.at("confd"),
      CONFD_BACKEND: "file",
      CONFD_CONFDIR: folder.at("confd"),
      SIDECAR_CONFD_ARGS: `--file=${folder.at("keys.yml")}`,
      SIDECAR_SETTLE: "500ms",
    };
  }

  get isSidecar(): boolean {
    return this.#name === SIDECAR;
  }

  /** A file that confd renders. `lines`: commands of its resource; the sidecar needs no `reload_cmd`. */
  resource(name: string, lines = ""): void {
    const commands = this.isSidecar ? lines.replace(/^reload_cmd.*$/m, "") : lines;
    const dest = this.folder.at(`${name}.conf`);
    const text = `[template]\nsrc = "${name}.tmpl"\ndest = "${dest}"\nkeys = ["/"]\n${commands}\n`;
    this.folder.write(`confd/conf.d/${name}.toml`, text);
    this.folder.write(`confd/templates/${name}.tmpl`, '{{getv "/key"}}\n');
  }

  /** What `my-service` is. */
  service(script: string): void {
    this.folder.write("bin/my-service", script, 0o755);
  }

  start(env: Record<string, string> = {}): First {
    return new First(this.#words(), { env: { ...this.#env, ...env } });
  }

  /** The service's process number, as this machine counts; 0: there is none yet. */
  servicePid(): number {
    const inside = textOf(this.folder.at("pid")).trim();
    if (inside === "") return 0;
    const isIt = (pid: string) => {
      const numbers = /^NSpid:\s+\d+\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`));
      return numbers?.[1] === inside && textOf(`/proc/${pid}/environ`).includes(this.folder.path);
    };
    const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => /^\d+$/.test(name));
    return Number(pids.find(isIt) ?? 0);
  }

  #words(): string[] {
    if (this.isSidecar) return [...commandUnderTest(), "my-service"];
    const script = SCRIPTS[this.#name];
    const more = ["-file", this.folder.at("keys.yml"), "-confdir", this.folder.at("confd")];
    const text = script.startsWith("#!") ? script : `#!/bin/bash\n${script}\n`;
    return [this.folder.write("entrypoint.sh", text, 0o755), ...more];
  }
}
