/**
 * What an error of validation repeats of a member that it names: `{"loc": ["body", "password"], "input": "x"}` of pydantic,
 * `{"path": "token", "value": "x"}` of Sequelize, `{"property": "token", "value": "x"}` of class-validator,
 * `{"instancePath": "/password", "data": "x"}` of Ajv.
 */
import { holdsSecretPair, isValueKey, type SecretNames } from "./pairs.ts";

const LOCATION = "loc";
const PATH = "path";
const POINTER = "instancepath";
const PLACES: ReadonlySet<string> = new Set([LOCATION, PATH, POINTER, "property"]);
const REPEATED: ReadonlySet<string> = new Set(["input", "value", "data", "originalvalue"]);
const LONGEST_PLACE = POINTER.length;

const NAME = /^[\w.-]{1,64}$/;
/** RFC 6901 */
const POINTED = /^(?:\/[^/]{0,64}){0,16}\/([\w.-]{1,64})$/;
const LONGEST_POINTER = 256;

/** True for a key under which the place of a member stands. */
export function isPlaceKey(key: string): boolean {
  return key.length <= LONGEST_PLACE && PLACES.has(key.toLowerCase());
}

/** True for a key under which what stood there is repeated. */
export function isRepeatedKey(key: string): boolean {
  return REPEATED.has(key.toLowerCase());
}

/** True when the place under the key is a secret's: its name, the last text of a list, or a pointer to it. */
export function placesSecret(names: SecretNames, key: string, place: unknown): boolean {
  const last: unknown = Array.isArray(place) ? lastText(place) : place;
  if (typeof last !== "string" || last.length > LONGEST_POINTER) return false;
  const name = key.toLowerCase() === POINTER ? (POINTED.exec(last)?.[1] ?? "") : last;
  return NAME.test(name) && names.isSecretName(name);
}

/** Of a list, however long, no more is looked at: behind a name stand the places in lists below it. */
const MAX_BEHIND = 8;

function lastText(list: readonly unknown[]): string | undefined {
  for (let at = list.length - 1; at >= 0 && at >= list.length - MAX_BEHIND; at--) {
    const part = list[at];
    if (typeof part === "string") return part;
  }
  return undefined;
}

const NEVER = (): boolean => false;

/** Which members of a map are secrets by what others of it name. */
export function secretMembers(
  names: SecretNames,
  keys: readonly string[],
  values: readonly unknown[],
): (key: string, value: unknown) => boolean {
  const isPair = holdsSecretPair(names, keys, values);
  const isRepeated =
    keys.some(isRepeatedKey) && keys.some((key, i) => isPlaceKey(key) && placesSecret(names, key, values[i]));
  if (!isPair && !isRepeated) return NEVER;
  return (key, value) =>
    (isPair && isValueKey(key)) || (isRepeated && typeof value === "string" && isRepeatedKey(key));
}
