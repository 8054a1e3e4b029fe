/**
 * A workflow of GitHub Actions, and a runner that does what the platform's does with a step that is a script.
 *
 * Touches: files in the folder that it is given, processes.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import { ROOT, run } from "./made.ts";

/** The names of our workflows. */
export const WORKFLOWS = ["checks", "release"] as const;

/** One step: an action (`uses`), or a script (`run`). */
export interface Step {
  id?: string;
  name?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  /** What an action is given. */
  with?: Record<string, string | boolean>;
}

/** One job. */
export interface Job {
  steps: Step[];
  outputs?: Record<string, string>;
}

/** A workflow, as far as tests ask for it. */
export interface Workflow {
  env?: Record<string, string>;
  jobs: Record<string, Job>;
}

/** The text of one of our workflows. */
export function workflowText(name: typeof WORKFLOWS[number]): string {
  return Deno.readTextFileSync(`${ROOT}.github/workflows/${name}.yml`);
}

/** One of our workflows, read by the YAML reader that actionlint has. */
export function readWorkflow(name: typeof WORKFLOWS[number]): Workflow {
  return JSON.parse(run([binaryOf("actionlint"), "--json", `${ROOT}.github/workflows/${name}.yml`]));
}

/** What came of a step. */
export interface StepOutcome {
  success: boolean;
  stderr: string;
}

/** Runs the scripts of one job, one after another, on a machine of its own: `folder`, where its checkout is. */
export class Runner {
  readonly #workflow: Workflow;
  readonly #folder: string;
  /** What expressions stand for: `github.ref_name`, `steps.build.outputs.digest`. */
  readonly #context: Record<string, string>;
  readonly #env: Record<string, string>;
  /** What steps have added to the environment. */
  readonly #added: Record<string, string> = {};

  constructor(
    workflow: Workflow,
    { folder, env, context }: { folder: string; env: Record<string, string>; context: Record<string, string> },
  ) {
    [this.#workflow, this.#folder, this.#env, this.#context] = [workflow, folder, env, { ...context }];
  }

  /** Runs a step as `bash -e` does; what it writes to GITHUB_ENV and GITHUB_OUTPUT is there for those that follow. */
  run(step: Step): StepOutcome {
    const [script, env, output] = ["step.sh", "step.env", "step.output"].map((name) => `${this.#folder}/../${name}`);
    Deno.writeTextFileSync(script, this.filled(step.run!));
    for (const path of [env, output]) Deno.writeTextFileSync(path, "");
    const own = Object.entries({ ...this.#workflow.env, ...this.#added, ...step.env });
    const { success, stderr } = new Deno.Command("bash", {
      args: ["-e", script],
      cwd: this.#folder,
      env: {
        ...this.#env,
        ...Object.fromEntries(own.map(([name, value]) => [name, this.filled(value)])),
        GITHUB_ENV: env,
        GITHUB_OUTPUT: output,
      },
      clearEnv: true,
      stdin: "null",
    }).outputSync();
    Object.assign(this.#added, entriesIn(Deno.readTextFileSync(env)));
    for (const [name, value] of Object.entries(entriesIn(Deno.readTextFileSync(output)))) {
      this.#context[`steps.${step.id}.outputs.${name}`] = value;
    }
    return { success, stderr: new TextDecoder().decode(stderr) };
  }

  /** A text with its expressions filled in. Throws for one that means nothing here. */
  filled(text: string): string {
    return text.replace(/\$\{\{ ([\w.]+) \}\}/g, (_, name: string) => {
      const found = name.startsWith("env.")
        ? { ...this.#workflow.env, ...this.#added }[name.slice(4)]
        : this.#context[name];
      if (found === undefined) throw new Error(`\${{ ${name} }} means nothing here`);
      return found;
    });
  }
}

/** `NAME=value`, or `NAME<<END`, lines, and `END`. */
function entriesIn(text: string): Record<string, string> {
  const found = text.matchAll(/^(\w+)(?:=(.*)|<<(\w+)\n([\s\S]*?)\n\3)$/gm);
  return Object.fromEntries([...found].map(([, name, line, , lines]) => [name, line ?? lines]));
}
