/**
 * `deno task release:dry-run`: everything of a release that can be made here, in dist/; and, named, what cannot.
 *
 * Executables need a base runtime (see compile.ts); where there is none, packages have the bundle, which runs on an installed
 * Deno. Images, provenance and signatures are the platform's: .github/workflows/release.yml makes them.
 *
 * Touches: dist/, processes, standard output.
 * @module
 */
import { fileURLToPath } from "node:url";
import { VERSION } from "../../../lib/settings/version.ts";
import { missing, part } from "../parts.ts";
import { newestRelease, type Release } from "./change_log.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "./completions.ts";
import { manPage } from "./man_page.ts";
import { LAUNCHER, type PackageArch, packageConfig, type PackageFormat } from "./packages.ts";
import { billOfMaterials } from "./sbom.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const ARCHS: Record<string, PackageArch> = { x86_64: "amd64", aarch64: "arm64" };

async function main(dist = `${ROOT}dist`): Promise<number> {
  const release = newestRelease(Deno.readTextFileSync(`${ROOT}CHANGELOG.md`));
  if (release.version !== VERSION) {
    console.error(`CHANGELOG.md begins with ${release.version}, and this is ${VERSION}: write down what has changed`);
    return 1;
  }
  await Deno.remove(dist, { recursive: true }).catch(() => {});
  Deno.mkdirSync(dist, { recursive: true });
  const notMade: string[] = [];
  run([Deno.execPath(), "bundle", "--quiet", "--minify", "main.ts", "-o", `${dist}/confd-sidecar.js`]);
  const executables = Object.keys(ARCHS).filter((arch) => compiled(arch, dist));
  for (const arch of Object.keys(ARCHS).filter((arch) => !executables.includes(arch))) {
    notMade.push(`confd-sidecar-${arch}: there is no base runtime for it (DENORT_BIN names one)`);
  }
  await writeTexts(release, dist);
  const archs = executables.length === 0 ? ["any" as const] : executables.map((arch) => ARCHS[arch]);
  if (part("nfpm") === undefined) notMade.push(`packages: ${missing("nfpm")}`);
  else archs.forEach((arch) => makePackages(release, arch, dist));
  notMade.push(
    "the image, its provenance and the signatures: the platform makes them, see .github/workflows/release.yml",
  );
  for (const name of ["LICENSE", "launcher"]) Deno.removeSync(`${dist}/${name}`);
  const made = files(dist);
  const sums = await Promise.all(made.map(async (name) => `${await sha256(`${dist}/${name}`)}  ${name}\n`));
  Deno.writeTextFileSync(`${dist}/SHA256SUMS`, sums.join(""));
  console.log([`confd-sidecar ${VERSION}, in dist/:`, ...made, "SHA256SUMS"].join("\n  "));
  console.log(["\nNot made here:", ...notMade].join("\n  "));
  return 0;
}

/** False where it cannot be made here. */
function compiled(arch: string, dist: string): boolean {
  const args = ["run", "--allow-all", "tests/tools/compile.ts", `--into=${dist}`, arch];
  return new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "null", stderr: "null" }).outputSync().success;
}

async function writeTexts(release: Release, dist: string): Promise<void> {
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${dist}/${name}`, text);
  const page = manPage(release);
  const zipped = new Blob([page]).stream().pipeThrough(new CompressionStream("gzip"));
  Deno.writeFileSync(`${dist}/confd-sidecar.1.gz`, new Uint8Array(await new Response(zipped).arrayBuffer()));
  write("confd-sidecar.bash", bashCompletion());
  write("_confd-sidecar", zshCompletion());
  write("confd-sidecar.fish", fishCompletion());
  write("release-notes.md", `${release.notes}\n`);
  write("launcher", LAUNCHER);
  const { imports } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as { imports: Record<string, string> };
  const packages = Object.values(imports).map((specifier) => specifier.replace(/^npm:/, ""));
  const lock = Deno.readTextFileSync(`${ROOT}deno.lock`);
  write("confd-sidecar.cdx.json", await billOfMaterials(release, { lock, deno: Deno.version.deno, packages }));
  Deno.copyFileSync(`${ROOT}examples/systemd/confd-sidecar@.service`, `${dist}/confd-sidecar@.service`);
  Deno.copyFileSync(`${ROOT}LICENSE`, `${dist}/LICENSE`);
}

function makePackages(release: Release, arch: PackageArch, dist: string): void {
  const config = Deno.makeTempFileSync({ suffix: ".yaml" });
  try {
    for (const [format, name] of Object.entries(packageNames(release, arch))) {
      Deno.writeTextFileSync(config, packageConfig(release, { format: format as PackageFormat, arch, dist }));
      run([part("nfpm")!, config, format, `${dist}/${name}`], { SOURCE_DATE_EPOCH: String(secondsOf(release)) });
    }
  } finally {
    Deno.removeSync(config);
  }
}

/** As each of the systems names them. */
function packageNames({ version }: Release, arch: PackageArch): Record<PackageFormat, string> {
  const rpmArch = { amd64: "x86_64", arm64: "aarch64", any: "noarch" }[arch];
  return {
    deb: `confd-sidecar_${version}_${arch === "any" ? "all" : arch}.deb`,
    rpm: `confd-sidecar-${version}-1.${rpmArch}.rpm`,
  };
}

function secondsOf({ date }: Release): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000;
}

function run([program, ...args]: readonly string[], env: Record<string, string> = {}): void {
  const { success, stderr } = new Deno.Command(program, { args, env, cwd: ROOT, stdout: "null" }).outputSync();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
}

/** All files below a folder, sorted. */
function files(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${below}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? files(folder, `${below}${name}/`) : [`${below}${name}`]
  ).sort();
}

async function sha256(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Deno.readFileSync(path))).toHex();
}

if (import.meta.main) Deno.exit(await main(Deno.args[0]));
