/**
 * Kafka binding, section 3.2.3: one header an attribute, name and value in UTF-8.
 *
 *   name  = "ce_" attribute-name
 *   value = canonical string
 */
import { isBytes } from "../../event/data.ts";
import { remember } from "../../event/remember.ts";
import {
  attributeRole,
  type HeaderFields,
  type HeaderRole,
  type HeaderShape,
  headerError,
  OTHER_ROLE,
} from "../header-fields.ts";
import { RecentTexts } from "./recent-texts.ts";

/** A header's name or value as a client hands it over. */
export type KafkaText = string | Uint8Array;
/** A header's value; clients that allow a header twice have an array. */
export type KafkaHeaderValue = KafkaText | readonly KafkaText[] | null | undefined;

/** Headers in any of the shapes that clients use: a `Map`, a list of pairs, a plain object. */
export type KafkaHeaders = HeaderShape<KafkaText, KafkaHeaderValue>;

const PREFIX = "ce_";
export const CONTENT_TYPE = "content-type";

/** The name of the header that carries an attribute. */
export const headerName: (attribute: string) => string = remember((attribute) => PREFIX + attribute);

const CONTENT_TYPE_ROLE: HeaderRole = { kind: "content-type", attribute: "datacontenttype", repeats: true };

/**
 * What a header is for. Kafka compares names with regard to case; only the content type, which comes from HTTP,
 * is found in any.
 */
export function headerRole(name: KafkaText): HeaderRole {
  return roleOf(typeof name === "string" ? name : nameText(name));
}

const roleOf = remember((name): HeaderRole => {
  if (name.toLowerCase() === CONTENT_TYPE) return CONTENT_TYPE_ROLE;
  return name.startsWith(PREFIX) ? attributeRole(name.slice(PREFIX.length)) : OTHER_ROLE;
});

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A header's name as text; one that is not UTF-8 is none of ours. */
function nameText(name: Uint8Array): string {
  try {
    return utf8.decode(name);
  } catch {
    // A caller without types may have names that are not even bytes.
    return "";
  }
}

const recent = new RecentTexts();

/**
 * The values of a record's attributes as text; `undefined` for one that has none.
 *
 * @throws CloudEventError `invalid_attribute` for a header with several values, or bytes that are not UTF-8
 */
export function valueTexts({ roles, values }: HeaderFields<KafkaHeaderValue>): (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  for (let i = 0; i < roles.length; i++) {
    const role = roles[i];
    if (role !== undefined) texts.push(textOf(singleValue(values[i], role.attribute), role));
  }
  return texts;
}

/**
 * The value of the content type's header as text.
 *
 * @throws CloudEventError `invalid_attribute`
 */
export function contentTypeText(values: KafkaHeaderValue): string | undefined {
  return textOf(singleValue(values, "datacontenttype"), CONTENT_TYPE_ROLE)?.trim() || undefined;
}

function textOf(value: KafkaText | undefined, role: HeaderRole): string | undefined {
  if (typeof value !== "object") return value;
  const known = role.repeats ? recent.find(value) : undefined;
  if (known !== undefined) return known;
  const text = decodeText(value, role.attribute);
  if (role.repeats) recent.keep(value, text);
  return text;
}

function decodeText(bytes: Uint8Array, attribute: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw headerError(attribute, "a header value in UTF-8", cause);
  }
}

/** An attribute can be there only once (spec, "Context Attributes"). */
function singleValue(values: KafkaHeaderValue, attribute: string): KafkaText | undefined {
  if (typeof values === "string") return values;
  if (values === undefined || values === null) return undefined;
  if (isBytes(values)) return values;
  if (!Array.isArray(values) || values.length > 1) {
    throw headerError(attribute, "one header, in bytes or text");
  }
  const value: unknown = values[0];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" && !isBytes(value)) throw headerError(attribute, "bytes or text");
  return value;
}
