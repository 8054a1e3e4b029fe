/**
 * A network namespace with one cable to this machine, which can be cut: what is connected hears nothing any more, and who
 * connects anew gets no answer.
 *
 * Touches: network namespaces and devices of the machine, through ip(8).
 * @module
 */

/** Why there can be none here; undefined where there can. */
export function whyNoIslands(): string | undefined {
  if (Deno.uid() !== 0) return "needs root, for network namespaces";
  try {
    const name = nameOf("try");
    ip("netns", "add", name);
    ip("netns", "del", name);
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "there is no ip(8) here" : "network namespaces are not allowed here";
  }
}

/** One of them. Disposing of it takes it away; what runs in it should have ended. */
export class Island implements Disposable {
  /** The address of this machine, as it is seen from there. */
  readonly gateway: string;
  /** Words that start a program there. */
  readonly prefix: readonly string[];
  readonly #name = nameOf("net");
  readonly #cable: string;

  constructor(number: number) {
    const subnet = `10.${200 + Math.floor(Math.random() * 50)}.${Math.floor(Math.random() * 250)}`;
    this.gateway = `${subnet}.1`;
    this.prefix = ["ip", "netns", "exec", this.#name];
    this.#cable = `cs${Deno.pid % 100_000}n${number}`;
    ip("netns", "add", this.#name);
    ip("link", "add", this.#cable, "type", "veth", "peer", "name", "eth0", "netns", this.#name);
    ip("addr", "add", `${this.gateway}/30`, "dev", this.#cable);
    ip("link", "set", this.#cable, "up");
    this.#inside("addr", "add", `${subnet}.2/30`, "dev", "eth0");
    this.#inside("link", "set", "eth0", "up");
    this.#inside("link", "set", "lo", "up");
  }

  cut(): void {
    ip("link", "set", this.#cable, "down");
  }

  mend(): void {
    ip("link", "set", this.#cable, "up");
  }

  [Symbol.dispose](): void {
    ip("link", "del", this.#cable);
    ip("netns", "del", this.#name);
  }

  #inside(...args: string[]): void {
    ip("-n", this.#name, ...args);
  }
}

function nameOf(what: string): string {
  return `confd-sidecar-${what}-${crypto.randomUUID().slice(0, 8)}`;
}

function ip(...args: string[]): void {
  const { success, stderr } = new Deno.Command("ip", { args, stdout: "null", stderr: "piped" }).outputSync();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
