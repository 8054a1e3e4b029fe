/**
 * Faults of the sidecar itself: errors that nobody caught. The runtime would end at once and leave the children behind.
 *
 * Touches: the runtime's handlers for such errors.
 * @module
 */

/** Calls `act` for every error that nobody caught, in place of the runtime's own end. */
export function onFault(act: (error: unknown) => void): void {
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    act(event.error);
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    act(event.reason);
  });
}
