/**
 * Packages for Debian's and Red Hat's systems, as nfpm wants to be told of them.
 *
 * Pure.
 * @module
 */
import type { Release } from "./change_log.ts";
import { ENGINE_FLAGS } from "../engine.ts";

/** Whose package it is: Debian's or Red Hat's. */
export type PackageFormat = "deb" | "rpm";

/** What a package is for. `any`: it has no executable of its own, and starts the bundle on an installed Deno. */
export type PackageArch = "amd64" | "arm64" | "any";

/** Where dist/ has what goes into a package, by its place in the system. */
const CONTENTS: readonly (readonly [from: string, to: string])[] = [
  ["confd-sidecar.1.gz", "/usr/share/man/man1/confd-sidecar.1.gz"],
  ["confd-sidecar.bash", "/usr/share/bash-completion/completions/confd-sidecar"],
  ["confd-sidecar.fish", "/usr/share/fish/vendor_completions.d/confd-sidecar.fish"],
  ["confd-sidecar@.service", "/usr/lib/systemd/system/confd-sidecar@.service"],
  ["LICENSE", "/usr/share/doc/confd-sidecar/copyright"],
];

/** Folders that every system has, whoever made them there. */
const EVERYWHERE = new Set(
  ["/etc", "/usr", "/usr/bin", "/usr/lib", "/usr/share", "/usr/share/doc", "/usr/share/man", "/usr/share/man/man1"],
);

/**
 * The folders of some files that are not everywhere. They are the package's own, beside others that may have them too: rpm
 * removes no folder that belongs to nobody.
 */
function foldersOf(paths: readonly string[]): string[] {
  const above = paths.flatMap((path) => [...path.matchAll(/(?<=.)\//g)].map(({ index }) => path.slice(0, index)));
  return [...new Set(above)].filter((path) => !EVERYWHERE.has(path)).sort();
}

/** A package to be made. `dist`: the folder of what goes in. */
export interface Wanted {
  format: PackageFormat;
  arch: PackageArch;
  dist: string;
}

/** Where zsh looks for completions on each. */
const ZSH_FOLDERS = { deb: "vendor-completions", rpm: "site-functions" };
/** What the executable needs there. */
const NEEDS = { deb: ["libc6", "libgcc-s1"], rpm: ["glibc", "libgcc"] };

/** The configuration of nfpm; JSON, which is YAML too. */
export function packageConfig({ version, date }: Release, { format, arch, dist }: Wanted): string {
  const mtime = `${date}T00:00:00Z`;
  const executable = arch === "any"
    ? [["launcher", "/usr/bin/confd-sidecar"], ["confd-sidecar.js", "/usr/lib/confd-sidecar/confd-sidecar.js"]]
    : [[arch === "amd64" ? "confd-sidecar-x86_64" : "confd-sidecar-aarch64", "/usr/bin/confd-sidecar"]];
  const zsh = ["_confd-sidecar", `/usr/share/zsh/${ZSH_FOLDERS[format]}/_confd-sidecar`];
  const files = [...executable, ...CONTENTS, zsh].map(([from, dst]) => ({
    src: `${dist}/${from}`,
    dst,
    file_info: { mode: dst.startsWith("/usr/bin/") ? 0o755 : 0o644, mtime },
  }));
  const folders = ["/etc/confd-sidecar", ...foldersOf(files.map(({ dst }) => dst))].map((dst) => ({
    dst,
    type: "dir",
    file_info: { mode: 0o755, mtime },
  }));
  const config = {
    name: "confd-sidecar",
    arch: arch === "any" ? "all" : arch,
    platform: "linux",
    version,
    section: "admin",
    priority: "optional",
    maintainer: "confd-sidecar <confd-sidecar@users.noreply.github.com>",
    description: "Runs a service under confd, and reloads it when its files have changed\n" +
      (arch === "any"
        ? "This package has no executable of its own: it runs on an installed Deno."
        : "One executable; it needs the GNU C library and a confd."),
    license: "Apache-2.0",
    mtime,
    contents: [...files, ...folders],
    depends: arch === "any" ? [] : NEEDS[format],
    rpm: { group: "System Environment/Daemons", buildhost: "localhost" },
  };
  return JSON.stringify(config, undefined, 2);
}

/** What starts the bundle where there is no executable. */
export const LAUNCHER = `#!/bin/sh
# The release for this machine has no executable: this starts the bundle on an installed Deno.
self=$(readlink -f "$0")
exec "\${DENO:-deno}" run --allow-all --no-config --quiet ${ENGINE_FLAGS} "\${self%/*}/../lib/confd-sidecar/confd-sidecar.js" "$@"
`;
