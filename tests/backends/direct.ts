/**
 * confd itself, without a sidecar: for what it does by itself with a server.
 *
 * Touches: files, processes.
 * @module
 */
import type { Confd } from "../support/confds.ts";
import { bareEnvironment, type Folder } from "../support/sidecar.ts";
import type { Server } from "./server.ts";

/** Where it renders `/key` to. */
export function rendered(folder: Folder): string {
  return folder.at("direct.conf");
}

/** The command that runs a confd on a server, with one file of one key. */
export function confdCommand(
  confd: Confd,
  { folder, server, mode }: { folder: Folder; server: Server; mode: readonly string[] },
): Deno.Command {
  const { CONFD_BACKEND = "", CONFD_NODE, SIDECAR_CONFD_ARGS = "", ...env } = server.env;
  const confdir = folder.at("direct");
  const keys = JSON.stringify([server.root]);
  const resource = `[template]\nsrc = "a.tmpl"\ndest = "${rendered(folder)}"\nkeys = ${keys}\n`;
  folder.write("direct/conf.d/a.toml", resource);
  folder.write("direct/templates/a.tmpl", `value={{getv "${server.keyOf("/key")}"}}\n`);
  const isNew = confd.part === "confd-fork" || confd.name !== confd.part;
  return new Deno.Command(confd.path(folder), {
    args: [
      isNew ? CONFD_BACKEND : `--backend=${CONFD_BACKEND}`,
      `--confdir=${confdir}`,
      ...(CONFD_NODE ? [`--node=${CONFD_NODE}`] : []),
      ...SIDECAR_CONFD_ARGS.split(" ").filter(Boolean),
      ...mode,
    ],
    env: { ...bareEnvironment(), ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}
