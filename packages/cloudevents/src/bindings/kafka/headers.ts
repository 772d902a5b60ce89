/**
 * Kafka binding, section 3.2.3: one header an attribute, name and value in UTF-8.
 *
 *   name  = "ce_" attribute-name
 *   value = canonical string
 */
import { isBytes } from "../../event/data.ts";
import { remember } from "../../event/remember.ts";
import type { AttributeTexts } from "../binary-mode.ts";
import { type ContentType, readContentType } from "../content-mode.ts";
import {
  type AttributeFields,
  attributeRole,
  CONTENT_TYPE_ROLE,
  DATA_TYPE_ROLE,
  type HeaderField,
  type HeaderRole,
  type HeaderShape,
  headerError,
  OTHER_ROLE,
  requireValue,
  trimSpace,
  USUAL_ROLES,
} from "../header-fields.ts";
import { decodeBytes, isTimestampAt, putBytes } from "./joined-texts.ts";
import { findText, keepText } from "./recent-texts.ts";

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
  // Comparing with what is usual takes less time than looking a name up.
  switch (name) {
    case "ce_specversion":
      return USUAL_ROLES.specversion;
    case "ce_id":
      return USUAL_ROLES.id;
    case "ce_source":
      return USUAL_ROLES.source;
    case "ce_type":
      return USUAL_ROLES.type;
    case "ce_subject":
      return USUAL_ROLES.subject;
    case "ce_time":
      return USUAL_ROLES.time;
    case CONTENT_TYPE:
      return CONTENT_TYPE_ROLE;
    default:
      return roleOf(typeof name === "string" ? name : nameText(name));
  }
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

/** The attributes of a record, and its value's text if that was decoded with them. */
interface RecordTexts extends AttributeTexts {
  readonly body: string | undefined;
}

/**
 * The values of a record's attributes as text, each one right for its attribute; `undefined` for one that has none.
 *
 * @param value the record's, if its text is wanted as well
 * @throws CloudEventError `invalid_attribute` for a header with several values, bytes that are not UTF-8, or
 * text that breaks the attribute's rule
 */
export function recordTexts(
  fields: Readonly<AttributeFields<KafkaHeaderValue>>,
  value: Uint8Array | undefined,
): RecordTexts {
  const { otherRole } = fields;
  const specversion = repeatedText(USUAL_ROLES.specversion, fields.specversion);
  const source = repeatedText(USUAL_ROLES.source, fields.source);
  const type = repeatedText(USUAL_ROLES.type, fields.type);
  const more = fields.more?.map(checkedField);
  const id = single(fields.id, "id");
  const subject = single(fields.subject, "subject");
  const time = single(fields.time, "time");
  const schema = otherRole?.repeats ? repeatedText(otherRole, fields.other) : undefined;
  const other = otherRole === undefined ? undefined : single(fields.other, otherRole.attribute);
  // Only now, when nothing more can call back. Bytes that are new with each event are decoded together.
  const idEnd = putBytes(0, id);
  const subjectEnd = putBytes(idEnd, subject);
  const timeEnd = putBytes(subjectEnd, time);
  const end = schema === undefined ? putBytes(timeEnd, other) : timeEnd;
  const joined = decodeBytes(end, value);
  return {
    specversion,
    id: cutText(USUAL_ROLES.id, id, joined, 0, idEnd),
    source,
    type,
    subject: cutText(USUAL_ROLES.subject, subject, joined, idEnd, subjectEnd),
    time: cutTime(time, joined, subjectEnd, timeEnd),
    otherRole,
    other: schema ?? (otherRole && cutText(otherRole, other, joined, timeEnd, end)),
    more,
    body: joined !== undefined && joined.length > end ? joined.slice(end) : undefined,
  };
}

/** The text of a value whose bytes, if it is bytes, were decoded with others. */
function cutText(
  role: HeaderRole,
  value: KafkaText | undefined,
  joined: string | undefined,
  start: number,
  end: number,
): string | undefined {
  if (joined === undefined || start === end) return checkedText(role, value);
  const text = joined.slice(start, end);
  if (!role.takesPrintable) requireValue(role, text);
  return text;
}

function cutTime(
  value: KafkaText | undefined,
  joined: string | undefined,
  start: number,
  end: number,
): string | undefined {
  if (joined === undefined || !isTimestampAt(start, end)) return checkedText(USUAL_ROLES.time, value);
  return joined.slice(start, end);
}

/** The text of a value that is likely to have been there before. */
function repeatedText(role: HeaderRole, values: KafkaHeaderValue): string | undefined {
  const value = single(values, role.attribute);
  if (typeof value !== "object") return checkedText(role, value);
  return findText(role.attribute, value) ?? newText(role, value);
}

function newText(role: HeaderRole, value: Uint8Array): string | undefined {
  const text = checkedText(role, value);
  if (text !== undefined) keepText(role.attribute, value, text);
  return text;
}

function checkedField({ role, value }: HeaderField<KafkaHeaderValue>): HeaderField<string | undefined> {
  return { role, value: checkedText(role, single(value, role.attribute)) };
}

function checkedText(role: HeaderRole, value: KafkaText | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "object" ? decodeText(value, role.attribute) : value;
  requireValue(role, text);
  return text;
}

/**
 * The content type in a header.
 *
 * @throws CloudEventError `invalid_attribute`
 */
export function contentTypeOf(values: KafkaHeaderValue): ContentType | undefined {
  const text = contentTypeText(values);
  return text === "" ? undefined : readContentType(text);
}

/**
 * The content type of the data in a record in binary mode.
 *
 * @throws CloudEventError `invalid_attribute` when the two headers that may have it contradict each other
 */
export function dataTypeOf(
  contentType: ContentType | undefined,
  values: KafkaHeaderValue,
): ContentType | undefined {
  const text = contentTypeText(values);
  if (text === "") return contentType;
  if (contentType === undefined) return readContentType(text);
  if (isSameType(text, contentType.text)) return contentType;
  throw headerError("datacontenttype", `the same in ${DATA_TYPE} as in ${CONTENT_TYPE}`);
}

/** Whatever the case (RFC 2046, section 1), and the space around parameters. */
function isSameType(one: string, other: string): boolean {
  return one === other || normalizeType(one) === normalizeType(other);
}

function normalizeType(text: string): string {
  return text
    .split(";")
    .map((part) => trimSpace(part).toLowerCase())
    .join(";");
}

function contentTypeText(values: KafkaHeaderValue): string {
  return trimSpace(repeatedText(CONTENT_TYPE_ROLE, values) ?? "");
}

function decodeText(bytes: Uint8Array, attribute: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw headerError(attribute, "a header value in UTF-8", cause);
  }
}

/** The one value of a header; nearly always it is bytes. */
function single(values: KafkaHeaderValue, attribute: string): KafkaText | undefined {
  return values instanceof Uint8Array ? values : singleValue(values, attribute);
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
