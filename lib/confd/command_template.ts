/**
 * The commands of a template resource as confd reads them: as templates in Go's language, with little to fill in.
 *
 * Pure.
 * @module
 */

/** An action; a string in it may have braces in it. */
const ACTION = /\{\{-?\s*((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?!\}\})[^"`])*?)\s*-?\}\}/g;
const STRINGS = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'/g;
/** What the language has by itself. */
const WORDS = new Set(
  ("and call html index slice js len not or print printf println urlquery eq ne lt le gt ge if else end range with " +
    "define template block break continue nil true false").split(" "),
);

/** What is wrong with a command. */
export interface CommandFault {
  fault: string;
  /** True if it is no template of Go's at all. */
  malformed: boolean;
  /** True if the command can never succeed. */
  always: boolean;
}

/** The first thing in a command that confd cannot fill in. `fields`: what it can. */
export function commandFault(command: string, fields: readonly string[]): CommandFault | undefined {
  const known = fields.map((field) => `{{.${field}}}`).join(" and ");
  for (const { 0: whole, 1: inner, index } of command.matchAll(ACTION)) {
    if (inner.startsWith("/*")) continue;
    const plain = inner.replace(STRINGS, '""');
    const word = [...plain.matchAll(/(?<![.$\w])[A-Za-z_]\w*/g)].find(([word]) => !WORDS.has(word))?.[0];
    if (word !== undefined) return malformed(`${whole} is nothing that confd knows: it knows ${known}`);
    const field = [...plain.matchAll(/(?<![\w)])\.([A-Za-z_]\w*)/g)].find(([, field]) => !fields.includes(field));
    if (field !== undefined) {
      // It becomes '<no value>', which is a redirection to a shell.
      return {
        fault: `confd knows no ${whole} there, only ${known}`,
        malformed: false,
        always: !isQuoted(command, index),
      };
    }
  }
  const open = command.replace(ACTION, "").includes("{{");
  return open ? malformed("a '{{' in it is not closed") : undefined;
}

function malformed(fault: string): CommandFault {
  return { fault, malformed: true, always: true };
}

/** True if a place in a command for a shell is within quotes. */
function isQuoted(command: string, index: number): boolean {
  const before = command.slice(0, index).replace(/\\./g, "");
  return /["']/.test(before.replace(/"[^"]*"|'[^']*'/g, ""));
}

/** True if a template calls a function. */
export function calls(template: string, name: string): boolean {
  return [...template.matchAll(ACTION)].some(([, inner]) =>
    !inner.startsWith("/*") && new RegExp(`(?<![.$\\w])${name}\\b`).test(inner.replace(STRINGS, '""'))
  );
}
