/**
 * A Dockerfile taken apart, as far as the tests ask for it.
 *
 * Pure.
 * @module
 */

/** One instruction. */
export interface Instruction {
  /** In capitals: `COPY`. */
  name: string;
  /** `--from=confd` is `{ from: "confd" }`. */
  flags: Record<string, string>;
  /** All that follows the flags, with continuation lines joined. */
  rest: string;
}

/** One stage, from its `FROM` to the next. */
export interface Stage {
  name?: string;
  /** What stands after `FROM`, with the arguments' defaults filled in. */
  base: string;
  instructions: Instruction[];
}

/** What one `COPY` does. */
export interface Copy {
  /** The stage or image that it copies from; undefined: the build context. */
  from?: string;
  sources: string[];
  destination: string;
  /** USER:GROUP of what is copied. @default root's */
  chown?: string;
}

/** Takes a Dockerfile apart. */
export function parseDockerfile(text: string): Stage[] {
  const args: Record<string, string> = {};
  const stages: Stage[] = [];
  for (const instruction of instructionsIn(text)) {
    const stage = stages.at(-1);
    if (instruction.name === "FROM") stages.push(beginStage(instruction, args));
    else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.name === "ARG") Object.assign(args, defaultOf(instruction));
    else throw new Error(`'${instruction.name} ${instruction.rest}' stands before the first FROM`);
  }
  return stages;
}

/** What a stage copies. */
export function copiesOf(stage: Stage): Copy[] {
  return stage.instructions.filter(({ name }) => name === "COPY").map(({ flags, rest }) => {
    const words = rest.split(/\s+/);
    const owner = flags.chown === undefined ? {} : { chown: flags.chown };
    return { from: flags.from, sources: words.slice(0, -1), destination: words.at(-1)!, ...owner };
  });
}

/** Who a stage's programs run as, as its last `USER` says; undefined: it says nothing. */
export function userOf(stage: Stage): string | undefined {
  return stage.instructions.findLast(({ name }) => name === "USER")?.rest;
}

/** The words of an instruction in its JSON form, the last of that name; undefined: there is none, or a shell runs it. */
export function execForm(stage: Stage, name: string): string[] | undefined {
  const rest = stage.instructions.findLast((instruction) => instruction.name === name)?.rest;
  return rest?.startsWith("[") ? JSON.parse(rest) : undefined;
}

function instructionsIn(text: string): Instruction[] {
  const lines = text.split("\n").filter((line) => !/^\s*(#|$)/.test(line)).join("\n");
  return lines.replace(/\\\n\s*/g, "").split("\n").filter((line) => line !== "").map((line) => {
    const [, name, words] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`Cannot read '${line}': wanted is an instruction`);
    const [options] = /^(--\S+\s+)*/.exec(words)!;
    const flags = Object.fromEntries(options.trim().split(/\s+/).filter(Boolean).map(flagOf));
    return { name: name.toUpperCase(), flags, rest: words.slice(options.length).trim() };
  });
}

function flagOf(word: string): [string, string] {
  const [, name, value] = /^--([\w-]+)=?(.*)$/.exec(word)!;
  return [name, value];
}

function beginStage({ rest }: Instruction, args: Record<string, string>): Stage {
  const [, base, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
  if (base === undefined) throw new Error(`Cannot read 'FROM ${rest}'`);
  return { name, base: base.replace(/\$\{(\w+)\}/g, (whole, arg) => args[arg] ?? whole), instructions: [] };
}

function defaultOf({ rest }: Instruction): Record<string, string> {
  const [name, value] = rest.split(/=(.*)/);
  return value === undefined ? {} : { [name]: value };
}
