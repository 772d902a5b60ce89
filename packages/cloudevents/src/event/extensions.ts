/** The extensions documented beside the CloudEvents specification (`cloudevents/extensions`), with their types. */
export interface DocumentedExtensions {
  /** Distributed tracing: W3C `traceparent`. */
  traceparent?: string;
  /** Distributed tracing: W3C `tracestate`. */
  tracestate?: string;
  /** Partitioning. */
  partitionkey?: string;
  /** Sequence: lexicographically ordered. */
  sequence?: string;
  severitytext?: string;
  /** Not negative. */
  severitynumber?: number;
  /** Recorded time: RFC 3339. */
  recordedtime?: string;
  /** Expiry time: RFC 3339. */
  expirytime?: string;
  /** Sampling: one event stands for this many, itself included; at least 1. */
  sampledrate?: number;
  authtype?: string;
  authid?: string;
  authclaims?: string;
  correlationid?: string;
  causationid?: string;
  dataclassification?: string;
  /** A list between commas; no entry has a space inside. */
  dataregulation?: string;
  datacategory?: string;
  /** Data reference (claim check): a URI-reference. */
  dataref?: string;
  /** `true`, or not there. */
  deprecated?: true;
  /** RFC 3339. */
  deprecationfrom?: string;
  /** RFC 3339. */
  deprecationsunset?: string;
  /** An absolute URI. */
  deprecationmigration?: string;
  bamtxid?: string;
  bampid?: string;
  bamptxid?: string;
  bamptxsid?: string;
  bamptxsstatus?: string;
  bamptxcompleted?: boolean;
  opcuametadatamajorversion?: number;
  opcuametadataminorversion?: number;
  opcuastatus?: number;
  /** Verifiability: base64. */
  dssematerial?: string;
}

/** The extensions that are a Timestamp, and can be given as a `Date`. */
export type TimestampExtension = "recordedtime" | "expirytime" | "deprecationfrom" | "deprecationsunset";
/** The extension that is a Binary, and can be given as bytes. */
export type BinaryExtension = "dssematerial";

/** A type of the CloudEvents type system; `name` is a String that must not be empty. */
export type AttributeType =
  | "string"
  | "name"
  | "integer"
  | "boolean"
  | "binary"
  | "uri"
  | "uri-reference"
  | "timestamp";

/**
 * The types behind {@link DocumentedExtensions}. Without them, an Integer that came through a header would be
 * a number on one way and a string on the other.
 */
const TYPES = {
  traceparent: "name",
  tracestate: "string",
  partitionkey: "name",
  sequence: "name",
  severitytext: "name",
  severitynumber: "integer",
  recordedtime: "timestamp",
  expirytime: "timestamp",
  sampledrate: "integer",
  authtype: "string",
  authid: "string",
  authclaims: "string",
  correlationid: "name",
  causationid: "name",
  dataclassification: "string",
  dataregulation: "name",
  datacategory: "name",
  dataref: "uri-reference",
  deprecated: "boolean",
  deprecationfrom: "timestamp",
  deprecationsunset: "timestamp",
  deprecationmigration: "uri",
  bamtxid: "name",
  bampid: "name",
  bamptxid: "name",
  bamptxsid: "name",
  bamptxsstatus: "name",
  bamptxcompleted: "boolean",
  opcuametadatamajorversion: "integer",
  opcuametadataminorversion: "integer",
  opcuastatus: "integer",
  dssematerial: "binary",
} as const satisfies {
  readonly [Name in keyof DocumentedExtensions]-?: Name extends TimestampExtension
    ? "timestamp"
    : Name extends BinaryExtension
      ? "binary"
      : Exclude<AttributeType, "timestamp" | "binary">;
};

/** The documented type of an extension attribute. */
export const EXTENSION_TYPES: ReadonlyMap<string, AttributeType> = new Map(Object.entries(TYPES));
