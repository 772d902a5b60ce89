/** One rule for each attribute, whichever way an event comes in (spec, "Context Attributes"). */
import { isBase64 } from "./base64.ts";
import { type AttributeType, EXTENSION_TYPES } from "./extensions.ts";
import { parseMediaType } from "./media-type.ts";
import { isAttributeName, isText } from "./text.ts";
import { isTimestamp } from "./timestamp.ts";
import { isAbsoluteUri, isUriReference } from "./uri.ts";

const TEXT = "a String (no control characters, lone surrogates or noncharacters)";
const NAME = "a non-empty String (no control characters, lone surrogates or noncharacters)";
const URI_REFERENCE = "a non-empty URI-reference (RFC 3986, section 4.1)";
const URI = "an absolute URI (RFC 3986, section 4.3)";
const TIMESTAMP = "a timestamp (RFC 3339)";
const INTEGER = "an integer from -2147483648 to 2147483647";
const BOOLEAN = "true or false";
/** What a `datacontenttype` must be, in words. */
export const MEDIA_TYPE = "a media type (RFC 2046)";
const BINARY = "base64 text (RFC 4648, section 4)";
const POSITIVE = "an integer from 1 to 2147483647";
const NOT_NEGATIVE = "an integer from 0 to 2147483647";
const TRUE = "true, or no such attribute";
const LIST = "a non-empty String whose entries, between commas, have no spaces inside";

/** What an attribute name must be, in words. */
export const ATTRIBUTE_NAME = 'an attribute name: one or more of a-z and 0-9, not "data"';

/**
 * Checks an attribute's name.
 *
 * @returns `undefined` when an attribute can have that name, else what was expected
 */
export function checkAttributeName(name: string): string | undefined {
  return typeof name === "string" && isAttributeName(name) ? undefined : ATTRIBUTE_NAME;
}

/**
 * Checks an attribute (core or extension): that there can be one of that name, which `data` is not, and its value
 * against the type and the constraints. What a documented extension asks of several attributes together is not
 * checked.
 *
 * @returns `undefined` when an event can have this attribute with this value, else what was expected
 */
export function checkAttribute(name: string, value: unknown): string | undefined {
  switch (name) {
    case "specversion":
      return value === "1.0" ? undefined : '"1.0"';
    case "id":
    case "type":
    case "subject":
      return checkName(value);
    case "source":
      return checkUriReference(value);
    case "time":
      return checkTimestamp(value);
    case "datacontenttype":
      return checkMediaType(value);
    case "dataschema":
      return checkUri(value);
    default: {
      const rule = extensionRule(name);
      return rule.isDocumented ? rule.check(value) : (checkAttributeName(name) ?? rule.check(value));
    }
  }
}

/**
 * True for an attribute that takes every text of printable ASCII but the empty one: whoever knows that a text is
 * such need not call {@link checkAttribute}.
 */
export function takesPrintable(name: string): boolean {
  switch (name) {
    case "id":
    case "type":
    case "subject":
      return true;
    case "specversion":
    case "source":
    case "time":
    case "datacontenttype":
    case "dataschema":
      return false;
    default:
      return TEXT_CHECKS.has(extensionRule(name).check);
  }
}

/** Gives `undefined` when the value is right, else what was expected. */
type Check = (value: unknown) => string | undefined;

function checkString(value: unknown): string | undefined {
  return typeof value === "string" && isText(value) ? undefined : TEXT;
}

export function checkName(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && isText(value) ? undefined : NAME;
}

export function checkUriReference(value: unknown): string | undefined {
  return typeof value === "string" && isUriReference(value) ? undefined : URI_REFERENCE;
}

function checkUri(value: unknown): string | undefined {
  return typeof value === "string" && isAbsoluteUri(value) ? undefined : URI;
}

export function checkTimestamp(value: unknown): string | undefined {
  return typeof value === "string" && isTimestamp(value) ? undefined : TIMESTAMP;
}

function checkMediaType(value: unknown): string | undefined {
  return typeof value === "string" && parseMediaType(value) !== undefined ? undefined : MEDIA_TYPE;
}

function checkInteger(value: unknown): string | undefined {
  return integerOf(value) === undefined ? INTEGER : undefined;
}

/** NaN fails the comparison. */
function checkPositive(value: unknown): string | undefined {
  return (integerOf(value) ?? Number.NaN) > 0 ? undefined : POSITIVE;
}

function checkNotNegative(value: unknown): string | undefined {
  return (integerOf(value) ?? Number.NaN) >= 0 ? undefined : NOT_NEGATIVE;
}

function checkBoolean(value: unknown): string | undefined {
  return typeof value === "boolean" || value === "true" || value === "false" ? undefined : BOOLEAN;
}

function checkTrue(value: unknown): string | undefined {
  return value === true || value === "true" ? undefined : TRUE;
}

function checkBinary(value: unknown): string | undefined {
  return typeof value === "string" && isBase64(value) ? undefined : BINARY;
}

/** Spaces around an entry mean nothing (Data Classification, "dataregulation"). */
function checkList(value: unknown): string | undefined {
  return checkName(value) === undefined && !/[^ ,] +[^ ,]/.test(String(value)) ? undefined : LIST;
}

/** An extension that is not documented may be of any type. */
function checkUntyped(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return isText(value) ? undefined : TEXT;
    case "number":
      return isInteger(value) ? undefined : INTEGER;
    case "boolean":
      return undefined;
    default:
      return "a String, an integer of 32 bits or a Boolean";
  }
}

/** The checks that look at nothing but the characters. */
const TEXT_CHECKS: ReadonlySet<Check> = new Set([checkString, checkName, checkUntyped]);

/** What is known of an extension attribute. */
export interface ExtensionRule {
  readonly check: Check;
  readonly isDocumented: boolean;
  /** The canonical string of a value is not how it is held in memory: Integer and Boolean. */
  readonly hasNativeForm: boolean;
}

const TYPE_CHECKS: Readonly<Record<AttributeType, Check>> = {
  string: checkString,
  name: checkName,
  integer: checkInteger,
  boolean: checkBoolean,
  binary: checkBinary,
  uri: checkUri,
  "uri-reference": checkUriReference,
  timestamp: checkTimestamp,
};

/** What the documents ask of a value beyond its type. */
const CONSTRAINTS: ReadonlyMap<string, Check> = new Map([
  ["sampledrate", checkPositive],
  ["severitynumber", checkNotNegative],
  ["deprecated", checkTrue],
  ["dataregulation", checkList],
]);

const RULES: ReadonlyMap<string, ExtensionRule> = new Map(
  Array.from(EXTENSION_TYPES, ([name, type]) => [
    name,
    {
      check: CONSTRAINTS.get(name) ?? TYPE_CHECKS[type],
      isDocumented: true,
      hasNativeForm: type === "integer" || type === "boolean",
    },
  ]),
);

const UNDOCUMENTED: ExtensionRule = {
  check: checkUntyped,
  isDocumented: false,
  hasNativeForm: false,
};

const CORE_TYPES: ReadonlyMap<string, AttributeType> = new Map([
  ["specversion", "name"],
  ["id", "name"],
  ["type", "name"],
  ["subject", "name"],
  ["source", "uri-reference"],
  ["time", "timestamp"],
  ["datacontenttype", "name"],
  ["dataschema", "uri"],
]);

/** The type of an attribute; `undefined` for an extension that is not documented, which may have any. */
export function attributeType(name: string): AttributeType | undefined {
  return CORE_TYPES.get(name) ?? EXTENSION_TYPES.get(name);
}

/** The rule for an attribute that is not one of the core. */
export function extensionRule(name: string): ExtensionRule {
  return RULES.get(name) ?? UNDOCUMENTED;
}

/**
 * The in-memory value of an attribute whose value has passed {@link checkAttribute}: canonical strings of the
 * documented Integer and Boolean extensions become native values, everything else stays as it is.
 */
export function nativeValue(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  switch (EXTENSION_TYPES.get(name)) {
    case "integer":
      return parseInteger(value);
    case "boolean":
      return value === "true";
    default:
      return value;
  }
}

function isInteger(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}

/** The Integer in native form or as its canonical string; `undefined` when it is none. */
function integerOf(value: unknown): number | undefined {
  if (typeof value === "string") return parseInteger(value);
  return isInteger(value) ? value : undefined;
}

/** The canonical string of an Integer: the integer component of a JSON number with an optional minus sign. */
function parseInteger(text: string): number | undefined {
  if (!/^-?(?:0|[1-9][0-9]{0,9})$/.test(text)) return undefined;
  const value = Number(text);
  return isInteger(value) ? value : undefined;
}
