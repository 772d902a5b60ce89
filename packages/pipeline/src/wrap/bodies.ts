/**
 * Which attributes hold a request or response body (semantics, section 3). OTel's conventions name some
 * (`http.request.body.content`, `db.query.parameter.<key>`), instrumentations others (`request.body`,
 * `graphql.variables`); they share the shape "whose body", whatever stands before.
 */
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
const MENTION = /body|payload|param|variables/i;

/** What the words of a name have said so far; a nested key goes on where the name of its map ended. */
interface Reading {
  readonly count: number;
  /** The last word. */
  readonly before: string;
  /** Where the first body stands, and the last word that does not describe one. */
  readonly bodyAt: number;
  readonly lastOther: number;
  readonly variables: boolean;
  readonly graphql: boolean;
  readonly parameters: boolean;
  readonly database: boolean;
}

const NOTHING_READ: Reading = {
  count: 0,
  before: "",
  bodyAt: Number.POSITIVE_INFINITY,
  lastOther: -1,
  variables: false,
  graphql: false,
  parameters: false,
  database: false,
};

/** True when the attribute of that name holds a body or a part of one. The name may be of any length. */
export function holdsBody(name: string): boolean {
  return MENTION.test(name) && isBody(readOn(NOTHING_READ, name));
}

function readOn(from: Reading, text: string): Reading {
  let { count, before, bodyAt, lastOther, variables, graphql, parameters, database } = from;
  for (const [match] of text.matchAll(WORD)) {
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
  return { count, before, bodyAt, lastOther, variables, graphql, parameters, database };
}

function isBody(read: Reading): boolean {
  // What follows the body may say something about it and nothing else: `size`, `content_type`.
  const describes = DESCRIPTIONS.has(read.before) && read.lastOther <= read.bodyAt;
  if (read.bodyAt < read.count && !describes) return true;
  return (read.variables && read.graphql) || (read.parameters && read.database);
}

export interface Cleaned {
  readonly value: AnyValue;
  readonly leftOut: number;
}

/**
 * A value without the bodies in its maps, and how many they were. The value itself when there are none.
 *
 * @param value one that is not nested within itself
 */
export function withoutBodies(name: string, value: AnyValue): Cleaned {
  if (!(value instanceof KeyValues) && !isList(value)) return { value, leftOut: 0 };
  return cleaned(readOn(NOTHING_READ, name), value);
}

function cleaned(within: Reading, value: AnyValue): Cleaned {
  if (value instanceof KeyValues) return cleanedMap(within, value);
  return isList(value) ? cleanedList(within, value) : { value, leftOut: 0 };
}

function cleanedMap(within: Reading, map: KeyValues): Cleaned {
  let changed: KeyValues | undefined;
  let leftOut = 0;
  for (let i = 0; i < map.size; i++) {
    const value = map.values[i] ?? null;
    const path = readOn(within, map.keys[i] ?? "");
    let kept: AnyValue | undefined;
    if (isBody(path)) {
      leftOut += 1;
    } else {
      const inner = cleaned(path, value);
      leftOut += inner.leftOut;
      kept = inner.value;
    }
    if (kept !== value) changed ??= firstOf(map, i);
    if (kept !== undefined) changed?.add(map.keys[i] ?? "", kept);
  }
  return { value: changed ?? map, leftOut };
}

/** The items of a list have the list's name. */
function cleanedList(within: Reading, list: readonly AnyValue[]): Cleaned {
  let changed: AnyValue[] | undefined;
  let leftOut = 0;
  for (let i = 0; i < list.length; i++) {
    const item = list[i] ?? null;
    const inner = cleaned(within, item);
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
