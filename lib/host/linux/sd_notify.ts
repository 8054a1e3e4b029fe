/**
 * Messages to systemd, sd_notify(3): datagrams to the socket that `NOTIFY_SOCKET` names. A socket that is full or away costs
 * the message and nothing else.
 *
 * Touches: one socket, through libc.ts, since the runtime's own datagrams need a flag; the clock.
 * @module
 */
import type { Clock } from "../clock.ts";
import { type Libc, opaque } from "./libc.ts";

const [AF_UNIX, SOCK_DGRAM, SOCK_CLOEXEC] = [1, 2, 0o2000000];
const [MSG_DONTWAIT, MSG_NOSIGNAL] = [0x40, 0x4000];
const CLOCK_MONOTONIC = 1;

/** What it works with. */
export interface SdNotifyParts {
  libc: Libc;
  /** A path, or `@` and a name in the abstract namespace: unix(7). */
  socket: string;
  clock: Clock;
  /** How often systemd wants a sign of life, in milliseconds; undefined: it does not. */
  watchdogMs?: number;
  /** Called with the first failure. */
  onFailure: (reason: string) => void;
}

/** Sends messages. */
export class SdNotify {
  readonly #parts: SdNotifyParts;
  readonly #address: Uint8Array<ArrayBuffer>;
  readonly #descriptor: number;
  #failed = false;
  #callOff = () => {};

  /** Throws where there can be no socket. */
  constructor(parts: SdNotifyParts) {
    this.#parts = parts;
    this.#address = addressOf(parts.socket);
    this.#descriptor = parts.libc.call("socket", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (parts.watchdogMs !== undefined) this.#showLife(parts.watchdogMs / 2);
  }

  send(message: string): void {
    const bytes = new TextEncoder().encode(message);
    const { libc, onFailure } = this.#parts;
    const [length, flags] = [BigInt(bytes.length), MSG_DONTWAIT | MSG_NOSIGNAL];
    try {
      libc.call("sendto", this.#descriptor, bytes, length, flags, this.#address, this.#address.length);
    } catch (error) {
      if (!this.#failed) onFailure((error as Error).message);
      this.#failed = true;
    }
  }

  /** CLOCK_MONOTONIC, in microseconds. */
  monotonicUsec(): bigint {
    const bytes = opaque();
    this.#parts.libc.call("clock_gettime", CLOCK_MONOTONIC, bytes);
    const time = new DataView(bytes.buffer);
    return time.getBigInt64(0, true) * 1_000_000n + time.getBigInt64(8, true) / 1000n;
  }

  close(): void {
    this.#callOff();
    this.#parts.libc.call("close", this.#descriptor);
  }

  #showLife(everyMs: number): void {
    this.send("WATCHDOG=1");
    this.#callOff = this.#parts.clock.after(everyMs, () => this.#showLife(everyMs));
  }
}

/** A struct sockaddr_un. Names in the abstract namespace begin with a zero and do not end with one. */
export function addressOf(socket: string): Uint8Array<ArrayBuffer> {
  const isAbstract = socket.startsWith("@");
  const path = new TextEncoder().encode(isAbstract ? `\0${socket.slice(1)}` : `${socket}\0`);
  const address = new Uint8Array(2 + path.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(path, 2);
  return address;
}
