/**
 * Addresses as they may be shown: without what can be a secret.
 *
 * Pure.
 * @module
 */

/** An address without user, password, query and fragment. */
export function shownAddress(address: string): string {
  try {
    const { protocol, host, pathname } = new URL(address);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return "the address";
  }
}
