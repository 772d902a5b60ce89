/** Certificates for tests: a certification authority of their own, and what it signed; all made when asked for. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

cryptoProvider.set(webcrypto);

/** RSA, since Java's TLS, openssl and Node.js all take it without a word. */
const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
} as const;

const AN_HOUR_MS = 3_600_000;

/** A certificate and its key; both PEM, the key in PKCS 8. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A certification authority that lives as long as the test. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly ca: string;
  /** A certificate for a server that is reached as `localhost`, `127.0.0.1` and the names given. */
  server(...names: readonly string[]): Promise<Identity>;
  /** The same, whose time was over a minute ago. */
  expiredServer(): Promise<Identity>;
  /** The same, in a time of its own. */
  serverOf(notBefore: Date, notAfter: Date): Promise<Identity>;
  /** A certificate with which a client names itself. */
  client(name: string): Promise<Identity>;
}

export async function createAuthority(name = "CoreSDK tests"): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
  const issuer = `CN=${name}`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: issuer,
    ...validity(),
    signingAlgorithm: RSA,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  let serial = 1;
  const issue = async (
    subject: string,
    usage: ExtendedKeyUsage,
    names: readonly string[],
    lifetime = validity(),
  ): Promise<Identity> => {
    const own = await webcrypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
    serial += 1;
    const signed = await X509CertificateGenerator.create({
      serialNumber: serial.toString(16).padStart(2, "0"),
      subject: `CN=${subject}`,
      issuer,
      ...lifetime,
      signingAlgorithm: RSA,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
        new ExtendedKeyUsageExtension([usage]),
        ...(names.length === 0
          ? []
          : [
              new SubjectAlternativeNameExtension([
                { type: "ip", value: "127.0.0.1" },
                ...names.map((value) => ({ type: "dns", value }) as const),
              ]),
            ]),
      ],
    });
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
    return { cert: signed.toString("pem"), key: PemConverter.encode(pkcs8, "PRIVATE KEY") };
  };
  return {
    ca: certificate.toString("pem"),
    server: (...names) => issue("localhost", ExtendedKeyUsage.serverAuth, ["localhost", ...names]),
    expiredServer: () => {
      const lifetime = { ...validity(), notAfter: new Date(Date.now() - 60_000) };
      return issue("localhost", ExtendedKeyUsage.serverAuth, ["localhost"], lifetime);
    },
    serverOf: (notBefore, notAfter) =>
      issue("localhost", ExtendedKeyUsage.serverAuth, ["localhost"], { notBefore, notAfter }),
    client: (clientName) => issue(clientName, ExtendedKeyUsage.clientAuth, []),
  };
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - AN_HOUR_MS), notAfter: new Date(now + 24 * AN_HOUR_MS) };
}
