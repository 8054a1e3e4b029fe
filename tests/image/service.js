/**
 * A service for an image without a shell: shows its file at the start and at each HUP, and ends with status 7 at TERM.
 *
 * Touches: the file that it is given, reading; standard output.
 * @module
 */
const [file] = Deno.args;
const show = (what) => console.log(`${what}: ${Deno.readTextFileSync(file).trim()}`);

Deno.addSignalListener("SIGHUP", () => show("HUP"));
Deno.addSignalListener("SIGTERM", () => {
  console.log("TERM");
  Deno.exit(7);
});
setInterval(() => {}, 1_000_000);
show("ready");
