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
  CONTENT_TYPE_ROLE,
  DATA_TYPE_ROLE,
  type HeaderFields,
  type HeaderRole,
  type HeaderShape,
  headerError,
  OTHER_ROLE,
  requireValue,
  trimSpace,
} from "../header-fields.ts";
import { decodePrintable } from "./printable-texts.ts";
import { RecentTexts } from "./recent-texts.ts";

/** A header's name or value as a client hands it over. */
export type KafkaText = string | Uint8Array;
/** A header's value; clients that allow a header twice have an array. */
export type KafkaHeaderValue = KafkaText | readonly KafkaText[] | null | undefined;

/** Headers in any of the shapes that clients use: a `Map`, a list of pairs or of single headers, a plain object. */
export type KafkaHeaders = HeaderShape<KafkaText, KafkaHeaderValue>;

const PREFIX = "ce_";
export const CONTENT_TYPE = "content-type";
/** What some senders write beside the content type, since section 3.2.3 speaks of all attributes. */
const DATA_TYPE = "ce_datacontenttype";

/** The name of the header that carries an attribute. */
export const headerName: (attribute: string) => string = remember((attribute) => PREFIX + attribute);

/**
 * What a header is for. Kafka compares names with regard to case; only the content type, which comes from HTTP,
 * is found in any.
 */
export function headerRole(name: KafkaText): HeaderRole {
  return roleOf(typeof name === "string" ? name : nameText(name));
}

const roleOf = remember((name): HeaderRole => {
  if (name.toLowerCase() === CONTENT_TYPE) return CONTENT_TYPE_ROLE;
  if (name === DATA_TYPE) return DATA_TYPE_ROLE;
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
 * The values of a record's attributes as text, each one right for its attribute; `undefined` for one that has none.
 *
 * @throws CloudEventError `invalid_attribute` for a header with several values, bytes that are not UTF-8, or
 * text that breaks the attribute's rule
 */
export function valueTexts({ roles, values }: HeaderFields<KafkaHeaderValue>): (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  // Bytes that are new with each event are decoded together, for a call takes longer than its work.
  const places: number[] = [];
  const parts: Uint8Array[] = [];
  for (let i = 0; i < roles.length; i++) {
    const role = roles[i];
    if (role === undefined) continue;
    const value = singleValue(values[i], role.attribute);
    if (typeof value === "object" && !role.repeats) {
      places.push(i);
      parts.push(value);
      texts.push(undefined);
    } else {
      texts.push(value === undefined ? undefined : valueText(role, value));
    }
  }
  const joined = decodePrintable(parts);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    const place = places[i] ?? 0;
    const role = roles[place];
    if (part === undefined || role === undefined) continue;
    if (joined === undefined || part.length === 0) {
      texts[place] = valueText(role, part);
      continue;
    }
    const text = joined.slice(at, at + part.length);
    if (!role.takesPrintable) requireValue(role, text);
    texts[place] = text;
    at += part.length;
  }
  return texts;
}

function valueText(role: HeaderRole, value: KafkaText): string {
  const known = role.repeats && typeof value === "object" ? recent.find(role.attribute, value) : undefined;
  if (known !== undefined) return known;
  const text = typeof value === "object" ? decodeText(value, role.attribute) : value;
  requireValue(role, text);
  if (role.repeats && typeof value === "object") recent.keep(role.attribute, value, text);
  return text;
}

/**
 * The value of the content type's header as text.
 *
 * @throws CloudEventError `invalid_attribute`
 */
export function contentTypeText(values: KafkaHeaderValue): string | undefined {
  const value = singleValue(values, "datacontenttype");
  return value === undefined ? undefined : trimSpace(valueText(CONTENT_TYPE_ROLE, value)) || undefined;
}

/**
 * The content type of the data in a record in binary mode.
 *
 * @throws CloudEventError `invalid_attribute` when the two headers that may have it contradict each other
 */
export function dataTypeText(
  contentType: string | undefined,
  fields: HeaderFields<KafkaHeaderValue>,
): string | undefined {
  const dataType = contentTypeText(fields.dataType);
  if (dataType !== undefined && contentType !== undefined && dataType !== contentType) {
    throw headerError("datacontenttype", `the same in ${DATA_TYPE} as in ${CONTENT_TYPE}`);
  }
  return contentType ?? dataType;
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
