/**
 * Programs of the platform that stand in PATH for a test, and write down what they are asked for.
 *
 * Touches: files in the folder that it is given.
 * @module
 */
import { bareEnvironment, type Folder } from "../support/sidecar.ts";

/** Some stand-ins in one folder. */
export class StandIns {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
    folder.write("calls", "");
  }

  /** Adds a program that writes down its words and then does what the script says, or puts it in the place of another. */
  add(name: string, script: string): void {
    const calls = this.#folder.at("calls");
    const note = `{ printf '%s\\0' ${name} "$@"; echo; } >>'${calls}'`;
    this.#folder.write(`stand-ins/${name}`, `#!/bin/bash\n${note}\n${script}\n`, 0o755);
  }

  /** An npx that has the Deno which runs this. */
  addDeno(): void {
    this.add("npx", `shift 2\nexec '${Deno.execPath()}' "$@"`);
  }

  /** The environment in which these are found before any other. */
  env(): Record<string, string> {
    return { ...bareEnvironment(), PATH: `${this.#folder.at("stand-ins")}:${Deno.env.get("PATH")}` };
  }

  /** The words of each call so far, of all or of some of them. */
  calls(...names: string[]): string[][] {
    const all = Deno.readTextFileSync(this.#folder.at("calls")).split("\0\n").slice(0, -1);
    return all.map((call) => call.split("\0")).filter(([name]) => names.length === 0 || names.includes(name));
  }
}
