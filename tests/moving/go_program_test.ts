/**
 * docs/from-the-go-program.md: the Go program's own example with the real Consul and Prometheus, and what each of its three
 * changes is for. The Go program itself is not available here.
 *
 * Touches: files, processes, the loopback network, through the support modules.
 * @module
 */
import { ConsulServer } from "../backends/consul.ts";
import { fences, readText } from "../docs/pages.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { NO_BASH, runExample } from "../support/example.ts";
import { freePort } from "../support/ports.ts";
import { type Folder, Sidecar, until } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";

const PAGE = readText("docs/from-the-go-program.md");
const [EXAMPLE] = fences(PAGE, "bash");
const [LOG] = fences(PAGE, "text");
const NEEDS = { parts: [ANY_CONFD.part, "consul", "prometheus", "promtool"], reason: NO_BASH } as const;

/** What the Go program said, as its README has it. */
const SENTENCES = [
  "main program and arguments to be run: ",
  "creating / updating confd conf.d file prometheus.toml",
  "creating / updating confd template file prometheus.yml.tmpl",
  "confd started — waiting one second to start main program",
  "confd has updated a config file — waiting one second to start main program",
  "starting main program now",
  "confd has updated a config file — waiting one second to reload main program",
  "reloading main program now",
];

/** The example at work, with a Prometheus that takes a port of its own. */
function start(folder: Folder, consul: ConsulServer, example: string): { sidecar: Sidecar; config(): Promise<string> } {
  const port = freePort();
  const here = example.replaceAll("/tmp/", `${folder.path}/`).replaceAll("localhost:8500", consul.env.CONFD_NODE);
  const { env, args } = runExample(folder, here);
  for (const name of ["prometheus", "promtool"] as const) Deno.symlinkSync(binaryOf(name), folder.at(`bin/${name}`));
  folder.write("bin/confd", `#!/bin/sh\nexec '${ANY_CONFD.path(folder)}' "$@"\n`, 0o755);
  const PATH = `${folder.at("bin")}:${Deno.env.get("PATH")}`;
  const listen = `--web.listen-address=127.0.0.1:${port}`;
  const sidecar = new Sidecar({ args: [...args, listen], env: { ...env, PATH }, cwd: folder.path });
  const config = () =>
    fetch(`http://127.0.0.1:${port}/api/v1/status/config`).then((answer) => answer.text()).catch(() => "");
  return { sidecar, config };
}

/** What the sidecar said, without time and process number, and with the page's paths. */
function sentences({ stderr }: Sidecar, folder: Folder): string[] {
  // What promtool prints is new: it stands behind 'check:'.
  const own = stderr.all.filter((line) => !line.includes("]: check: "));
  return ownWords(own.map((line) => line.replaceAll(`${folder.path}/`, "/tmp/").replace(/ --web\S+\]$/, "]")));
}

function ownWords(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /^[\d/]+ [\d:]+ supervisor\[\d+\]: (.*)$/.exec(line)?.slice(1) ?? []);
}

e2e("docs/from-the-go-program.md: its example runs, and says what it said", async ({ folder }) => {
  await using consul = await new ConsulServer(folder).start();
  await consul.put({ "/prometheus/config/nodes": '["localhost:9100"]' });
  const { sidecar, config } = start(folder, consul, EXAMPLE);
  await using _ = sidecar;
  await until("Prometheus has the target", async () => (await config()).includes("localhost:9100"));
  const begin = ownWords(LOG.split("\n"));
  assertEquals(sentences(sidecar, folder).slice(0, begin.length), begin);
  await consul.put({ "/prometheus/config/nodes": '["localhost:9101"]' });
  await until("Prometheus has the new target", async () => (await config()).includes("localhost:9101"));
  const said = sentences(sidecar, folder);
  let at = 0;
  for (const sentence of SENTENCES) {
    const found = said.slice(at).findIndex((line) => line.startsWith(sentence));
    assert(found !== -1, `'${sentence}' in its order\n${said.join("\n")}`);
    at += found + 1;
  }
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
}, NEEDS);

e2e("docs/from-the-go-program.md: with one dash, Prometheus ends", async ({ folder }) => {
  await using consul = await new ConsulServer(folder).start();
  await consul.put({ "/prometheus/config/nodes": '["localhost:9100"]' });
  const { sidecar } = start(folder, consul, EXAMPLE.replace(" --config.file", " -config.file"));
  await using _ = sidecar;
  assert(await sidecar.status() !== 0);
  assert(sidecar.stderr.all.some((line) => line.includes("unknown short flag")));
}, NEEDS);

e2e(
  "docs/from-the-go-program.md: with its indentation, Prometheus refuses the file, and the check knows the line",
  async ({ folder }) => {
    await using consul = await new ConsulServer(folder).start();
    await consul.put({ "/prometheus/config/nodes": '["localhost:9100"]' });
    const indented = EXAMPLE.replaceAll("      static_configs:", "    static_configs:");
    {
      const { sidecar } = start(folder, consul, indented);
      await using _ = sidecar;
      await sidecar.stderr.next(/check: .*line \d+/);
      await sidecar.stderr.next("the new configuration is refused");
    }
    Deno.removeSync(folder.at("bin"), { recursive: true });
    const { sidecar } = start(folder, consul, indented.replace(/^export SIDECAR_CHECK.*\n/m, ""));
    await using _ = sidecar;
    assert(await sidecar.status() !== 0);
    assert(
      sidecar.stderr.all.some((line) => /Error loading config.*line \d+/.test(line)),
      sidecar.stderr.all.join("\n"),
    );
  },
  NEEDS,
);
