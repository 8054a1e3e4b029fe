/**
 * The usual scene of a test: one or more files that confd renders, a service that shows the first, and a sidecar.
 *
 * Touches: files and processes, through what it uses.
 * @module
 */
import type { Confd } from "./confds.ts";
import { service, type ServiceOptions } from "./service.ts";
import { type Folder, Sidecar, type StartOptions } from "./sidecar.ts";

/** A file that confd renders. */
export interface Rendered {
  /** Its name, and that of its template and its resource. */
  name: string;
  template: string;
  /** The keys of its resource. @default all of them */
  keys?: readonly string[];
  /** Where it goes. @default a file of that name in the folder `out` */
  dest?: string;
}

/** What a sidecar is started with, on top of the scene's own. */
export interface SceneStart extends Partial<StartOptions> {
  service?: ServiceOptions;
  /** More words for confd's command line. */
  confdArgs?: string;
}

/** How long the tests let changes settle, where that is not what they look at. */
export const SETTLE = "200ms";

/** Puts a sidecar's surroundings together. */
export class Scene {
  readonly folder: Folder;
  readonly confdDir: string;
  /** Where the first rendered file goes. */
  readonly dest: string;
  /** The sidecar's environment. */
  readonly env: Record<string, string>;

  constructor(folder: Folder, { confd, keys, rendered = [CONF] }: {
    confd: Confd;
    /** Variables that tell of the backend. */
    keys: { readonly env: Record<string, string> };
    rendered?: readonly Rendered[];
  }) {
    this.folder = folder;
    this.confdDir = folder.at("confd.d");
    this.dest = destination(folder, rendered[0] ?? CONF);
    this.env = {
      CONFD_PATH: confd.path(folder),
      CONFD_CONFDIR: this.confdDir,
      SIDECAR_SETTLE: SETTLE,
      ...keys.env,
    };
    for (const [i, one] of rendered.entries()) Object.assign(this.env, variables(folder, one, i + 1));
  }

  /** Starts the sidecar with a service that shows the first file. */
  start({ service: does, confdArgs, env = {}, ...rest }: SceneStart = {}): Sidecar {
    const words = [this.env.SIDECAR_CONFD_ARGS, confdArgs].filter(Boolean).join(" ");
    const args = service(this.folder, { file: this.dest, ...does });
    return new Sidecar({ args, env: { ...this.env, SIDECAR_CONFD_ARGS: words, ...env }, ...rest });
  }
}

/** The usual rendered file: `value=` and the key `/key`. */
export const CONF: Rendered = { name: "service.conf", template: 'value={{getv "/key"}}\n' };

/** Where a rendered file goes. */
export function destination(folder: Folder, { name, dest }: Rendered): string {
  return dest ?? folder.at(`out/${name}`);
}

/** The text of a template resource. */
export function resource(folder: Folder, one: Rendered): string {
  return `[template]\nsrc = "${one.name}.tmpl"\ndest = "${destination(folder, one)}"\nkeys = ${
    JSON.stringify(one.keys ?? ["/"])
  }\n`;
}

/** The two variables that ask for a rendered file. */
export function variables(folder: Folder, one: Rendered, number: number): Record<string, string> {
  return {
    [`CONFD_CONFDFILE_${number}`]: `${one.name}.toml\n${resource(folder, one)}`,
    [`CONFD_TEMPLATE_${number}`]: `${one.name}.tmpl\n${one.template}`,
  };
}
