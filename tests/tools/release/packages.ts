/**
 * Packages for Debian's and Red Hat's systems, as nfpm wants to be told of them.
 *
 * Pure.
 * @module
 */
import type { Release } from "./change_log.ts";

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

/** The configuration of nfpm; JSON, which is YAML too. `dist`: the folder of what goes in. */
export function packageConfig({ version, date }: Release, arch: PackageArch, dist: string): string {
  const mtime = `${date}T00:00:00Z`;
  const executable = arch === "any"
    ? [["launcher", "/usr/bin/confd-sidecar"], ["confd-sidecar.js", "/usr/lib/confd-sidecar/confd-sidecar.js"]]
    : [[arch === "amd64" ? "confd-sidecar-x86_64" : "confd-sidecar-aarch64", "/usr/bin/confd-sidecar"]];
  const entry = (from: string, to: string) => ({
    src: `${dist}/${from}`,
    dst: to,
    file_info: { mode: to.startsWith("/usr/bin/") ? 0o755 : 0o644, mtime },
  });
  // zsh looks in other places on each.
  const zsh = Object.entries({ deb: "vendor-completions", rpm: "site-functions" }).map(([packager, folder]) => ({
    ...entry("_confd-sidecar", `/usr/share/zsh/${folder}/_confd-sidecar`),
    packager,
  }));
  const contents = [...[...executable, ...CONTENTS].map(([from, to]) => entry(from, to)), ...zsh];
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
    contents: [...contents, { dst: "/etc/confd-sidecar", type: "dir", file_info: { mode: 0o755, mtime } }],
    overrides: {
      deb: { depends: arch === "any" ? [] : ["libc6", "libgcc-s1"] },
      rpm: { depends: arch === "any" ? [] : ["glibc", "libgcc"] },
    },
    rpm: { group: "System Environment/Daemons", buildhost: "localhost" },
  };
  return JSON.stringify(config, undefined, 2);
}

/** What starts the bundle where there is no executable. */
export const LAUNCHER = `#!/bin/sh
# The release for this machine has no executable: this starts the bundle on an installed Deno.
exec "\${DENO:-deno}" run --allow-all --no-config --quiet "\${0%/*}/../lib/confd-sidecar/confd-sidecar.js" "$@"
`;
