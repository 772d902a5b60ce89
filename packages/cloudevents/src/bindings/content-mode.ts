import { CloudEventError } from "../errors.ts";
import { isUtf8, parseMediaType } from "../event/media-type.ts";

export const EVENT_TYPE = "application/cloudevents+json";
export const BATCH_TYPE = "application/cloudevents-batch+json";
/** As the examples of both bindings have it; JSON is in UTF-8 with or without it. */
export const EVENT_TYPE_IN_UTF8: string = `${EVENT_TYPE}; charset=UTF-8`;

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
  if (contentType === EVENT_TYPE || contentType === EVENT_TYPE_IN_UTF8) return "structured";
  if (!announcesEvent(contentType)) return "binary";
  const mediaType = parseMediaType(contentType);
  if (mediaType !== undefined && isUtf8(mediaType.charset)) {
    if (mediaType.essence === EVENT_TYPE) return "structured";
    if (mediaType.essence === BATCH_TYPE) return "batch";
  }
  throw new CloudEventError("unsupported_media_type", `${EVENT_TYPE} or ${BATCH_TYPE} in UTF-8`);
}

/** True for what a receiver takes as the type of an event or a batch, known to it or not. */
export function announcesEvent(contentType: string): boolean {
  return contentType.length >= PREFIX.length && contentType.slice(0, PREFIX.length).toLowerCase() === PREFIX;
}

/** What a single event was asked of. */
export function unexpectedBatch(): CloudEventError {
  return new CloudEventError("unexpected_batch", "one event; decodeBatch takes a batch");
}
