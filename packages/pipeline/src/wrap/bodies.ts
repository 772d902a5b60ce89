/**
 * Which attributes hold a request or response body (semantics, section 3). OTel's conventions name some
 * (`http.request.body.content`, `db.query.parameter.<key>`), instrumentations others (`request.body`,
 * `graphql.variables`); they share the shape "whose body", whatever stands before.
 */
import { isDeeperThan, MAX_DEPTH } from "../depth.ts";
import { type AnyValue, KeyValues } from "../log-event.ts";

/** Words in front of `body` that say whose it is. */
const OWNERS: ReadonlySet<string> = new Set(["request", "response", "message", "req", "res", "reply"]);
const BODIES: ReadonlySet<string> = new Set(["body", "payload"]);
/** What describes a body without holding any of it; `content` may stand before one of them (`content_type`). */
const DESCRIPTIONS: ReadonlySet<string> = new Set([
  ..."size length bytes count type encoding format charset compression hash digest checksum".split(" "),
  ..."md5 sha1 sha256 truncated present uncompressed limit".split(" "),
]);
const PARAMETERS: ReadonlySet<string> = new Set(["parameter", "parameters", "params"]);
const PARAMETRISED: ReadonlySet<string> = new Set(["query", "operation", "statement"]);

const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g;
/** A name longer than this is not taken apart. */
const MAX_NAME = 512;

/** True when the attribute of that name holds a body or a part of one. */
export function holdsBody(name: string): boolean {
  if (!/body|payload|param|variables/i.test(name)) return false;
  const words =
    name
      .slice(0, MAX_NAME)
      .match(WORD)
      ?.map((word) => word.toLowerCase()) ?? [];
  return words.some((word, i) => {
    const before = words[i - 1] ?? "";
    if (BODIES.has(word) && OWNERS.has(before)) return !isDescription(words.slice(i + 1));
    if (word === "variables") return words.includes("graphql");
    return PARAMETERS.has(word) && PARAMETRISED.has(before) && words.includes("db");
  });
}

/** True when the words behind `body` say something about it: `size`, `content_type`. */
function isDescription(words: readonly string[]): boolean {
  return (
    DESCRIPTIONS.has(words.at(-1) ?? "") &&
    words.every((word) => DESCRIPTIONS.has(word) || word === "content")
  );
}

export interface Cleaned {
  readonly map: KeyValues;
  readonly leftOut: number;
}

/**
 * A map without the bodies in it, and how many they were. The map itself when there are none, and when it is
 * nested so deep, or within itself, that seal will refuse it.
 */
export function withoutBodies(name: string, map: KeyValues): Cleaned {
  return isDeeperThan(map, MAX_DEPTH) ? { map, leftOut: 0 } : cleaned(name, map);
}

function cleaned(name: string, map: KeyValues): Cleaned {
  let changed: KeyValues | undefined;
  let leftOut = 0;
  for (let i = 0; i < map.size; i++) {
    const key = map.keys[i] ?? "";
    const value = map.values[i] ?? null;
    const path = name === "" ? key : `${name.slice(-MAX_NAME)}.${key}`;
    let kept: AnyValue | undefined = value;
    if (holdsBody(path)) {
      kept = undefined;
      leftOut += 1;
    } else if (value instanceof KeyValues) {
      const inner = cleaned(path, value);
      leftOut += inner.leftOut;
      kept = inner.map;
    }
    if (kept !== value) changed ??= firstOf(map, i);
    if (kept !== undefined) changed?.add(key, kept);
  }
  return { map: changed ?? map, leftOut };
}

function firstOf(map: KeyValues, count: number): KeyValues {
  const first = new KeyValues();
  for (let i = 0; i < count; i++) first.add(map.keys[i] ?? "", map.values[i] ?? null);
  return first;
}
