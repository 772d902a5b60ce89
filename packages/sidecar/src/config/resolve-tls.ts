import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { Secret, type TlsSettings } from "@coresdk/pipeline";
import type { ServerTlsSettings } from "../receive/settings.ts";
import type { DoorDocument, TlsDocument } from "./document.ts";
import type { Resolution } from "./resolution.ts";
import { formatPath, type Path } from "./tree.ts";

/** A bundle of all public roots has about a quarter of this. */
const MAX_PEM_BYTES = 1024 * 1024;

/** TLS towards a peer; `true` is the system's trust and no certificate of our own. */
export function resolveClientTls(
  resolution: Resolution,
  path: Path,
  tls: boolean | TlsDocument | undefined,
): TlsSettings | undefined {
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return { ca: undefined, cert: undefined, key: undefined, servername: undefined };
  const read = (key: "ca" | "cert" | "key"): string | undefined =>
    readPem(resolution, [...path, key], reveal(tls[key]));
  const [ca, cert, key] = [read("ca"), read("cert"), read("key")];
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    resolution.fail(path, `${formatPath(path)} needs cert and key together`);
  }
  checkMaterial(resolution, path, { ca, cert, key });
  return { ca, cert, key: key === undefined ? undefined : new Secret(key), servername: tls.servername };
}

/** TLS at a door of ours. */
export function resolveServerTls(
  resolution: Resolution,
  path: Path,
  tls: DoorDocument["tls"],
): ServerTlsSettings | undefined {
  if (tls === undefined) return undefined;
  const cert = readPem(resolution, [...path, "cert"], tls.cert);
  const key = readPem(resolution, [...path, "key"], reveal(tls.key));
  const clientCa = readPem(resolution, [...path, "client_ca"], tls.client_ca);
  if (tls.cert === undefined || tls.key === undefined) {
    resolution.fail(path, `${formatPath(path)} needs cert and key`);
  }
  checkMaterial(resolution, path, { ca: clientCa, cert, key });
  return cert === undefined || key === undefined ? undefined : { cert, key: new Secret(key), clientCa };
}

function reveal(value: string | Secret | undefined): string | undefined {
  return value instanceof Secret ? value.reveal() : value;
}

/** PEM text as it stands, or the file that the value names. */
function readPem(resolution: Resolution, path: Path, value: string | undefined): string | undefined {
  if (value === undefined || value.includes("-----BEGIN ")) return value;
  const name = formatPath(path);
  try {
    const text = readFileBounded(resolve(resolution.merged.baseDir(path), value));
    if (text.includes("-----BEGIN ")) return text;
    resolution.fail(path, `${name}: the file holds no PEM text`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    resolution.fail(path, `${name}: the file cannot be read (${code})`);
  }
  return undefined;
}

function readFileBounded(path: string): string {
  const buffer = Buffer.alloc(MAX_PEM_BYTES);
  const descriptor = openSync(path, "r");
  try {
    let length = 0;
    for (let count = -1; count !== 0 && length < buffer.length; length += count) {
      count = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    return buffer.toString("utf8", 0, length);
  } finally {
    closeSync(descriptor);
  }
}

interface Material {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** OpenSSL reads them now, so that a bad certificate is an error of the configuration and not of the first send. */
function checkMaterial(resolution: Resolution, path: Path, { ca, cert, key }: Material): void {
  try {
    createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    resolution.fail(path, `${formatPath(path)}: certificate and key are not usable (${code})`);
  }
}
