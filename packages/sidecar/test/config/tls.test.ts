import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthority, type Identity } from "../../../../testing/certificates.ts";
import { load, loadError } from "./load.ts";

const CANARY = "C4N4RY";
const GARBAGE = `-----BEGIN CERTIFICATE-----\n${CANARY}\n-----END CERTIFICATE-----\n`;
const GARBAGE_KEY = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`;

type Material = Partial<Identity> & { readonly ca?: string; readonly client_ca?: string };

const settings: readonly [name: string, write: (tls: Material) => object][] = [
  ["cloud_events.http", (tls) => ({ cloud_events: { http: { endpoint: "https://x", tls } } })],
  [
    "cloud_events.kafka",
    (tls) => ({ cloud_events: { binding: "kafka", kafka: { brokers: ["x:1"], topic: "x", tls } } }),
  ],
  ["otel", (tls) => ({ otel: { endpoint: "https://x", tls } })],
  [
    "receivers.otlp.http",
    ({ ca, ...own }) => ({
      receivers: { otlp: { http: { tls: { ...own, ...(ca === undefined ? {} : { client_ca: ca }) } } } },
    }),
  ],
];

for (const [name, write] of settings) {
  test(`PEM text with garbage inside is refused at its key: ${name}.tls`, async (t) => {
    const authority = await createAuthority();
    const [own, other] = [await authority.server(), await authority.server()];
    const { ca } = authority;
    const cases: readonly [tls: Material, message: RegExp][] = [
      [{ ...own, ca: GARBAGE }, /tls\.(?:client_)?ca holds a certificate that cannot be read \(/],
      [{ ...own, ca: `${ca}${GARBAGE}` }, /tls\.(?:client_)?ca holds a certificate, number 2, that cannot/],
      [{ ...own, ca: ca.slice(0, -30) }, /tls\.(?:client_)?ca holds a certificate without its end/],
      [{ ...own, ca: own.key }, /tls\.(?:client_)?ca holds no certificate/],
      [{ ...own, cert: GARBAGE }, /tls\.cert holds a certificate that cannot be read/],
      [{ ...own, key: GARBAGE_KEY }, /tls\.key holds no private key that can be read without a passphrase/],
      [{ ...own, key: other.key }, /tls: certificate and key are not usable together/],
    ];
    for (const [tls, message] of cases) {
      // JSON is YAML.
      const refused = loadError(t, JSON.stringify(write(tls)));
      assert.match(refused, message);
      assert.match(refused, /^coresdk-sidecar\.yaml:1:\d+: /);
      assert.doesNotMatch(refused, new RegExp(`${CANARY}|${own.key.slice(40, 60)}`));
    }
    load(t, JSON.stringify(write({ ...own, ca: `A bundle\n${ca}\n# and another\n${ca}` })));
  });
}
