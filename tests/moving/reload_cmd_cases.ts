/**
 * What each row of docs/from-reload-cmd.md is tried with: a service, the files that confd renders for it, and how to see
 * what the service has loaded.
 *
 * Touches: files, and the loopback network, in the folder that it is given.
 * @module
 */
import { freePort } from "../support/ports.ts";
import type { Rendered } from "../support/scene.ts";
import type { Folder } from "../support/sidecar.ts";
import { textOf } from "../support/text_of.ts";
import { binaryOf, type PartName } from "../tools/parts.ts";

/** A service, and what the page's words mean in its folder. */
export interface Case {
  /** The words that start the service. */
  service: readonly string[];
  /** Where only `reload_cmd` starts it. */
  startedByReload?: boolean;
  files: readonly Rendered[];
  /** Paths and ports of the page, and what stands for them here. */
  here: Record<string, string>;
  /** What the service has loaded last. */
  shows(): Promise<string>;
}

/** How a case is made, and what it needs of this machine: parts, and a program that its command calls. */
interface Maker {
  parts: readonly PartName[];
  program?: string;
  make: (folder: Folder) => Case;
}

/** By what a row's first cell has in it. */
export const CASES: Record<string, Maker> = {
  "pkill -HUP nginx": { parts: ["nginx"], program: "pkill", make: nginx },
  "nginx -s reload": { parts: ["nginx"], make: nginx },
  "/run/haproxy.pid": { parts: ["haproxy"], make: haproxy },
  "service foo restart": { parts: [], program: "service", make: foo },
  "localhost:9090": { parts: ["prometheus"], program: "curl", make: prometheus },
  '"/bin/reload.sh /etc/foo.conf"': { parts: [], make: loader },
  "/bin/is-good": { parts: [], make: loader },
  "/etc/foo.map": { parts: [], make: mapped },
  "check_cmd": { parts: ["nginx"], make: nginx },
};

/** The key that changes. */
const VALUE = '{{getv "/key"}}';

function nginx(folder: Folder): Case {
  const port = freePort();
  const file = folder.at("nginx.conf");
  // Its folder and its file are those of a package elsewhere.
  program(folder, "nginx", `exec '${binaryOf("nginx")}' -p '${folder.path}' -c '${file}' "$@"`);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path tmp;`).join(" ");
  const template =
    `daemon off;\npid nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\n  access_log off;\n  ${paths}\n` +
    `  server { listen 127.0.0.1:${port}; location / { return 200 "${VALUE}"; } }\n}\n`;
  return {
    service: ["nginx"],
    files: [{ name: "nginx.conf", template, dest: file }],
    here: { "/etc/nginx/nginx.conf": file },
    shows: () => asked(`http://127.0.0.1:${port}/`),
  };
}

function haproxy(folder: Folder): Case {
  const port = freePort();
  const file = folder.at("haproxy.cfg");
  program(folder, "haproxy", `exec '${binaryOf("haproxy")}' "$@"`);
  const template = "defaults\n  mode http\n  timeout client 9s\n  timeout server 9s\n  timeout connect 9s\n" +
    `frontend web\n  bind 127.0.0.1:${port}\n` +
    `  http-request return status 200 content-type text/plain string "${VALUE}"\n`;
  const pid = folder.at("haproxy.pid");
  return {
    service: ["haproxy", "-W", "-db", "-p", pid, "-f", file],
    files: [{ name: "haproxy.cfg", template, dest: file }],
    here: { "/run/haproxy.pid": pid },
    shows: () => asked(`http://127.0.0.1:${port}/`),
  };
}

function prometheus(folder: Folder): Case {
  const port = String(freePort());
  const file = folder.at("prometheus.yml");
  program(folder, "prometheus", `exec '${binaryOf("prometheus")}' "$@"`);
  const flags = ["--web.enable-lifecycle", "--log.level=error", `--storage.tsdb.path=${folder.at("data")}`];
  return {
    service: ["prometheus", `--config.file=${file}`, `--web.listen-address=localhost:${port}`, ...flags],
    files: [{ name: "prometheus.yml", template: `global: { external_labels: { key: ${VALUE} } }\n`, dest: file }],
    here: { "9090": port },
    shows: async () => /key: (\w+)/.exec(await asked(`http://localhost:${port}/api/v1/status/config`))?.[1] ?? "",
  };
}

/** A service that reads its file once, and an init script that starts it anew. */
function foo(folder: Folder): Case {
  const [file, loaded, pid] = ["foo.conf", "loaded", "foo.pid"].map((name) => folder.at(name));
  program(folder, "foo", `cat '${file}' > '${loaded}'; echo $$ > '${pid}'; exec sleep 1234.5`);
  folder.write(
    "init.d/foo",
    `#!/bin/sh\n[ "$1" = restart ] || exit 2\n[ ! -s '${pid}' ] || kill "$(cat '${pid}')"\n` +
      `'${folder.at("bin/foo")}' >/dev/null 2>&1 </dev/null &\n`,
    0o755,
  );
  return {
    service: ["foo"],
    startedByReload: true,
    files: [{ name: "foo.conf", template: VALUE, dest: file }],
    here: {},
    shows: () => Promise.resolve(textOf(loaded).trim()),
  };
}

/** A service into which a command loads its file. */
function loader(folder: Folder): Case {
  const [file, loaded] = ["foo.conf", "loaded"].map((name) => folder.at(name));
  program(folder, "foo", `[ -s '${loaded}' ] || cat '${file}' > '${loaded}'; exec sleep 1234.5`);
  const reload = program(folder, "reload.sh", `cat "$1" > '${loaded}'`);
  const isGood = program(folder, "is-good", `grep -q . '${file}'`);
  return {
    service: ["foo"],
    files: [{ name: "foo.conf", template: VALUE, dest: file }],
    here: { "/etc/foo.conf": file, "/bin/reload.sh": reload, "/bin/is-good": isGood },
    shows: () => Promise.resolve(textOf(loaded).trim()),
  };
}

/** The same, beside a file for which the service gets a SIGHUP. */
function mapped(folder: Folder): Case {
  const [file, loaded] = ["foo.map", "loaded"].map((name) => folder.at(name));
  const script = `trap 'echo HUP >> ${folder.at("hangups")}' HUP; [ -s '${loaded}' ] || cat '${file}' > '${loaded}'\n` +
    "while :; do sleep 0.1; done";
  program(folder, "foo", script);
  const setMap = program(folder, "set-map", `cat "$1" > '${loaded}'`);
  return {
    service: ["foo"],
    files: [
      { name: "foo.map", template: VALUE, dest: file },
      { name: "foo.conf", template: "steady\n", dest: folder.at("foo.conf") },
    ],
    here: { "/etc/foo.map": file, "/bin/set-map": setMap },
    shows: () => Promise.resolve(textOf(loaded).trim()),
  };
}

function program(folder: Folder, name: string, script: string): string {
  return folder.write(`bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
}

async function asked(url: string): Promise<string> {
  return await fetch(url).then((answer) => answer.text()).catch(() => "");
}
