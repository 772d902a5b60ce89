/** One rule for each attribute, whichever way an event comes in (spec, "Context Attributes"). */
import { isBase64 } from "./base64.ts";
import { type AttributeType, EXTENSION_TYPES } from "./extensions.ts";
import { parseMediaType } from "./media-type.ts";
import { isAttributeName, isText } from "./text.ts";
import { isTimestamp } from "./timestamp.ts";
import { isAbsoluteUri, isUriReference } from "./uri.ts";

const TEXT = "a String (no control characters, lone surrogates or noncharacters)";
const NAME = "a non-empty String (no control characters, lone surrogates or noncharacters)";
const SOURCE = "a non-empty URI-reference (RFC 3986, section 4.1)";
const URI = "an absolute URI (RFC 3986, section 4.3)";
const TIMESTAMP = "a timestamp (RFC 3339)";
const INTEGER = "an integer from -2147483648 to 2147483647";
const BOOLEAN = "true or false";

/** What an attribute name must be, in words. */
export const ATTRIBUTE_NAME = 'an attribute name: one or more of a-z and 0-9, not "data"';

/**
 * Checks an attribute's name.
 *
 * @returns `undefined` when an attribute can have that name, else what was expected
 */
export function checkAttributeName(name: string): string | undefined {
  return isAttributeName(name) ? undefined : ATTRIBUTE_NAME;
}

/**
 * Checks the value of the attribute of that name (core or extension) against its type and constraints. The
 * name itself is the business of {@link checkAttributeName}.
 *
 * @returns `undefined` when the value is right, else what was expected
 */
export function checkAttribute(name: string, value: unknown): string | undefined {
  switch (name) {
    case "specversion":
      return value === "1.0" ? undefined : '"1.0"';
    case "id":
    case "type":
    case "subject":
      return typeof value === "string" && value !== "" && isText(value) ? undefined : NAME;
    case "source":
      return typeof value === "string" && isUriReference(value) ? undefined : SOURCE;
    case "time":
      return typeof value === "string" && isTimestamp(value) ? undefined : TIMESTAMP;
    case "datacontenttype":
      return typeof value === "string" && parseMediaType(value) !== undefined
        ? undefined
        : "a media type (RFC 2046)";
    case "dataschema":
      return typeof value === "string" && isAbsoluteUri(value) ? undefined : URI;
    default:
      return checkExtension(EXTENSION_TYPES.get(name), value);
  }
}

/** `type` is `undefined` for an extension that is not documented: it may be of any type. */
function checkExtension(type: AttributeType | undefined, value: unknown): string | undefined {
  switch (type) {
    case undefined:
      return checkUntyped(value);
    case "string":
      return typeof value === "string" && isText(value) ? undefined : TEXT;
    case "name":
      return typeof value === "string" && value !== "" && isText(value) ? undefined : NAME;
    case "integer":
      return isInteger(value) || (typeof value === "string" && parseInteger(value) !== undefined)
        ? undefined
        : INTEGER;
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false" ? undefined : BOOLEAN;
    case "timestamp":
      return typeof value === "string" && isTimestamp(value) ? undefined : TIMESTAMP;
    case "uri":
      return typeof value === "string" && isAbsoluteUri(value) ? undefined : URI;
    case "uri-reference":
      return typeof value === "string" && isUriReference(value) ? undefined : SOURCE;
    case "binary":
      return typeof value === "string" && isBase64(value) ? undefined : "base64 text (RFC 4648, section 4)";
  }
}

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

function isInteger(value: unknown): boolean {
  return typeof value === "number" && (value | 0) === value;
}

/** The canonical string of an Integer: the integer component of a JSON number with an optional minus sign. */
function parseInteger(text: string): number | undefined {
  if (!/^-?(?:0|[1-9][0-9]{0,9})$/.test(text)) return undefined;
  const value = Number(text);
  return isInteger(value) ? value : undefined;
}
