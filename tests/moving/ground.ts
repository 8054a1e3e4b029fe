/**
 * What confd alone and the sidecar are compared on: one folder of template resources, one file of keys, one service. Each
 * runs as process 1 of a namespace, with init scripts of the test's own.
 *
 * Touches: files, processes, through the support modules.
 * @module
 */
import { ANY_CONFD } from "../support/confds.ts";
import { runExample } from "../support/example.ts";
import { FileKeys } from "../support/keys.ts";
import { type Rendered, resource } from "../support/scene.ts";
import { commandUnderTest, type Folder } from "../support/sidecar.ts";
import { First } from "./first.ts";

export class Ground {
  readonly keys: FileKeys;
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
    this.keys = new FileKeys(folder, { "/key": "one" });
    folder.write("init.d/README", "");
    folder.write("bin/confd", `#!/bin/sh\nexec '${ANY_CONFD.path(folder)}' "$@"\n`, 0o755);
  }

  /** Writes the resources and templates of files. `more`: what a resource has beside its file's name. */
  files(files: readonly Rendered[], more: (index: number) => string = () => ""): void {
    for (const [i, one] of files.entries()) {
      this.#folder.write(`confd/conf.d/${one.name}.toml`, `${resource(this.#folder, one)}${more(i)}\n`);
      this.#folder.write(`confd/templates/${one.name}.tmpl`, one.template);
    }
  }

  /** The usual way without a sidecar: all files once, then the service, and confd beside it. */
  confd(service: readonly string[]): First {
    const confd = `confd -backend file -file '${this.#folder.at("keys.yml")}' -confdir '${this.#folder.at("confd")}'`;
    const words = service.map((word) => `'${word}'`).join(" ");
    return this.#first(["sh", "-c", `${confd} -onetime\n${words} &\nexec ${confd} -interval 1\n`], {});
  }

  /** `settings`: as a shell has them, `NAME='value'`. */
  sidecar(service: readonly string[], settings: readonly string[] = []): First {
    const { env } = runExample(this.#folder, [...settings.map((it) => `export ${it}`), "confd-sidecar"].join("\n"));
    const words = [...commandUnderTest(), ...service];
    return this.#first(words, { ...this.keys.env, SIDECAR_SETTLE: "200ms", ...env });
  }

  #first(words: readonly string[], env: Record<string, string>): First {
    const PATH = `${this.#folder.at("bin")}:${Deno.env.get("PATH")}`;
    return new First(words, {
      env: { PATH, CONFD_CONFDIR: this.#folder.at("confd"), ...env },
      cwd: this.#folder.path,
      binds: { "/etc/init.d": this.#folder.at("init.d") },
    });
  }
}
