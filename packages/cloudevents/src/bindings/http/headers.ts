/**
 * HTTP binding, section 3.1.3: one header an attribute.
 *
 *   name  = "ce-" attribute-name
 *   value = percent-encoded( canonical string )
 */
import { afterQuoted, unquote } from "../../event/media-type.ts";
import { remember } from "../../event/remember.ts";
import type { AttributeTexts } from "../binary-mode.ts";
import {
  type AttributeFields,
  attributeRole,
  CONTENT_TYPE_ROLE,
  ENCODING_ROLE,
  type HeaderRole,
  type HeaderShape,
  headerError,
  LENGTH_ROLE,
  OTHER_ROLE,
  requireValue,
  trimSpace,
  USUAL_ROLES,
} from "../header-fields.ts";

/** A header's value, as Node's `IncomingHttpHeaders` has it. */
export type HttpHeaderValue = string | readonly string[] | undefined;

/**
 * Headers in any of the shapes that servers and clients use, names in any case: Fetch `Headers`, a `Map`, a list
 * of pairs, Node's `IncomingHttpHeaders`, a plain object.
 */
export type HttpHeaders = HeaderShape<string, HttpHeaderValue>;

const PREFIX = "ce-";
export const CONTENT_TYPE = "content-type";

/** The name of the header that carries an attribute. */
export const headerName: (attribute: string) => string = remember((attribute) => PREFIX + attribute);

/** What a header is for; HTTP compares names without regard to case. */
export function headerRole(name: string): HeaderRole {
  // A caller without types may have other names in its pairs.
  return typeof name === "string" ? roleOf(name) : OTHER_ROLE;
}

const roleOf = remember((name): HeaderRole => {
  const lower = name.toLowerCase();
  switch (lower) {
    case CONTENT_TYPE:
      return CONTENT_TYPE_ROLE;
    case "content-length":
      return LENGTH_ROLE;
    case "transfer-encoding":
      return ENCODING_ROLE;
    default:
      return lower.startsWith(PREFIX) ? attributeRole(lower.slice(PREFIX.length)) : OTHER_ROLE;
  }
});

/** Space, double quote, percent, and everything outside printable ASCII. */
const MUST_ENCODE = /[^\x21\x23\x24\x26-\x7e]+/gu;

/** Percent-encodes an attribute value (section 3.1.3.2). */
export function encodeHeaderValue(value: string): string {
  return isPlain(value) ? value : value.replace(MUST_ENCODE, encodeURIComponent);
}

/**
 * The values of a message's attributes, each one right for its attribute; `undefined` for one that has none.
 *
 * @throws CloudEventError `invalid_attribute`
 */
export function attributeTexts(fields: Readonly<AttributeFields<HttpHeaderValue>>): AttributeTexts {
  return {
    specversion: valueText(USUAL_ROLES.specversion, fields.specversion),
    id: valueText(USUAL_ROLES.id, fields.id),
    source: valueText(USUAL_ROLES.source, fields.source),
    type: valueText(USUAL_ROLES.type, fields.type),
    subject: valueText(USUAL_ROLES.subject, fields.subject),
    time: valueText(USUAL_ROLES.time, fields.time),
    otherRole: fields.otherRole,
    other: fields.otherRole === undefined ? undefined : valueText(fields.otherRole, fields.other),
    more: fields.more?.map(({ role, value }) => ({ role, value: valueText(role, value) })),
  };
}

function valueText(role: HeaderRole, values: HttpHeaderValue): string | undefined {
  const value = singleValue(values, role.attribute);
  if (value === undefined) return undefined;
  if (value !== "" && isPlain(value)) {
    if (!role.takesPrintable) requireValue(role, value);
    return value;
  }
  const text = decodeHeaderValue(value, role.attribute);
  requireValue(role, text);
  return text;
}

/**
 * Reads a header value: takes off quotes that older senders may have put around it, then percent-decodes once.
 *
 * @throws CloudEventError `invalid_attribute` when it is not ASCII, or its octets are not UTF-8
 */
function decodeHeaderValue(value: string, attribute: string): string {
  const trimmed = trimSpace(value);
  if (!/^[\t\x20-\x7e]*$/.test(trimmed)) {
    throw headerError(attribute, "a header value in printable ASCII, percent-encoded");
  }
  if (trimmed.startsWith('"') && afterQuoted(trimmed, 0) !== trimmed.length) {
    throw headerError(attribute, "a closed quoted-string");
  }
  try {
    // It does what the section asks: it refuses overlong forms, surrogates and a lone percent sign.
    return decodeURIComponent(unquote(trimmed));
  } catch (cause) {
    throw headerError(attribute, "percent-encoded UTF-8 (HTTP binding, section 3.1.3.2)", cause);
  }
}

/** True when a value means itself, on the wire and in memory. */
function isPlain(value: string): boolean {
  return !UNUSUAL.test(value);
}

const UNUSUAL = /[^\x21\x23\x24\x26-\x7e]/;

/**
 * The one value of a header: an attribute can be there only once (spec, "Context Attributes").
 *
 * @throws CloudEventError `invalid_attribute`
 */
export function singleValue(values: HttpHeaderValue, attribute: string): string | undefined {
  if (typeof values === "string" || values === undefined) return values;
  if (!Array.isArray(values) || values.length > 1) throw headerError(attribute, "one header, in text");
  const value: unknown = values[0];
  if (value !== undefined && typeof value !== "string") throw headerError(attribute, "a header in text");
  return value;
}
