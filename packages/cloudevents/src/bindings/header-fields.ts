/** The headers that matter, found in one pass whatever shape they come in; the same for every binding. */
import { CloudEventError } from "../errors.ts";
import { checkAttribute, takesPrintable } from "../event/attributes.ts";
import { isAttributeName } from "../event/text.ts";

/** What a header is for. */
export interface HeaderRole {
  /**
   * An attribute that nearly every event has, by its name; `attribute`: any other one. `refused`: it has the prefix
   * of an attribute, and the rest is the name of none that a header may carry. `data-type`: the content type of the
   * data, beside the message's own. `length`, `encoding`: a body follows.
   */
  readonly kind:
    | UsualAttribute
    | "attribute"
    | "refused"
    | "content-type"
    | "data-type"
    | "length"
    | "encoding"
    | "other";
  /** The attribute's name. */
  readonly attribute: string;
  /** Few different values are to be expected. */
  readonly repeats: boolean;
  /** The value is right when it is printable ASCII, and not empty. */
  readonly takesPrintable: boolean;
}

const USUAL_ATTRIBUTES = ["specversion", "id", "source", "type", "subject", "time"] as const;
export type UsualAttribute = (typeof USUAL_ATTRIBUTES)[number];

function roleWithoutAttribute(kind: HeaderRole["kind"]): HeaderRole {
  return { kind, attribute: "", repeats: false, takesPrintable: false };
}

/** What is not ours. */
export const OTHER_ROLE: HeaderRole = roleWithoutAttribute("other");
export const LENGTH_ROLE: HeaderRole = roleWithoutAttribute("length");
export const ENCODING_ROLE: HeaderRole = roleWithoutAttribute("encoding");

export const CONTENT_TYPE_ROLE: HeaderRole = {
  kind: "content-type",
  attribute: "datacontenttype",
  repeats: true,
  takesPrintable: false,
};
export const DATA_TYPE_ROLE: HeaderRole = { ...CONTENT_TYPE_ROLE, kind: "data-type" };

/** The role of a header whose name, without its prefix, is this. */
export function attributeRole(attribute: string): HeaderRole {
  const repeats = ["specversion", "type", "source", "dataschema"].includes(attribute);
  // The content type has a header of its own (HTTP binding, section 3.1.1; Kafka binding, section 3.2.1).
  const isCarried = isAttributeName(attribute) && attribute !== "datacontenttype";
  const usual = USUAL_ATTRIBUTES.find((name) => name === attribute);
  const kind = isCarried ? (usual ?? "attribute") : "refused";
  return { kind, attribute, repeats, takesPrintable: takesPrintable(attribute) };
}

/** The roles of the attributes that nearly every event has. */
export const USUAL_ROLES: Readonly<Record<UsualAttribute, HeaderRole>> = {
  specversion: attributeRole("specversion"),
  id: attributeRole("id"),
  source: attributeRole("source"),
  type: attributeRole("type"),
  subject: attributeRole("subject"),
  time: attributeRole("time"),
};

/**
 * Checks a header's value against the rule of its attribute. The content type's is a matter of the content mode.
 *
 * @throws CloudEventError `invalid_attribute`
 */
export function requireValue(role: HeaderRole, text: string): void {
  if (role.kind === "refused" || role.kind === "content-type") return;
  const expected = checkAttribute(role.attribute, text);
  if (expected !== undefined) throw headerError(role.attribute, expected);
}

/** A header of an attribute. */
export interface HeaderField<V> {
  readonly role: HeaderRole;
  readonly value: V;
}

/**
 * The headers of one message that are attributes, or look like it. One place for each usual attribute and one for
 * another, which is what most events have: most of what a list costs is its memory.
 */
export interface AttributeFields<V> {
  specversion: V | undefined;
  id: V | undefined;
  source: V | undefined;
  type: V | undefined;
  subject: V | undefined;
  time: V | undefined;
  /** What the first other one is. */
  otherRole: HeaderRole | undefined;
  other: V | undefined;
  /** The rest, and every usual one that was there before. */
  more: HeaderField<V>[] | undefined;
}

/** The headers of one message, an attribute valid or not. */
export interface HeaderFields<V> extends AttributeFields<V> {
  contentType: V | undefined;
  dataType: V | undefined;
  /** The size of the body that the headers speak of; -1: there may be one of any size. */
  announcedBytes: number;
}

/** A record of names and values. */
interface HeaderRecord<V> {
  readonly [name: string]: V;
  readonly [Symbol.iterator]?: undefined;
}

/** Pairs (`Headers`, a `Map`, a list), a record, or a list of records that have one header each. */
export type HeaderShape<N, V> = Iterable<readonly [N, V] | HeaderRecord<V>> | HeaderRecord<V>;

/**
 * Sorts headers by their role.
 *
 * @throws CloudEventError `invalid_argument` for what has no headers, `invalid_attribute` for two content types
 */
export function collectHeaders<N, V>(
  headers: HeaderShape<N, V>,
  roleOf: (name: N | string) => HeaderRole,
): HeaderFields<V> {
  if (typeof headers !== "object" || headers === null) {
    throw notHeaders();
  }
  const fields: HeaderFields<V> = {
    specversion: undefined,
    id: undefined,
    source: undefined,
    type: undefined,
    subject: undefined,
    time: undefined,
    otherRole: undefined,
    other: undefined,
    more: undefined,
    contentType: undefined,
    dataType: undefined,
    announcedBytes: 0,
  };
  if (isIterable(headers)) {
    for (const header of headers) {
      if (isPair(header)) add(fields, roleOf(header[0]), header[1]);
      else if (isSingle(header)) addRecord(fields, header, roleOf);
      else throw notHeaders();
    }
  } else {
    addRecord(fields, headers, roleOf);
  }
  return fields;
}

function addRecord<V>(
  fields: HeaderFields<V>,
  headers: HeaderRecord<V>,
  roleOf: (name: string) => HeaderRole,
): void {
  let own = Object.keys(headers).length;
  // The engine is much faster here than with a list of names. Own properties come first, in the same order.
  for (const name in headers) {
    if (own-- === 0) return;
    const value = headers[name];
    if (value !== undefined) add(fields, roleOf(name), value);
  }
}

function notHeaders(): CloudEventError {
  return new CloudEventError("invalid_argument", "headers: an object, a Map or a list of pairs");
}

/** Whether they come as a list, of pairs or of records; else they are a record. */
export function isIterable<N, V>(
  headers: HeaderShape<N, V>,
): headers is Iterable<readonly [N, V] | HeaderRecord<V>> {
  // Asking with "in" takes several times as long.
  return headers[Symbol.iterator] !== undefined;
}

/** Array.isArray does not narrow to a readonly pair. */
function isPair<N, V>(header: readonly [N, V] | HeaderRecord<V>): header is readonly [N, V] {
  return Array.isArray(header);
}

function isSingle(header: unknown): boolean {
  return typeof header === "object" && header !== null && Object.keys(header).length === 1;
}

function add<V>(fields: HeaderFields<V>, role: HeaderRole, value: V): void {
  switch (role.kind) {
    case "specversion":
      if (fields.specversion !== undefined) break;
      fields.specversion = value;
      return;
    case "id":
      if (fields.id !== undefined) break;
      fields.id = value;
      return;
    case "source":
      if (fields.source !== undefined) break;
      fields.source = value;
      return;
    case "type":
      if (fields.type !== undefined) break;
      fields.type = value;
      return;
    case "subject":
      if (fields.subject !== undefined) break;
      fields.subject = value;
      return;
    case "time":
      if (fields.time !== undefined) break;
      fields.time = value;
      return;
    case "attribute":
    case "refused":
      if (fields.otherRole !== undefined) break;
      fields.otherRole = role;
      fields.other = value;
      return;
    case "content-type":
      if (value !== undefined) fields.contentType = onlyOne(fields.contentType, value);
      return;
    case "data-type":
      if (value !== undefined) fields.dataType = onlyOne(fields.dataType, value);
      return;
    case "length":
      if (typeof value === "string" && Number(value) > 0) fields.announcedBytes = Number(value);
      return;
    case "encoding":
      if (value !== undefined) fields.announcedBytes = -1;
      return;
    case "other":
      return;
  }
  fields.more ??= [];
  fields.more.push({ role, value });
}

/** An attribute can be there only once (spec, "Context Attributes"). */
function onlyOne<V>(before: V | undefined, value: V): V {
  if (before !== undefined) throw headerError("datacontenttype", "one header, not several");
  return value;
}

/** Without the spaces and tabs around it (RFC 9110, section 5.5), in linear time, which an expression would not take. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return end - start === text.length ? text : text.slice(start, end);
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x09;
}

/** A fault in the header of an attribute. */
export function headerError(attribute: string, expected: string, cause?: unknown): CloudEventError {
  return new CloudEventError("invalid_attribute", expected, { attribute, cause });
}
