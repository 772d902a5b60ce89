import type { BinaryExtension, DocumentedExtensions, TimestampExtension } from "./extensions.ts";

/**
 * The value of an extension attribute in memory. The other types of the CloudEvents type system (Binary, URI,
 * URI-reference, Timestamp) are held as their canonical strings, which loses nothing.
 */
export type AttributeValue = string | number | boolean;

/**
 * One CloudEvent 1.0: a plain, shallowly frozen object whose own properties are its attributes, so that
 * `JSON.stringify(event)` is its JSON format (except when `data` is bytes).
 *
 * @typeParam T the type of `data`
 */
export interface CloudEvent<T = unknown> extends Readonly<DocumentedExtensions> {
  readonly specversion: "1.0";
  /** Identifies the event within its source; not empty. */
  readonly id: string;
  /** Where it happened: a URI-reference, not empty. */
  readonly source: string;
  /** What happened; not empty, should begin with a reversed DNS name. */
  readonly type: string;
  /** When it happened: an RFC 3339 timestamp, kept as the string that was given. */
  readonly time?: string;
  /** What it is about, within the source; not empty. */
  readonly subject?: string;
  /** The media type of `data` (RFC 2046); absent beside data that is not bytes it means `application/json`. */
  readonly datacontenttype?: string;
  /** The schema of `data`: an absolute URI. */
  readonly dataschema?: string;
  /**
   * The payload: any JSON value when the media type is JSON, else text, or bytes (`Uint8Array`) of any media
   * type. An absent property is no payload; `null` is a payload.
   */
  readonly data?: T;
  /** An extension attribute without a documented type: an {@link AttributeValue}. */
  readonly [extension: string]: unknown;
}

/**
 * An event that has data for certain, since it was created with it. Of what was decoded, only a look at `data` can
 * say so.
 */
export interface CloudEventWithData<T = unknown> extends CloudEvent<T> {
  readonly data: T;
}

/** What {@link createEvent} takes; `undefined` is as if the property were absent, `null` leaves an attribute unset. */
export interface CloudEventInit<T = unknown> extends ExtensionsInit {
  readonly specversion?: "1.0" | undefined;
  /** Default: a new ULID. */
  readonly id?: string | undefined;
  readonly source: string;
  readonly type: string;
  /** Default: now. A `Date` becomes a timestamp with milliseconds; `null` leaves the attribute unset. */
  readonly time?: string | Date | null | undefined;
  readonly subject?: string | null | undefined;
  readonly datacontenttype?: string | null | undefined;
  readonly dataschema?: string | null | undefined;
  readonly data?: T;
  /**
   * An extension attribute: a string, a 32-bit integer or a boolean; a `Date` becomes its timestamp and a
   * `Uint8Array` its base64 text, except where a documented extension is of another type.
   */
  readonly [extension: string]: unknown;
}

/** What {@link withAttributes} changes; `undefined` and `null` (except for `data`) remove an attribute. */
export type CloudEventChanges<T = unknown> = Partial<CloudEventInit<T>>;

type ExtensionsInit = {
  readonly [Name in keyof DocumentedExtensions]?:
    | DocumentedExtensions[Name]
    | (Name extends TimestampExtension ? Date : Name extends BinaryExtension ? Uint8Array : never)
    | null
    | undefined;
};
