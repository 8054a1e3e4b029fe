/**
 * Why confd fails, as far as its output says.
 *
 * Seen with confd 0.16.0, and the maintained fork's 0.30.0 and 0.41.1.
 *
 * Pure.
 * @module
 */

/** Lines of a confd that was started in a way that it will never accept. */
const PERMANENT = [
  /^flag provided but not defined: .*$/m,
  /^flag needs an argument: .*$/m,
  /^invalid (?:boolean )?value .* for (?:flag )?-.*$/m,
  /^\S*confd\S*: error: .*$/m,
  /\bFATAL Invalid backend.*$/m,
];

/** The line that says that confd ended for a reason that cannot pass; undefined where there is none. */
export function permanentFault(output: string): string | undefined {
  for (const pattern of PERMANENT) {
    const line = pattern.exec(output)?.[0];
    if (line !== undefined) return line;
  }
  return undefined;
}

/** The last error in what confd printed, where there is one. */
export function lastComplaint(lines: readonly string[]): string | undefined {
  return lines.flatMap((line) => COMPLAINT.exec(line.slice(0, LONGEST_LINE))?.[1] ?? []).map(shortened).at(-1);
}

const COMPLAINT = / (?:ERROR|FATAL) (.*)$/;
/** More of a line is not looked at, in characters. */
const LONGEST_LINE = 10_000;
/** The longest reason that is worth a place in a sentence, in characters. */
const LONGEST = 300;

/** A complaint, and what helps where its own words do not say so. */
function explained(complaint: string): string {
  // etcd answers so where its v2 interface is off, as it is since etcd 3.4.
  if (!complaint.startsWith("client: response is invalid json.")) return complaint;
  return `${complaint} CONFD_BACKEND=etcd means etcd's old v2 interface to this confd; for v3, set CONFD_BACKEND=etcdv3`;
}

/** Why destinations cannot be rendered: what names their templates, or else what confd complains of last. */
export function reasonsIn(
  output: string,
  resources: readonly { src: string; dest: string }[],
): Map<string, string> {
  const complaints = output.split("\n").flatMap((line) => COMPLAINT.exec(line.slice(0, LONGEST_LINE))?.[1] ?? []).map(
    explained,
  );
  const nameOf = (src: string) => src.slice(src.lastIndexOf("/") + 1);
  const names = resources.map(({ src }) => nameOf(src));
  const general = complaints.findLast((complaint) => !names.some((name) => complaint.includes(name)));
  const reasons = new Map<string, string>();
  for (const { src, dest } of resources) {
    const reason = complaints.findLast((complaint) => complaint.includes(nameOf(src))) ?? general;
    if (reason !== undefined) reasons.set(dest, shortened(reason));
  }
  return reasons;
}

function shortened(reason: string): string {
  return reason.length > LONGEST ? `${reason.slice(0, LONGEST)}...` : reason;
}
