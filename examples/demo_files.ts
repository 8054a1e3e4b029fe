/**
 * What the demo puts into its folder, and the environment that brings confd, the sidecar and the greeter together.
 *
 * Pure.
 * @module
 */

/** Where things are in the demo's folder. */
export interface Places {
  /** The keys that the user edits; confd's backend `file` reads them. */
  keys: string;
  /** What confd renders and the greeter reads. */
  settings: string;
  confdDir: string;
}

export function placesIn(folder: string): Places {
  return { keys: `${folder}/keys.yaml`, settings: `${folder}/greeter.conf`, confdDir: `${folder}/confd` };
}

/** The content of the keys file. */
export function keysFile(greeting: string, name: string): string {
  return `greeter:\n  greeting: ${greeting}\n  name: ${name}\n`;
}

/** All that the sidecar needs to be told: this is the part to copy. */
export function sidecarEnvironment(confd: string, { keys, settings, confdDir }: Places): Record<string, string> {
  return {
    CONFD_PATH: confd,
    CONFD_CONFDIR: confdDir,
    CONFD_BACKEND: "file",
    SIDECAR_CONFD_ARGS: `'--file=${keys}'`,
    CONFD_CONFDFILE_1: `greeter.toml
[template]
src = "greeter.conf.tmpl"
dest = "${settings}"
keys = ["/greeter"]
`,
    CONFD_TEMPLATE_1: `greeter.conf.tmpl
greeting = {{ getv "/greeter/greeting" }}
name = {{ getv "/greeter/name" }}
`,
  };
}
