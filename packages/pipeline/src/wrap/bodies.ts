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
/** Both as one word: `requestbody`. */
const JOINED: ReadonlySet<string> = new Set(
  Array.from(OWNERS).flatMap((owner) => Array.from(BODIES, (body) => owner + body)),
);
/** What describes a body without holding any of it; `content` may stand before one of them (`content_type`). */
const DESCRIPTIONS: ReadonlySet<string> = new Set([
  ..."size length bytes count type encoding format charset compression hash digest checksum".split(" "),
  ..."md5 sha1 sha256 truncated present compressed uncompressed limit".split(" "),
]);
const PARAMETERS: ReadonlySet<string> = new Set(["parameter", "parameters", "params"]);
const PARAMETRISED: ReadonlySet<string> = new Set(["query", "operation", "statement"]);

const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g;
/** Of the path to a nested key, as many characters as are looked at. */
const MAX_PREFIX = 512;

/** True when the attribute of that name holds a body or a part of one. The name may be of any length. */
export function holdsBody(name: string): boolean {
  if (!/body|payload|param|variables/i.test(name)) return false;
  let count = 0;
  let before = "";
  let bodyAt = Number.POSITIVE_INFINITY;
  let lastOther = -1;
  let variables = false;
  let graphql = false;
  let parameters = false;
  let database = false;
  for (const [match] of name.matchAll(WORD)) {
    const word = match.toLowerCase();
    if (JOINED.has(word) || (BODIES.has(word) && OWNERS.has(before))) bodyAt = Math.min(bodyAt, count);
    if (!DESCRIPTIONS.has(word) && word !== "content") lastOther = count;
    variables ||= word === "variables";
    graphql ||= word === "graphql";
    parameters ||= PARAMETERS.has(word) && PARAMETRISED.has(before);
    database ||= word === "db";
    before = word;
    count += 1;
  }
  // What follows the body may say something about it and nothing else: `size`, `content_type`.
  const describes = DESCRIPTIONS.has(before) && lastOther <= bodyAt;
  return (bodyAt < count && !describes) || (variables && graphql) || (parameters && database);
}

export interface Cleaned {
  readonly value: AnyValue;
  readonly leftOut: number;
}

/**
 * A value without the bodies in its maps, and how many they were. The value itself when there are none, and
 * when it is nested so deep, or within itself, that seal will refuse it.
 */
export function withoutBodies(name: string, value: AnyValue): Cleaned {
  const isContainer = value instanceof KeyValues || Array.isArray(value);
  return !isContainer || isDeeperThan(value, MAX_DEPTH) ? { value, leftOut: 0 } : cleaned(name, value);
}

function cleaned(name: string, value: AnyValue): Cleaned {
  if (value instanceof KeyValues) return cleanedMap(name, value);
  return isList(value) ? cleanedList(name, value) : { value, leftOut: 0 };
}

function cleanedMap(name: string, map: KeyValues): Cleaned {
  let changed: KeyValues | undefined;
  let leftOut = 0;
  for (let i = 0; i < map.size; i++) {
    const key = map.keys[i] ?? "";
    const value = map.values[i] ?? null;
    const path = name === "" ? key : `${name.slice(-MAX_PREFIX)}.${key}`;
    let kept: AnyValue | undefined;
    if (holdsBody(path)) {
      leftOut += 1;
    } else {
      const inner = cleaned(path, value);
      leftOut += inner.leftOut;
      kept = inner.value;
    }
    if (kept !== value) changed ??= firstOf(map, i);
    if (kept !== undefined) changed?.add(key, kept);
  }
  return { value: changed ?? map, leftOut };
}

/** The items of a list have the list's name. */
function cleanedList(name: string, list: readonly AnyValue[]): Cleaned {
  let changed: AnyValue[] | undefined;
  let leftOut = 0;
  for (let i = 0; i < list.length; i++) {
    const item = list[i] ?? null;
    const inner = cleaned(name, item);
    leftOut += inner.leftOut;
    if (inner.value !== item) changed ??= list.slice(0, i);
    changed?.push(inner.value);
  }
  return { value: changed ?? list, leftOut };
}

function isList(value: AnyValue): value is readonly AnyValue[] {
  return Array.isArray(value);
}

function firstOf(map: KeyValues, count: number): KeyValues {
  const first = new KeyValues();
  for (let i = 0; i < count; i++) first.add(map.keys[i] ?? "", map.values[i] ?? null);
  return first;
}
