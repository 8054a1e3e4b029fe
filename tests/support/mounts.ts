/**
 * Whether tests may mount something in a mount namespace of their own.
 *
 * Touches: processes, a temporary folder.
 * @module
 */
import { Folder } from "./sidecar.ts";

/** Why mounts cannot be tested here; undefined where they can. */
export function whyNoMounts(): string | undefined {
  using folder = new Folder();
  try {
    const { success } = new Deno.Command("unshare", {
      args: ["-m", "mount", "--bind", folder.path, folder.path],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success ? undefined : "mounts are not allowed here";
  } catch {
    return "there is no unshare(1) here";
  }
}
