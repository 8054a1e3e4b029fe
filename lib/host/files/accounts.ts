/**
 * Users and groups as confd can look them up, and whom this process may give a file to.
 *
 * Touches: /etc/passwd, /etc/group and /proc, reading; this process's own user.
 * @module
 */
import type { Accounts } from "../../confd/judgement.ts";

/** The bit of CAP_CHOWN, capabilities(7). */
const CAP_CHOWN = 1n << 0n;

/** Reads what there is. Like confd, it asks no other source than the files. */
export function readAccounts(): Accounts {
  const status = read("/proc/self/status");
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  const isPrivileged = capabilities === undefined ? Deno.uid() === 0 : (BigInt(`0x${capabilities}`) & CAP_CHOWN) !== 0n;
  const groups = [Deno.gid(), ...(/^Groups:(.*)$/m.exec(status)?.[1].trim().split(/\s+/) ?? []).map(Number)];
  return {
    users: idsIn("/etc/passwd"),
    groups: idsIn("/etc/group"),
    mayGiveTo: (uid = Deno.uid() ?? 0, gid = Deno.gid() ?? 0) =>
      isPrivileged || (uid === Deno.uid() && groups.includes(gid)),
  };
}

/** Both files have a name first, and its number third. */
function idsIn(path: string): Map<string, number> {
  const lines = read(path).split("\n").map((line) => line.split(":")).filter((fields) => fields.length > 2);
  return new Map(lines.map(([name, , id]) => [name, Number(id)]));
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
