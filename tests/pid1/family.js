/**
 * A service for an image without a shell that leaves orphans: `family.js service`.
 *
 * It prints `orphan up`, `orphan asked` when that one gets SIGTERM, `no zombies` once nobody dead is left, and `ready`;
 * it ends with 7 at SIGTERM.
 *
 * Touches: processes; /proc, reading; standard output.
 * @module
 */
const [role, kind] = Deno.args;
const RUN = ["run", "--allow-all", "--quiet", "--no-config", "--no-lock", "--cached-only"];

function start(...words) {
  const args = [...RUN, new URL(import.meta.url).pathname, ...words];
  return new Deno.Command(Deno.execPath(), { args, detached: words[0] === "orphan" }).spawn();
}

/** The dead that process 1 has not taken. */
function zombies() {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).filter(({ name }) => {
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      return stat.slice(stat.lastIndexOf(")")).startsWith(") Z 1 ");
    } catch {
      return false;
    }
  });
}

if (role === "service") {
  Deno.addSignalListener("SIGTERM", () => Deno.exit(7));
  for (const kind of ["short", "long"]) await start("parent", kind).status;
  while (zombies().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  console.log("no zombies");
  console.log("ready");
  setInterval(() => {}, 1_000_000);
} else if (role === "parent") {
  // It leaves its child alone, in a session of its own.
  start("orphan", kind).unref();
  Deno.exit(0);
} else if (kind === "long") {
  Deno.addSignalListener("SIGTERM", () => {
    console.log("orphan asked");
    Deno.exit(0);
  });
  console.log("orphan up");
  setInterval(() => {}, 1_000_000);
}
