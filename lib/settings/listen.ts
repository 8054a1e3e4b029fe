/**
 * Where the HTTP endpoint listens: `[HOST]:PORT`.
 *
 * Pure.
 * @module
 */

/** An address to listen at. */
export interface Listen {
  readonly hostname: string;
  /** 0: the system chooses one. */
  readonly port: number;
}

/** What `SIDECAR_LISTEN` accepts, as the end of a sentence. */
export const LISTEN_WANTED = "[HOST]:PORT, such as ':9533' or '0.0.0.0:9533'";

/** Undefined for a text that is no such address. Without a host, only this machine is served. */
export function parseListen(text: string): Listen | undefined {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]*):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) return undefined;
  return { hostname: host === "" ? "127.0.0.1" : host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** More on a text that is not accepted. */
export function listenHint(text: string): string {
  if (/^\d{1,5}$/.test(text)) return `; did you mean ":${text}"?`;
  if (/^https?:\/\//.test(text)) return "; it takes no scheme and no path";
  return /^[0-9a-fA-F:]*:[0-9a-fA-F:]*:\d+$/.test(text) ? "; an IPv6 address stands in brackets" : "";
}

/** An address as it is written in a URL. */
export function authorityOf({ hostname, port }: Listen): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
