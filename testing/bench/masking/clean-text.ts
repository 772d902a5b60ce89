/** Texts as they stand in events that hold nothing personal: short values, identifiers, lines of logs, sentences. */
import { CROCKFORD_ID, Draw, HEX, LOWER } from "./draw.ts";

/** Sentences and words, `count` of them, the same ones for the same seed. */
export function cleanTexts(count: number, seed = 3): readonly string[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, (_, place) => flat(cleanText(draw, place % 10)));
}

/** Ids, times, addresses and the like: texts of which nearly each character may begin something. Few are the same. */
export function cleanValues(count: number, seed = 3): readonly string[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, (_, place) => flat(VALUES[place % VALUES.length]?.[1](draw) ?? ""));
}

/** The same values, `count` of each kind. */
export function cleanValuesByKind(count: number, seed = 3): ReadonlyMap<string, readonly string[]> {
  const draw = new Draw(seed);
  return new Map(VALUES.map(([kind, make]) => [kind, Array.from({ length: count }, () => flat(make(draw)))]));
}

/** A text as it comes out of a decoder, not as the engine remembers that it was put together. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

function cleanText(draw: Draw, slot: number): string {
  switch (slot) {
    case 0:
      return draw.pick(["acme", "globex", "initech", "umbrella"]);
    case 1:
      return draw.pick(["orders:create", "orders:read", "invoices:list", "allowed", "denied"]);
    case 2:
      return `/${draw.word()}/${draw.word()}`;
    case 3:
      return `Größe ${draw.words(4)} – “${draw.words(2)}”`;
    default:
      return `${draw.words(draw.between(5, 40))}.`;
  }
}

const VALUES: readonly (readonly [kind: string, make: (draw: Draw) => string])[] = [
  ["user", (draw) => `usr_${draw.text(LOWER, 6)}`],
  ["host", () => "orders.acme.internal"],
  ["trace id", (draw) => draw.text(HEX, 32)],
  ["ULID", (draw) => `01HX${draw.text(CROCKFORD_ID, 22)}`],
  ["URL", (draw) => `https://orders.acme.com/${draw.word()}/${draw.below(100_000)}?page=${draw.below(20)}`],
  ["time", (draw) => `2026-03-19T14:${draw.between(10, 59)}:${draw.between(10, 59)}.${draw.digits(3)}Z`],
  [
    "user agent",
    () =>
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
  ],
  [
    "SQL",
    (draw) =>
      `SELECT ${draw.word()}, ${draw.word()} FROM ${draw.word()} WHERE ${draw.word()}_id = $1 ORDER BY ${draw.word()}`,
  ],
  [
    "JSON text",
    (draw) =>
      JSON.stringify({
        line: draw.below(9),
        sku: draw.text(LOWER, 8),
        name: draw.words(3),
        quantity: draw.below(9),
      }),
  ],
  ["stack frame", (draw) => `at ${draw.word()} (file:///app/${draw.word()}.js:${draw.below(900)}:7)`],
  ["short", (draw) => draw.pick(["200", "GET", "application/json", "0.1.0", "nodejs", "INFO"])],
  ["short, again", (draw) => draw.pick(["allowed", "EUR", "eu-central-1", "true", "2", "orders:create"])],
];
