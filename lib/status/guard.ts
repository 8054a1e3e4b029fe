/**
 * Whether a request may be answered. A page of another site, in the browser of somebody who can reach the endpoint, must not
 * read what the endpoint says, nor do anything.
 *
 * A listener on a loopback address is reached under names of this machine alone: another name is one that its owner has
 * pointed here (DNS rebinding). A listener for the network has names that cannot be known.
 *
 * Pure.
 * @module
 */

/** What the check looks at. */
export interface Asked {
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Where the request came in. */
export type Door = { readonly by: "tcp"; readonly hostname: string } | { readonly by: "socket" };

/** Why a request is not answered; null: it is. */
export function refusalOfRequest({ headers }: Asked, door: Door): string | null {
  const host = headers.get("host") ?? "";
  const origin = headers.get("origin");
  if (door.by === "socket") {
    return origin === undefined && !headers.has("sec-fetch-site") ? null : "the control socket is not for browsers";
  }
  if (isLoopback(door.hostname) && !isOfThisMachine(host)) {
    return `this endpoint is for this machine alone, and is not known as ${JSON.stringify(host)}`;
  }
  if (origin !== undefined && origin !== `http://${host}`) return "pages of other sites are not served";
  // A link to the page is followed; what another page fetches is not given.
  const isCross = ["cross-site", "same-site"].includes(headers.get("sec-fetch-site") ?? "");
  const isNavigation = headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  return isCross && !isNavigation ? "pages of other sites are not served" : null;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127\./.test(hostname);
}

/** `localhost`, or an address: those cannot be pointed elsewhere. */
function isOfThisMachine(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "" || name === "localhost" || /^\d+(\.\d+){3}$/.test(name) || /^\[[0-9a-fA-F:.]+\]$/.test(name);
}
