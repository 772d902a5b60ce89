/** The headers that matter, found in one pass whatever shape they come in; the same for every binding. */
import { CloudEventError } from "../errors.ts";
import { checkAttribute, takesPrintable } from "../event/attributes.ts";
import { isAttributeName } from "../event/text.ts";

/** What a header is for. */
export interface HeaderRole {
  /** `refused`: it has the prefix of an attribute, and the rest is the name of none that a header may carry. */
  readonly kind: "attribute" | "refused" | "content-type" | "other";
  /** The attribute's name. */
  readonly attribute: string;
  /** Few different values are to be expected. */
  readonly repeats: boolean;
  /** The value is right when it is printable ASCII, and not empty. */
  readonly takesPrintable: boolean;
}

/** What is not ours. */
export const OTHER_ROLE: HeaderRole = {
  kind: "other",
  attribute: "",
  repeats: false,
  takesPrintable: false,
};

export const CONTENT_TYPE_ROLE: HeaderRole = {
  kind: "content-type",
  attribute: "datacontenttype",
  repeats: true,
  takesPrintable: false,
};

/** The role of a header whose name, without its prefix, is this. */
export function attributeRole(attribute: string): HeaderRole {
  const repeats = ["specversion", "type", "source", "dataschema"].includes(attribute);
  // The content type has a header of its own (HTTP binding, section 3.1.1; Kafka binding, section 3.2.1).
  const isCarried = isAttributeName(attribute) && attribute !== "datacontenttype";
  const kind = isCarried ? "attribute" : "refused";
  return { kind, attribute, repeats, takesPrintable: takesPrintable(attribute) };
}

/**
 * Checks a header's value against the rule of its attribute.
 *
 * @throws CloudEventError `invalid_attribute`
 */
export function requireValue(role: HeaderRole, text: string): void {
  if (role.kind !== "attribute") return;
  const expected = checkAttribute(role.attribute, text);
  if (expected !== undefined) throw headerError(role.attribute, expected);
}

/** The headers of one message; `values[i]` belongs to `roles[i]`, an attribute valid or not. */
export interface HeaderFields<V> {
  contentType: V | undefined;
  readonly roles: HeaderRole[];
  readonly values: V[];
}

/** Pairs (`Headers`, a `Map`, a list) or a record. */
export type HeaderShape<N, V> = Iterable<readonly [N, V]> | { readonly [name: string]: V };

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
  const fields: HeaderFields<V> = { contentType: undefined, roles: [], values: [] };
  if (isIterable(headers)) {
    for (const pair of headers) {
      if (!Array.isArray(pair)) throw notHeaders();
      add(fields, roleOf(pair[0]), pair[1]);
    }
  } else {
    addRecord(fields, headers, roleOf);
  }
  return fields;
}

function addRecord<V>(
  fields: HeaderFields<V>,
  headers: { readonly [name: string]: V },
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

function isIterable<N, V>(headers: HeaderShape<N, V>): headers is Iterable<readonly [N, V]> {
  return Symbol.iterator in headers;
}

function add<V>(fields: HeaderFields<V>, role: HeaderRole, value: V): void {
  if (role.kind === "other") return;
  if (role.kind !== "content-type") {
    fields.roles.push(role);
    fields.values.push(value);
  } else if (value !== undefined) {
    if (fields.contentType !== undefined) throw headerError("datacontenttype", "one header, not several");
    fields.contentType = value;
  }
}

/** A fault in the header of an attribute. */
export function headerError(attribute: string, expected: string, cause?: unknown): CloudEventError {
  return new CloudEventError("invalid_attribute", expected, { attribute, cause });
}
