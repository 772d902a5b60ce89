import { CloudEventError } from "../errors.ts";
import { isUtf8, type MediaType, parseMediaType } from "../event/media-type.ts";
import { remember } from "../event/remember.ts";

export const EVENT_TYPE = "application/cloudevents+json";
export const BATCH_TYPE = "application/cloudevents-batch+json";
/** As the examples of both bindings have it; JSON is in UTF-8 with or without it. */
export const EVENT_TYPE_IN_UTF8: string = `${EVENT_TYPE}; charset=UTF-8`;

/**
 * How a message carries what it carries (HTTP binding, section 3; Kafka binding, section 3); `unsupported`: a
 * CloudEvents type whose format or charset is not known here.
 */
export type ContentMode = "binary" | "structured" | "batch" | "unsupported";

/** The modes in which one event can be sent. */
export const SINGLE_MODES: readonly ContentMode[] = ["structured", "binary"];

/** A message's content type, and what it says. */
export interface ContentType {
  readonly text: string;
  readonly mode: ContentMode;
  /** `undefined` when the text is no media type. */
  readonly mediaType: MediaType | undefined;
}

/** Reads a content type that has no space around it. */
export const readContentType: (text: string) => ContentType = remember((text) => {
  const mediaType = parseMediaType(text);
  return { text, mode: contentModeOf(text, mediaType), mediaType };
});

function contentModeOf(text: string, mediaType: MediaType | undefined): ContentMode {
  if (!announcesEvent(text)) return "binary";
  if (mediaType !== undefined && isUtf8(mediaType.charset)) {
    if (mediaType.essence === EVENT_TYPE) return "structured";
    if (mediaType.essence === BATCH_TYPE) return "batch";
  }
  return "unsupported";
}

const PREFIX = "application/cloudevents";

/** True for what a receiver takes as the type of an event or a batch, known to it or not. */
export function announcesEvent(contentType: string): boolean {
  return contentType.length >= PREFIX.length && contentType.slice(0, PREFIX.length).toLowerCase() === PREFIX;
}

/** A message in a mode that cannot be read. */
export function unsupportedMediaType(): CloudEventError {
  return new CloudEventError("unsupported_media_type", `${EVENT_TYPE} or ${BATCH_TYPE} in UTF-8`);
}

/** What a single event was asked of. */
export function unexpectedBatch(): CloudEventError {
  return new CloudEventError("unexpected_batch", "one event; decodeBatch takes a batch");
}
