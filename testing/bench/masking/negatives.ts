/** What looks like something and is nothing: all of it has to get through as it is. */
import { createHash } from "node:crypto";
import { ALNUM, BASE64URL, CROCKFORD_ID, type Draw, HEX, LOWER, luhnDigit, UPPER } from "./draw.ts";

function hash(draw: Draw, algorithm: string): string {
  return createHash(algorithm)
    .update(String(draw.below(2 ** 31)))
    .digest("hex");
}

function uuid(draw: Draw): string {
  const part = (length: number): string => draw.text(HEX, length);
  return `${part(8)}-${part(4)}-4${part(3)}-a${part(3)}-${part(12)}`;
}

function version(draw: Draw): string {
  return `${draw.below(20)}.${draw.below(40)}.${draw.below(100)}`;
}

function time(draw: Draw): Date {
  return new Date(Date.UTC(2020, 0, 1) + draw.below(400_000_000) * 1000 + draw.below(1000));
}

/** The number with a last digit that Luhn's check refuses. */
function withoutCheck(digits: string): string {
  return digits + String((Number(luhnDigit(digits)) + 1) % 10);
}

/** An id of 64 bits: time, machine, sequence. One in some dozens has a card's prefix and check digit by chance. */
export function snowflake(draw: Draw): bigint {
  return (BigInt(draw.between(2 ** 39, 2 ** 40)) << 22n) | BigInt(draw.below(2 ** 22));
}

/** By kind. Numbers are values, not texts. */
export const NEGATIVES: Readonly<Record<string, (draw: Draw) => string | number | bigint>> = {
  "order number": (draw) => `ORD-${draw.between(2019, 2026)}-${draw.digits(6)}`,
  "order number, long": (draw) => `${draw.pick(["1", "7", "9"])}${draw.digits(draw.between(8, 12))}`,
  "order number, no check digit": (draw) => withoutCheck(`4${draw.digits(draw.between(14, 17))}`),
  "access log": (draw) =>
    `10.0.${draw.below(256)}.${draw.below(256)} - - "GET /${draw.word()}" ${draw.pick(["200", "404"])} ${draw.between(10, 99)} ${draw.between(1000, 9999)}`,
  "picture for a dense screen": (draw) =>
    `/img/${draw.word()}@${draw.pick(["2x", "3x", "1.5x"])}.${draw.pick(["png", "webp"])}`,
  repository: (draw) => `git@github.com:acme/${draw.word()}.git`,
  "repository, by ssh": (draw) => `ssh://git@git.acme.io/acme/${draw.word()}`,
  "package of a file": (draw) => `${draw.word()}@next.js`,
  "element of words": (draw) => `<note lang="en">${draw.words(2)}</note>`,
  "name and value": (draw) => JSON.stringify({ name: draw.word(), value: draw.words(2) }),
  "invoice number": (draw) => `INV-${draw.digits(4)}-${draw.digits(4)}`,
  version: (draw) => `v${version(draw)}-rc.${draw.below(9)}+build.${draw.digits(8)}`,
  package: (draw) => `${draw.word()}@${version(draw)}`,
  "package, prerelease": (draw) => `@acme/${draw.word()}@${version(draw)}-beta.next`,
  uuid,
  "uuid of digits": (draw) =>
    `${draw.digits(8)}-${draw.digits(4)}-4${draw.digits(3)}-8${draw.digits(3)}-${draw.digits(12)}`,
  ulid: (draw) => `01${draw.text(CROCKFORD_ID, 24)}`,
  "trace id": (draw) => draw.text(HEX, 32),
  "span id": (draw) => draw.text(HEX, 16),
  traceparent: (draw) => `00-${draw.text(HEX, 32)}-${draw.text(HEX, 16)}-01`,
  md5: (draw) => hash(draw, "md5"),
  sha1: (draw) => hash(draw, "sha1"),
  sha256: (draw) => `sha256:${hash(draw, "sha256")}`,
  "time, RFC 3339": (draw) => time(draw).toISOString(),
  "time, milliseconds": (draw) => time(draw).getTime(),
  "time, microseconds": (draw) => time(draw).getTime() * 1000 + draw.below(1000),
  "time, nanoseconds": (draw) => BigInt(time(draw).getTime()) * 1_000_000n + BigInt(draw.below(1_000_000)),
  "time, text of nanoseconds": (draw) => `${time(draw).getTime()}${draw.digits(6)}`,
  "time, compact": (draw) =>
    time(draw)
      .toISOString()
      .replaceAll(/[-:TZ.]/g, ""),
  "address of a machine": (draw) =>
    `${draw.between(1, 255)}.${draw.below(256)}.${draw.below(256)}.${draw.below(256)}`,
  "address with a port": (draw) =>
    `10.${draw.below(256)}.${draw.below(256)}.${draw.below(256)}:${draw.between(1024, 65_535)}`,
  "base64 image": (draw) => `data:image/png;base64,iVBORw0KGgo${draw.text(`${ALNUM}+/`, 400)}=`,
  base64url: (draw) => draw.text(BASE64URL, 64),
  imei: (draw) => {
    const body = `35${draw.digits(12)}`;
    return body + luhnDigit(body);
  },
  isbn: (draw) => `978-${draw.digits(1)}-${draw.digits(4)}-${draw.digits(4)}-${draw.digits(1)}`,
  "part number": (draw) => `PN-${draw.digits(3)}-${draw.digits(2)}-${draw.digits(4)}`,
  "never issued as SSN": (draw) =>
    draw.pick([`000-${draw.digits(2)}-${draw.digits(4)}`, `9${draw.digits(2)}-12-${draw.digits(4)}`]),
  phone: (draw) => `+1 ${draw.between(201, 989)} 555 ${draw.digits(4)}`,
  fraction: (draw) => `0.${draw.between(1, 9)}${draw.digits(15)}`,
  coordinates: (draw) =>
    `${draw.between(-89, 89)}.${draw.digits(6)}, ${draw.between(-179, 179)}.${draw.digits(6)}`,
  counts: (draw) =>
    `${draw.below(900)} ${draw.below(900)} ${draw.below(900)} ${draw.below(900)} ${draw.below(900)}`,
  amount: (draw) => `EUR ${draw.digits(3)},${draw.digits(3)}.${draw.digits(2)}`,
  pod: (draw) => `orders-${draw.text(`${LOWER}0123456789`, 10)}-${draw.text(LOWER, 5)}`,
  image: (draw) => `registry.acme.io/${draw.word()}:${version(draw)}@sha256:${hash(draw, "sha256")}`,
  path: (draw) => `/var/lib/${draw.word()}/${draw.word()}-${draw.digits(6)}.log`,
  "windows path": (draw) => `C:\\users\\${draw.word()}\\new\\table-${draw.digits(4)}.txt`,
  url: (draw) =>
    `https://orders.acme.com:8443/${draw.word()}/${draw.digits(6)}?page=${draw.below(9)}&sort=asc`,
  "status of a secret": (draw) =>
    draw.pick(["password: incorrect", "token: expired", "auth: failed", "session: closed", "secret: unset"]),
  "talk of secrets": (draw) =>
    `the ${draw.pick(["password", "token", "session cookie", "bearer token"])} of the ${draw.word()} was ${draw.pick(["reset", "refreshed", "rejected"])}`,
  "talk of schemes": (draw) =>
    `${draw.pick(["basic authentication", "bearer of news", "Basic training", "bearer token"])} for ${draw.word()}`,
  kebab: (draw) => `task-${draw.word()}-${draw.word()}-${draw.word()}-${draw.word()}`,
  "sk-words": (draw) => `sk-${draw.word()}-${draw.word()}-${draw.word()}`,
  snake: (draw) => `${draw.word()}_${draw.word()}_secret_${draw.word()}_name`,
  sql: (draw) => `SELECT ${draw.word()} FROM ${draw.word()} WHERE id = ${draw.below(100_000)} AND name = 'x'`,
  "stack frame": (draw) =>
    `at ${draw.word()} (file:///app/${draw.word()}.js:${draw.below(900)}:${draw.below(90)})`,
  "user agent": (draw) =>
    `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/${draw.between(90, 140)}.0.0.0`,
  handle: (draw) => `@${draw.word()} and user@localhost`,
  "country code": (draw) => `${draw.text(UPPER, 2)}${draw.digits(2)} ${draw.word()}`,
  "wrong IBAN": (draw) => `DE00${draw.digits(18)}`,
  "public key": (draw) =>
    `-----BEGIN PUBLIC KEY-----\n${draw.text(`${ALNUM}+/`, 64)}\n-----END PUBLIC KEY-----`,
  "result of a test": (draw) => `PASS src/${draw.word()}/${draw.word()}${draw.below(9)}.test.ts`,
  "code of something": (draw) =>
    `/x?code=${draw.pick(["404", "USD", "en-GB", "access_denied"])}&state=${draw.word()}`,
  "text of a form": (draw) => `t("${draw.pick(["password", "token"])}", "Your ${draw.word()}")`,
  "plan without values": (draw) => `+ password = ${draw.pick(["(sensitive value)", "(known after apply)"])}`,
  "table of counts": (draw) => `token_count,total\n${draw.below(900)},${draw.below(900)}`,
  "address of a secret": (draw) =>
    `arn:aws:secretsmanager:eu-west-1:${draw.digits(12)}:secret:${draw.word()}-${draw.text(ALNUM, 6)}`,
  price: (draw) => `between $${draw.below(9)} and $${draw.below(99)}, $${draw.below(9)}.${draw.digits(2)}`,
  "name of a package": (draw) => `sdk-${draw.word()}-${draw.word()}-${draw.digits(8)}`,
  "block of YAML": (draw) => `note: |\n  ${draw.words(2)}\nother: ${draw.word()}`,
  "count of passes": (draw) => `user=${draw.word()} pass=${draw.below(99)} fail=${draw.below(9)}`,
  "fields behind a scheme": (draw) => `token_type=Bearer expires_in=${draw.between(60, 9999)}`,
  "error of a client": (draw) =>
    `Post "https://${draw.word()}.acme.io/oauth/token": ${draw.pick(["EOF", "dial tcp 10.0.0.1:443: i/o timeout", "x509: certificate has expired", "unexpected EOF"])}`,
  "status of a request": (draw) =>
    `POST /${draw.word()}/token: ${draw.pick(["401 Unauthorized", "503 Service Unavailable"])}`,
  "error of a file": (draw) =>
    draw.pick([
      "open /run/secrets/db_password: permission denied",
      `rm: cannot remove '/tmp/${draw.word()}/token': Permission denied`,
    ]),
  "empty value": (draw) =>
    `${draw.pick(["session", "token", "password"])}= trace_id=${draw.text(HEX, 32)} status=200`,
  "host called like a secret": (draw) =>
    draw.pick([
      `http://auth:${draw.between(1024, 65_535)}/${draw.word()}`,
      `connect ECONNREFUSED session:${draw.between(1024, 9999)}`,
    ]),
  "image called like a secret": (draw) =>
    `registry.acme.io/${draw.pick(["auth", "session", "token"])}:${version(draw)}`,
  "package called like a secret": (draw) => `com.acme:${draw.pick(["auth", "session"])}:${version(draw)}`,
  "task or event": (draw) =>
    draw.pick(["> Task :auth:compileJava", "event auth:login_failed", "session:clear-old"]),
  "demand of a form": (draw) =>
    `password: ${draw.pick(["This field is required.", "This value is too short.", "minimum 8 characters"])}`,
  "sign of a parser": (draw) => `unexpected token "=" at ${draw.below(99)}:${draw.below(99)}`,
  "columns of SQL": (draw) => `WHERE s.token = t.token AND s.id = ${draw.below(999)}`,
  "time behind a word": (draw) => `token 12:34:${draw.between(10, 59)}`,
  usage: (draw) => `app --token <token> --${draw.word()} <host>`,
  "rows without values": (draw) => `INSERT INTO ${draw.word()} (id, token) VALUES ($1, $2)`,
  "words in brackets": (draw) =>
    draw.pick([
      `auth: failed (user "${draw.word()}")`,
      'password: invalid ("x" is not allowed)',
      `token: expected(identifier, found: ${draw.word()})`,
      `session: closed (code ${draw.below(99)}, ${draw.word()})`,
    ]),
  "names of headers": () => "['Authorization', 'X-B3-TraceId', 'X-Api-Key']",
  "JSON text": (draw) =>
    JSON.stringify({
      order: draw.digits(8),
      lines: [{ sku: draw.text(CROCKFORD_ID, 10), quantity: draw.below(9) }],
    }),
};

/** Keys that say something about a secret without holding one, or hold something else. */
export const HARMLESS_KEYS: readonly [string, ...string[]] = [
  "auth_method",
  "session.id",
  "secret_name",
  "token_count",
  "gen_ai.usage.input_tokens",
  "password_policy",
  "cookie_consent",
  "keyboard",
  "authority",
  "http.route",
  "monkey",
  "author",
];

/** Keys of flags: `true` and `false` are no secret, whatever the key. */
export const FLAG_KEYS: readonly [string, ...string[]] = [
  "has_password",
  "requires_auth",
  "uses_token",
  "isSecret",
];
