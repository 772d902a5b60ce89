/** Whether PEM text holds what a TLS connection can use; asked here, since Node passes over a certificate to trust that it cannot read. */
import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";

/** The labels under which OpenSSL takes a certificate. */
const CERTIFICATE = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[\s\S]*?-----END \1-----/g;
const CERTIFICATE_BEGIN = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** What is wrong with the text of one or more certificates; `undefined` when nothing is. */
export function checkCertificates(pem: string): string | undefined {
  const blocks = pem.match(CERTIFICATE) ?? [];
  const begun = pem.match(CERTIFICATE_BEGIN)?.length ?? 0;
  if (begun === 0) return "holds no certificate";
  if (begun !== blocks.length) return "holds a certificate without its end";
  for (const [i, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (error) {
      const which = blocks.length === 1 ? "a certificate" : `a certificate, number ${i + 1},`;
      return `holds ${which} that cannot be read (${codeOf(error)})`;
    }
  }
  return undefined;
}

/** What is wrong with the text of a private key; `undefined` when nothing is. */
export function checkPrivateKey(pem: string): string | undefined {
  try {
    createSecureContext({ key: pem });
    return undefined;
  } catch (error) {
    return `holds no private key that can be read without a passphrase (${codeOf(error)})`;
  }
}

/** What is wrong with a certificate and key that are each right; `undefined` when nothing is. */
export function checkKeyPair(cert: string, key: string): string | undefined {
  try {
    createSecureContext({ cert, key });
    return undefined;
  } catch (error) {
    return `certificate and key are not usable together (${codeOf(error)})`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
}
