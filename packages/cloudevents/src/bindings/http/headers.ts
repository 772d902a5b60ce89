/**
 * HTTP binding, section 3.1.3: one header an attribute.
 *
 *   name  = "ce-" attribute-name
 *   value = percent-encoded( canonical string )
 */
import { CloudEventError } from "../../errors.ts";
import { ATTRIBUTE_NAME } from "../../event/attributes.ts";
import { afterQuoted, unquote } from "../../event/media-type.ts";
import { remember } from "../../event/remember.ts";
import { isAttributeName } from "../../event/text.ts";

/** A header's value, as Node's `IncomingHttpHeaders` has it. */
export type HttpHeaderValue = string | readonly string[] | undefined;

/** Headers in any of the shapes that servers and clients use; names in any case. */
export type HttpHeaders =
  /** Fetch `Headers`, a `Map`, or a list of pairs. */
  | Iterable<readonly [string, HttpHeaderValue]>
  /** Node's `IncomingHttpHeaders`, or a plain object. */
  | { readonly [name: string]: HttpHeaderValue };

const PREFIX = "ce-";
export const CONTENT_TYPE = "content-type";

/** The name of the header that carries an attribute. */
export const headerName: (attribute: string) => string = remember((attribute) => PREFIX + attribute);

/**
 * What a header is for: `content-type`, the name of the attribute it carries, or `""` for any other.
 *
 * @throws CloudEventError `invalid_attribute_name`
 */
export const headerRole: (name: string) => string = remember((name) => findRole(name.toLowerCase()));

function findRole(name: string): string {
  if (name === CONTENT_TYPE) return CONTENT_TYPE;
  if (!name.startsWith(PREFIX)) return "";
  const attribute = name.slice(PREFIX.length);
  if (!isAttributeName(attribute)) {
    throw new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute });
  }
  // Section 3.1.1: the content type stands in its own header and nowhere else.
  if (attribute === "datacontenttype") throw headerError(attribute, "no header beside Content-Type");
  return attribute;
}

/** Space, double quote, percent, and everything outside printable ASCII. */
const MUST_ENCODE = /[^\x21\x23\x24\x26-\x7e]+/gu;

/** Percent-encodes an attribute value (section 3.1.3.2). */
export function encodeHeaderValue(value: string): string {
  return isPlain(value) ? value : value.replace(MUST_ENCODE, encodeURIComponent);
}

/**
 * Reads a header value: takes off quotes that older senders may have put around it, then percent-decodes once.
 *
 * @throws CloudEventError `invalid_attribute` when it is not ASCII, or its octets are not UTF-8
 */
export function decodeHeaderValue(value: string, attribute: string): string {
  if (isPlain(value)) return value;
  const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, "");
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
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x21 || unit > 0x7e || unit === 0x22 || unit === 0x25) return false;
  }
  return true;
}

/** A fault in the header of an attribute. */
export function headerError(attribute: string, expected: string, cause?: unknown): CloudEventError {
  return new CloudEventError("invalid_attribute", expected, { attribute, cause });
}
