import { CloudEventError } from "../errors.ts";
import { isUtf8, parseMediaType } from "../event/media-type.ts";

export const EVENT_TYPE = "application/cloudevents+json";
export const BATCH_TYPE = "application/cloudevents-batch+json";
/** What is sent; both bindings' examples name the charset. */
export const EVENT_CONTENT_TYPE: string = `${EVENT_TYPE}; charset=UTF-8`;
export const BATCH_CONTENT_TYPE: string = `${BATCH_TYPE}; charset=UTF-8`;

/** How a message carries what it carries (HTTP binding, section 3; Kafka binding, section 3). */
export type ContentMode = "binary" | "structured" | "batch";

const PREFIX = "application/cloudevents";

/**
 * The content mode that a content type announces.
 *
 * @throws CloudEventError `unsupported_media_type`: a CloudEvents type whose format or charset is not known here
 */
export function contentModeOf(contentType: string | undefined): ContentMode {
  if (contentType === undefined || contentType.length < PREFIX.length) return "binary";
  if (contentType === EVENT_CONTENT_TYPE || contentType === EVENT_TYPE) return "structured";
  if (contentType.slice(0, PREFIX.length).toLowerCase() !== PREFIX) return "binary";
  const mediaType = parseMediaType(contentType);
  if (mediaType !== undefined && isUtf8(mediaType.charset)) {
    if (mediaType.essence === EVENT_TYPE) return "structured";
    if (mediaType.essence === BATCH_TYPE) return "batch";
  }
  throw new CloudEventError("unsupported_media_type", `${EVENT_TYPE} or ${BATCH_TYPE} in UTF-8`);
}

/** What a single event was asked of. */
export function unexpectedBatch(): CloudEventError {
  return new CloudEventError("unexpected_batch", "one event; decodeBatch takes a batch");
}
