/**
 * Whether a folder whose files are believed can be: it is ours or root's, and nobody else may write to it.
 *
 * Touches: the file system, reading.
 * @module
 */

/**
 * A folder, the variable that names it, and whether to let others write to it: a Pod's empty volume lets everybody. Then
 * what lies in it has to be ours or root's.
 */
export interface Believed {
  path: string;
  variable: string;
  shared: boolean;
}

/** What is wrong with a folder that is there. */
export function ownershipProblems({ path, variable, shared }: Believed): string[] {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch {
    return [];
  }
  // What a symbolic link means is looked at where something is written.
  if (info.isSymlink) return [];
  if (!info.isDirectory) return [`${variable}: ${path} is not a folder`];
  const us = Deno.uid();
  if (info.uid !== null && info.uid !== us && info.uid !== 0) {
    return [
      `${variable}: ${path} belongs to user ${info.uid}, and what lies there is believed: it has to be a folder of user ` +
      `${us}'s own; change its owner, or name another folder`,
    ];
  }
  if (((info.mode ?? 0) & 0o022) === 0) return [];
  if (shared) return plantedIn(path).map((file) => `${variable}: ${file}`);
  return [
    `${variable}: others may write to ${path}, and what lies there is believed: take that right away (chmod go-w), or ` +
    "name a folder in it that does not exist yet",
  ];
}

/** Where others may write, what belongs to them is not believed. */
function plantedIn(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    const { uid } = Deno.lstatSync(path);
    if (uid === null || uid === Deno.uid() || uid === 0) return [];
    return [
      `${path} belongs to user ${uid}, and others may write to its folder: somebody may have planted it; take that right ` +
      "away (chmod go-w), or change its owner",
    ];
  });
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    // That it cannot be read is told elsewhere.
    return [];
  }
}
