/**
 * examples/dnsmasq: hosts are answered for as the keys say.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { eachConfd } from "../support/confds.ts";
import { freePort } from "../support/ports.ts";
import { until } from "../support/sidecar.ts";
import { play, stopWell } from "./example.ts";
import { goesLive } from "./scenarios.ts";

const PROGRAMS = ["dnsmasq"] as const;

/** Waits until a name server has these addresses for a name. */
async function resolves(name: string, { port, to }: { port: number; to: string[] }): Promise<void> {
  const nameServer = { ipAddr: "127.0.0.1", port };
  let answer: string[] | Error = [];
  const ask = () => Deno.resolveDns(name, "A", { nameServer }).catch((error: Error) => error);
  await until(() => `${name} is ${to}, and not '${answer}'`, async () => `${answer = await ask()}` === `${to}`);
}

eachConfd("examples/dnsmasq: a change goes live, with as many processes as before", async ({ folder, confd }) => {
  const port = freePort();
  await using played = await play(folder, {
    example: "dnsmasq",
    programs: PROGRAMS,
    env: { DNSMASQ_PORT: `${port}` },
    confd,
  });
  // Deno waits for seconds where nobody answers yet.
  await until("dnsmasq is there", () => Deno.connect({ port }).then((it) => it.close()).then(() => true, () => false));
  await resolves("web.example", { port, to: ["192.0.2.1"] });
  await goesLive(played, {
    processes: ["dnsmasq"],
    keys: { "/hosts/web.example": "192.0.2.3", "/hosts/new.example": "192.0.2.4" },
    async shows() {
      await resolves("web.example", { port, to: ["192.0.2.3"] });
      await resolves("new.example", { port, to: ["192.0.2.4"] });
      await resolves("mail.example", { port, to: ["192.0.2.2"] });
    },
  });
  await stopWell(played.sidecar);
}, { parts: PROGRAMS, steadyKeys: true });
