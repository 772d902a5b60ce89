/**
 * What can be wrong with an event or a message. The union is closed; a code never changes its meaning.
 *
 * - `missing_attribute`: a required attribute is absent
 * - `invalid_attribute`: an attribute's value breaks its type or constraint, or it is there twice
 * - `invalid_attribute_name`: a name that no attribute can have
 * - `invalid_data`: the data cannot be read or written as its media type says
 * - `invalid_format`: the message is not what its media type says: no UTF-8, no JSON, no object
 * - `unsupported_media_type`: a CloudEvents media type of a format that is not known here
 * - `not_a_cloudevent`: neither a CloudEvents media type nor CloudEvents headers
 * - `unexpected_batch`: a batch where one event was asked for
 * - `limit_exceeded`: larger, deeper or more than the limits allow
 * - `invalid_argument`: the caller asked for what the specification does not have
 */
export type CloudEventErrorCode =
  | "missing_attribute"
  | "invalid_attribute"
  | "invalid_attribute_name"
  | "invalid_data"
  | "invalid_format"
  | "unsupported_media_type"
  | "not_a_cloudevent"
  | "unexpected_batch"
  | "limit_exceeded"
  | "invalid_argument";

/** Where the fault is, besides the code. */
export interface CloudEventErrorDetail {
  readonly attribute?: string | undefined;
  readonly index?: number | undefined;
  readonly cause?: unknown;
}

/** A name from hostile input may have any length; a message shows this much of it. */
const MAX_SHOWN = 64;

/**
 * The one error of this package. Its message names the place and what was expected there, never the value:
 * it may be logged.
 */
export class CloudEventError extends Error {
  override readonly name = "CloudEventError";
  readonly code: CloudEventErrorCode;
  /** The attribute at fault (`data` for the payload); `undefined` when the fault lies in the whole message. */
  readonly attribute: string | undefined;
  /** What would have been right, in words that complete "expected ...". */
  readonly expected: string;
  /** The place in the batch, counted from 0; `undefined` outside a batch. */
  readonly index: number | undefined;

  constructor(code: CloudEventErrorCode, expected: string, detail: CloudEventErrorDetail = {}) {
    const attribute = detail.attribute?.slice(0, MAX_SHOWN);
    super(
      messageOf(expected, attribute, detail.index),
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.code = code;
    this.attribute = attribute;
    this.expected = expected;
    this.index = detail.index;
  }
}

/** The same fault, with its place in a batch. */
export function atIndex(error: CloudEventError, index: number): CloudEventError {
  const { code, expected, attribute, cause } = error;
  return new CloudEventError(code, expected, { attribute, index, cause });
}

function messageOf(expected: string, attribute: string | undefined, index: number | undefined): string {
  const place = index === undefined ? "" : `event ${index}: `;
  // JSON quoting keeps control characters of a hostile name out of logs.
  const subject = attribute === undefined ? "" : `${JSON.stringify(attribute)}: `;
  return `${place}${subject}expected ${expected}`;
}
