import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { TlsSettings } from "@coresdk/pipeline";
import { Secret } from "@coresdk/pipeline/checks";
import type { ServerTlsSettings } from "../receive/settings.ts";
import type { DoorDocument, TlsDocument } from "./document.ts";
import { checkCertificates, checkKeyPair, checkPrivateKey } from "./pem.ts";
import type { Resolution } from "./resolution.ts";
import { formatPath, type Path } from "./tree.ts";
import { describeCertificateTime, describeKeyFile } from "./warn-of-tls.ts";

/** A bundle of all public roots has about a quarter of this. */
const MAX_PEM_BYTES = 1024 * 1024;

/** TLS towards a peer; `true` is what Node.js itself trusts, and no certificate of our own. */
export function resolveClientTls(
  resolution: Resolution,
  path: Path,
  tls: boolean | TlsDocument | undefined,
): TlsSettings | undefined {
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return { ca: undefined, cert: undefined, key: undefined, servername: undefined };
  const ca = readPem(resolution, [...path, "ca"], tls.ca, checkCertificates);
  const cert = readPem(resolution, [...path, "cert"], tls.cert, checkCertificates);
  const key = readPem(resolution, [...path, "key"], tls.key?.reveal(), checkPrivateKey);
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    resolution.fail(path, `${formatPath(path)} needs cert and key together`);
  }
  checkPair(resolution, path, cert, key);
  warnOfIdentity(resolution, path, cert, tls.key);
  return { ca, cert, key: key === undefined ? undefined : new Secret(key), servername: tls.servername };
}

/** TLS at a door of ours. */
export function resolveServerTls(
  resolution: Resolution,
  path: Path,
  tls: DoorDocument["tls"],
): ServerTlsSettings | undefined {
  if (tls === undefined) return undefined;
  const cert = readPem(resolution, [...path, "cert"], tls.cert, checkCertificates);
  const key = readPem(resolution, [...path, "key"], tls.key?.reveal(), checkPrivateKey);
  const clientCa = readPem(resolution, [...path, "client_ca"], tls.client_ca, checkCertificates);
  if (tls.cert === undefined || tls.key === undefined) {
    resolution.fail(path, `${formatPath(path)} needs cert and key`);
  }
  checkPair(resolution, path, cert, key);
  warnOfIdentity(resolution, path, cert, tls.key);
  return cert === undefined || key === undefined ? undefined : { cert, key: new Secret(key), clientCa };
}

/** PEM text as it stands, or that of the file that the value names; `undefined` when it is not usable. */
function readPem(
  resolution: Resolution,
  path: Path,
  value: string | undefined,
  check: (pem: string) => string | undefined,
): string | undefined {
  if (value === undefined) return undefined;
  const inline = value.includes("-----BEGIN ");
  const pem = inline ? value : readPemFile(resolution, path, value);
  const fault = pem === undefined ? undefined : check(pem);
  if (fault === undefined) return pem;
  const name = formatPath(path);
  resolution.fail(path, inline ? `${name} ${fault}` : `${name}: the file ${fault}`);
  return undefined;
}

function readPemFile(resolution: Resolution, path: Path, file: string): string | undefined {
  const name = formatPath(path);
  try {
    const text = readFileBounded(resolve(resolution.merged.baseDir(path), file));
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

/** @param key as the configuration gives it: PEM text, or the name of a file */
function warnOfIdentity(
  resolution: Resolution,
  path: Path,
  cert: string | undefined,
  key: Secret | undefined,
): void {
  const time = cert === undefined ? undefined : describeCertificateTime(cert, Date.now());
  if (time !== undefined) resolution.warnings.push(`${formatPath([...path, "cert"])} ${time}`);
  const file = key?.reveal() ?? "";
  if (file === "" || file.includes("-----BEGIN ")) return;
  const access = describeKeyFile(resolve(resolution.merged.baseDir([...path, "key"]), file));
  if (access !== undefined) resolution.warnings.push(`${formatPath([...path, "key"])}: ${access}`);
}

/** OpenSSL reads them now, so that they are an error of the configuration and not of the first connection. */
function checkPair(
  resolution: Resolution,
  path: Path,
  cert: string | undefined,
  key: string | undefined,
): void {
  const fault = cert === undefined || key === undefined ? undefined : checkKeyPair(cert, key);
  if (fault !== undefined) resolution.fail(path, `${formatPath(path)}: ${fault}`);
}
