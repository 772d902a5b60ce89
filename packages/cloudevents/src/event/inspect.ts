import { CloudEventError } from "../errors.ts";
import { ATTRIBUTE_NAME, checkAttribute, extensionRule, nativeValue } from "./attributes.ts";
import { requireJsonOrBytes, requireTextOrBytes } from "./data.ts";
import type { CloudEvent } from "./event.ts";
import { type DataKind, parseMediaType } from "./media-type.ts";
import { isAttributeName } from "./text.ts";

/** An object that may become an event. */
export type Candidate = Readonly<Record<string, unknown>>;

/** What {@link inspect} found that is legal and yet no attribute of the finished event. */
export const UNSET = 1;
/** A documented Integer or Boolean extension stands as its canonical string. */
export const CANONICAL = 2;
/** The JSON format's member `data_base64` is there. */
export const BASE64 = 4;
/** Data is there, `null` included. */
export const DATA = 8;

/** An event has 8 core attributes; four documented extensions together have fewer than 32. */
const MAX_ATTRIBUTES = 256;
const REQUIRED = ["specversion", "id", "source", "type"] as const;

/**
 * The one validation that every event passes: all names, all values, what is required, and that data under a
 * media type other than JSON is text or bytes. One pass; this is the hot path of every decoder.
 *
 * @param textsChecked the texts have been checked before; whether they are there, and are texts, is still seen to
 * @returns which of the flags above hold
 * @throws CloudEventError for the first thing that is wrong
 */
export function inspect(candidate: Candidate, textsChecked = false): number {
  let flags = 0;
  let required = 0;
  let count = 0;
  let kind: DataKind = "json";
  for (const name in candidate) {
    const value = candidate[name];
    if (name === "data") {
      if (value !== undefined) flags |= DATA;
      continue;
    }
    if (value === null || value === undefined) {
      flags |= UNSET;
      if (name !== "data_base64") requireName(name);
      continue;
    }
    const isKnown = textsChecked && typeof value === "string" && value !== "";
    let expected: string | undefined;
    switch (name) {
      case "specversion":
      case "id":
      case "source":
      case "type":
        required++;
        if (!isKnown) expected = checkAttribute(name, value);
        break;
      case "time":
      case "subject":
      case "dataschema":
        if (!isKnown) expected = checkAttribute(name, value);
        break;
      case "datacontenttype":
        if (value === "application/json") break;
        expected = checkAttribute(name, value);
        if (typeof value === "string") kind = parseMediaType(value)?.kind ?? kind;
        break;
      case "data_base64":
        flags |= BASE64;
        break;
      default: {
        const rule = extensionRule(name);
        if (!rule.isDocumented) requireName(name);
        if (rule.hasNativeForm && typeof value === "string") flags |= CANONICAL;
        else if (isKnown) break;
        expected = rule.check(value);
      }
    }
    if (expected !== undefined) throw new CloudEventError("invalid_attribute", expected, { attribute: name });
    requireCount(++count);
  }
  if (required < REQUIRED.length) throw missing(candidate);
  if (kind !== "json" && (flags & DATA) !== 0) requireTextOrBytes(candidate["data"]);
  return flags;
}

/** @throws CloudEventError `limit_exceeded` for more attributes than an event may have */
export function requireCount(count: number): void {
  if (count > MAX_ATTRIBUTES) {
    throw new CloudEventError("limit_exceeded", `at most ${MAX_ATTRIBUTES} attributes`);
  }
}

/** @throws CloudEventError `invalid_attribute_name` */
function requireName(name: string): void {
  if (!isAttributeName(name)) {
    throw new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute: name });
  }
}

/** The fault of an object that lacks a required attribute. */
export function missing(candidate: Candidate): CloudEventError {
  const attribute = REQUIRED.find((name) => (candidate[name] ?? undefined) === undefined);
  return new CloudEventError("missing_attribute", "a value, because the attribute is required", {
    attribute,
  });
}

/** A copy of an inspected object in which unset attributes are left out and values are native; order is kept. */
export function copyNative(candidate: Candidate): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(candidate)) {
    const value = candidate[name];
    if (value === undefined || (value === null && name !== "data")) continue;
    copy[name] = nativeValue(name, value);
  }
  return copy;
}

/** True for what can hold attributes: an object that is no array. */
export function isCandidate(value: unknown): value is Candidate {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Validates what is to be encoded: types do not keep a literal from being wrong. An event that this package made
 * is frozen, and its texts are what they were when they were checked; so the texts of what is frozen are not
 * looked at again. What somebody else froze may have wrong ones: they reach the wire escaped, like all texts.
 *
 * @returns the event itself when it is one as it stands, else a copy with native values only
 * @throws CloudEventError for the first thing that is wrong
 */
export function requireEvent(value: unknown): Candidate {
  if (!isCandidate(value)) throw new CloudEventError("invalid_argument", "an event");
  const flags = inspect(value, Object.isFrozen(value));
  if ((flags & DATA) !== 0) requireJsonOrBytes(value["data"]);
  if ((flags & BASE64) !== 0) requireName("data_base64");
  return (flags & (UNSET | CANONICAL)) === 0 ? value : copyNative(value);
}

/** Makes an event of an object that {@link inspect} has passed without flags; the object itself is frozen. */
export function seal<T>(inspected: Candidate): CloudEvent<T> {
  // The attributes are what inspect checked; T is the caller's own type of the data that is in there.
  return Object.freeze(inspected) as CloudEvent<T>;
}

/**
 * Makes an event of an object that a constructor or a binding has filled: validates, makes values native, freezes.
 *
 * @throws CloudEventError for the first thing that is wrong
 */
export function finish<T>(candidate: Candidate): CloudEvent<T> {
  const flags = inspect(candidate);
  if ((flags & DATA) !== 0) requireJsonOrBytes(candidate["data"]);
  return seal((flags & CANONICAL) === 0 ? candidate : copyNative(candidate));
}
