/**
 * ZooKeeper, unpacked from Debian packages together with a Java that runs it, without installing either.
 *
 * Touches: processes (apt-get, dpkg-deb, java), the network through them; writes only where it is told to.
 * @module
 */
import { hasDebianTools, unpackDebian } from "./debian.ts";
import { failure, type Made, proven, type Recipe } from "./recipe.ts";

const JAVA = { package: "openjdk-17-jre-headless", folder: "usr/lib/jvm" };
/** What the server loads where there is neither TLS nor a log. */
const JARS: Record<string, readonly string[]> = {
  "libzookeeper-java": ["zookeeper", "zookeeper-jute"],
  "libslf4j-java": ["slf4j-api", "slf4j-nop"],
  "libdropwizard-metrics-java": ["metrics-core"],
  "libsnappy-java": ["snappy-java"],
};

/** A small and quick Java: the server holds a handful of keys. `version` is no file of settings, but the question. */
const SCRIPT = `#!/bin/sh
self=$(readlink -f "$0")
home=\${self%/*}/../lib/zookeeper
main=org.apache.zookeeper.server.quorum.QuorumPeerMain
if [ "$1" = version ]; then main=org.apache.zookeeper.version.VersionInfoMain; shift; fi
exec "$home/java/bin/java" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$home/*" $main "$@"
`;

/** The recipe of this part. */
export function zookeeperRecipe(): Recipe {
  return {
    name: "zookeeper",
    version: "",
    stamp: "debian libzookeeper-java",
    how: "unpacked from Debian's packages with a Java of its own, not installed",
    advice: "It needs apt-get and dpkg-deb.",
    required: false,
    go: false,
    make,
  };
}

async function make(folder: string): Promise<Made> {
  if (!hasDebianTools()) return { tried: "to find apt-get and dpkg-deb", problem: "they are not there" };
  // Proven where it will stand: the script finds what goes with it from its own place.
  const home = `${folder}/lib/zookeeper`;
  const path = `${folder}/bin/zookeeper`;
  await Deno.mkdir(home, { recursive: true });
  await Deno.mkdir(`${folder}/bin`);
  let version: string | undefined;
  for (const [name, jars] of Object.entries(JARS)) {
    const unpacked = await unpack(name, folder);
    if (unpacked.failed) return failure(unpacked.failed);
    version ??= unpacked.version;
    for (const jar of jars) await Deno.copyFile(`${unpacked.root}/usr/share/java/${jar}.jar`, `${home}/${jar}.jar`);
  }
  const java = await unpack(JAVA.package, folder);
  if (java.failed) return failure(java.failed);
  await moveJava(java.root!, `${home}/java`);
  await Deno.writeTextFile(path, SCRIPT, { mode: 0o755 });
  const made = await proven(path, { flag: "version" });
  return "problem" in made ? made : { ...made, version, home };
}

async function unpack(name: string, folder: string) {
  const own = `${folder}/packages/${name}`;
  await Deno.mkdir(own, { recursive: true });
  return await unpackDebian(name, own);
}

/** The package keeps its settings in /etc, where nothing is unpacked to, and links to them. */
async function moveJava(root: string, java: string): Promise<void> {
  const homes = [...Deno.readDirSync(`${root}/${JAVA.folder}`)].filter(({ isDirectory }) => isDirectory);
  await Deno.rename(`${root}/${JAVA.folder}/${homes[0].name}`, java);
  await bringLinked(java, root);
}

async function bringLinked(folder: string, root: string): Promise<void> {
  for (const { name, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await bringLinked(path, root);
    const target = isSymlink ? await Deno.readLink(path) : "";
    if (!target.startsWith("/")) continue;
    await Deno.remove(path);
    // Some lead to what other packages make when they are installed, such as the store of certificates.
    await Deno.rename(root + target, path).catch(() => {});
  }
}
