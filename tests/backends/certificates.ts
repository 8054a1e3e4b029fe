/**
 * Certificates for a server on the loopback address, and for anything else that shows one.
 *
 * Touches: files, processes (openssl).
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import type { Folder } from "../support/sidecar.ts";

/** Paths of PEM files. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
}

/** Makes an authority, and a server's certificate that it signed. */
export function makeCertificates(folder: Folder): Certificates {
  const authority = { certificate: folder.at("authority.pem"), key: folder.at("authority.key") };
  const server = { certificate: folder.at("server.pem"), key: folder.at("server.key") };
  issue("/CN=authority of a test", authority);
  issue("/CN=server of a test", server, [
    ...["-CA", authority.certificate, "-CAkey", authority.key],
    ...["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"],
  ]);
  return { authority: authority.certificate, ...server };
}

/** Writes a certificate for a new key, signed by that key unless told otherwise. */
export function issue(subject: string, to: { certificate: string; key: string }, more: readonly string[] = []): void {
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const { success, stderr } = new Deno.Command(binaryOf("openssl"), {
    // Without the settings of the machine, which may not be there.
    args: [...args, "-config", "/dev/null", "-subj", subject, "-keyout", to.key, "-out", to.certificate, ...more],
  }).outputSync();
  if (!success) throw new Error(`openssl made no certificate: ${new TextDecoder().decode(stderr)}`);
}
