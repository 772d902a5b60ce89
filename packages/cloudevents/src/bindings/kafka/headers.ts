/**
 * Kafka binding, section 3.2.3: one header an attribute, name and value in UTF-8.
 *
 *   name  = "ce_" attribute-name
 *   value = canonical string
 */
import { CloudEventError } from "../../errors.ts";
import { ATTRIBUTE_NAME } from "../../event/attributes.ts";
import { isBytes } from "../../event/data.ts";
import { remember } from "../../event/remember.ts";
import { isAttributeName } from "../../event/text.ts";

/** A header's name or value as a client hands it over. */
export type KafkaText = string | Uint8Array;
/** A header's value; clients that allow a header twice have an array. */
export type KafkaHeaderValue = KafkaText | readonly KafkaText[] | null | undefined;

/** Headers in any of the shapes that clients use. */
export type KafkaHeaders =
  /** A `Map`, or a list of pairs. */
  | Iterable<readonly [KafkaText, KafkaHeaderValue]>
  /** A plain object. */
  | { readonly [name: string]: KafkaHeaderValue };

const PREFIX = "ce_";
export const CONTENT_TYPE = "content-type";

/** The name of the header that carries an attribute. */
export const headerName: (attribute: string) => string = remember((attribute) => PREFIX + attribute);

/**
 * What a header is for: `content-type`, the name of the attribute it carries, or `""` for any other. Kafka
 * compares names with regard to case; only the content type, which comes from HTTP, is found in any.
 *
 * @throws CloudEventError `invalid_attribute_name`
 */
export const headerRole: (name: string) => string = remember((name) => {
  if (name.toLowerCase() === CONTENT_TYPE) return CONTENT_TYPE;
  if (!name.startsWith(PREFIX)) return "";
  const attribute = name.slice(PREFIX.length);
  if (!isAttributeName(attribute)) {
    throw new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute });
  }
  // Section 3.2.1: the content type stands in its own header and nowhere else.
  if (attribute === "datacontenttype") throw headerError(attribute, "no header beside content-type");
  return attribute;
});

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A header's name as text; one that is not UTF-8 is none of ours. */
export function nameText(name: KafkaText): string {
  if (typeof name === "string") return name;
  try {
    return utf8.decode(name);
  } catch {
    return "";
  }
}

/**
 * The one value of an attribute's header, as text; `undefined` when there is none.
 *
 * @throws CloudEventError `invalid_attribute` when there are several, or the bytes are not UTF-8
 */
export function valueText(values: KafkaHeaderValue, attribute: string): string | undefined {
  const value = isList(values) ? values[0] : values;
  if (isList(values) && values.length > 1) throw headerError(attribute, "one header, not several");
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return undefined;
  if (!isBytes(value)) throw headerError(attribute, "a header value in bytes or text");
  try {
    return utf8.decode(value);
  } catch (cause) {
    throw headerError(attribute, "a header value in UTF-8", cause);
  }
}

/** Array.isArray does not narrow to a readonly array. */
function isList(values: KafkaHeaderValue): values is readonly KafkaText[] {
  return Array.isArray(values);
}

/** A fault in the header of an attribute. */
export function headerError(attribute: string, expected: string, cause?: unknown): CloudEventError {
  return new CloudEventError("invalid_attribute", expected, { attribute, cause });
}
