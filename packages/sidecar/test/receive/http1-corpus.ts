/** Malformed and hostile HTTP/1.1 as raw bytes. */

/** The beginning of a good request, up to its length. */
export const head = "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

/** Byte for byte in latin1, with how the answer begins. */
export const http1Corpus: readonly (readonly [name: string, bytes: string, status: RegExp])[] = [
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", /^HTTP\/1\.1 400 /],
  ["an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /^HTTP\/1\.1 (400|505) /],
  ["no host", "POST /v1/logs HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["two different lengths", `${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, /^HTTP\/1\.1 400 /],
  [
    "a length beside chunks",
    `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  ["a negative length", `${head}content-length: -1\r\n\r\n`, /^HTTP\/1\.1 400 /],
  ["a length beyond every number", `${head}content-length: ${"9".repeat(40)}\r\n\r\n`, /^HTTP\/1\.1 400 /],
  ["a chunk size that is none", `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`, /^HTTP\/1\.1 400 /],
  [
    "an unknown transfer encoding",
    `${head}transfer-encoding: gzip\r\nconnection: close\r\n\r\nxx`,
    /^HTTP\/1\.1 400 /,
  ],
  ["a bare line feed in a header", "POST /v1/logs HTTP/1.1\nhost: x\n\n", /^HTTP\/1\.1 400 /],
  [
    "a folded header",
    `${head}a: b\r\n c: d\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    /^HTTP\/1\.1 /,
  ],
  ["a NUL in a header", `${head}a: \0\r\n\r\n`, /^HTTP\/1\.1 400 /],
  ["a method of another kind", "\xff\xfe /v1/logs HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["a target that is no path", `POST ${"%".repeat(200)} HTTP/1.1\r\nhost: x\r\n\r\n`, /^HTTP\/1\.1 400 /],
  [
    "an upgrade that nobody offers",
    `${head}connection: upgrade, close\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\n{}`,
    /^HTTP\/1\.1 200 /,
  ],
  ["a tunnel", "CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n", /^$/],
  [
    "__proto__ as a header",
    `${head}__proto__: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`,
    /^HTTP\/1\.1 200 /,
  ],
];
