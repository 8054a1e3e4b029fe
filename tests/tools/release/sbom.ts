/**
 * The software bill of materials: what is in the executable, as CycloneDX 1.6 by its own library.
 *
 * Touches: the npm package that it loads.
 * @module
 */
import type { Release } from "./change_log.ts";

const LIBRARY = "npm:@cyclonedx/cyclonedx-library@10.3.0";

/** What a lock file of Deno says of npm packages. */
interface Lock {
  npm: Record<string, { integrity: string; dependencies?: string[] }>;
}

/** The bill, as JSON. It has neither a serial number nor the time of its making: two of them are the same. */
export async function billOfMaterials(
  { version, date }: Release,
  { lock, deno, packages }: { lock: string; deno: string; packages: readonly string[] },
): Promise<string> {
  const { Enums, Models, Serialize, Spec } = await import(LIBRARY);
  const bom = new Models.Bom();
  const app = new Models.Component(Enums.ComponentType.Application, "confd-sidecar", { version });
  app.bomRef.value = app.purl = `pkg:generic/confd-sidecar@${version}`;
  app.licenses.add(new Models.SpdxLicense("Apache-2.0"));
  bom.metadata.component = app;
  bom.metadata.timestamp = new Date(`${date}T00:00:00Z`);
  const { npm } = JSON.parse(lock) as Lock;
  for (const name of packages) {
    const [, packageName, packageVersion] = /^(.+)@([^@]+)$/.exec(name)!;
    const component = new Models.Component(Enums.ComponentType.Library, packageName, { version: packageVersion });
    component.bomRef.value = component.purl = `pkg:npm/${packageName}@${packageVersion}`;
    const [, base64] = /^sha512-(.+)$/.exec(npm[name].integrity)!;
    component.hashes.set(Enums.HashAlgorithm["SHA-512"], Uint8Array.fromBase64(base64).toHex());
    bom.components.add(component);
    app.dependencies.add(component.bomRef);
  }
  const runtime = new Models.Component(Enums.ComponentType.Platform, "deno", { version: deno });
  runtime.bomRef.value = runtime.purl = `pkg:github/denoland/deno@v${deno}`;
  runtime.licenses.add(new Models.SpdxLicense("MIT"));
  bom.components.add(runtime);
  app.dependencies.add(runtime.bomRef);
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}
