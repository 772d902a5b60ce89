import type { CloudEvent } from "../../event/event.ts";
import { requireEvent } from "../../event/inspect.ts";
import { writeEvent } from "../../formats/json/encode.ts";
import { type EncodeOptions, requireChoice, requireOptions } from "../../formats/json/options.ts";
import { EVENT_TYPE_IN_UTF8, SINGLE_MODES } from "../content-mode.ts";
import { encodePayload } from "../payload.ts";
import { CONTENT_TYPE, headerName } from "./headers.ts";
import { type KafkaKey, type KeyMapper, keyOf } from "./keys.ts";

/** How an event becomes a Kafka record. */
export interface KafkaEncodeOptions extends EncodeOptions {
  /** `structured` (default): the whole event is the value; `binary`: the attributes are headers, the data is the value. */
  readonly mode?: "structured" | "binary" | undefined;
  /** The record's key. It goes before {@link keyFrom}; without both the record has none. */
  readonly key?: KafkaKey | undefined;
  /** Where a key that is not given comes from: an attribute, or a function. The event is not changed. */
  readonly keyFrom?: KeyMapper | undefined;
  /** Adds the `ce_` headers of binary mode to a structured record (section 3.3.3). Default `false`. */
  readonly attributeHeaders?: boolean | undefined;
}

/** Key, value and headers of a record; text is to be sent as UTF-8. */
export interface KafkaRecord {
  readonly key: KafkaKey;
  /** `null`: no data in binary mode, which a compacted topic reads as a deletion of the key. */
  readonly value: string | Uint8Array | null;
  readonly headers: Record<string, string>;
}

const OPTIONS: ReadonlySet<string> = new Set([
  "integers",
  "mode",
  "key",
  "keyFrom",
  "attributeHeaders",
] satisfies (keyof KafkaEncodeOptions)[]);

/**
 * Encodes an event as a Kafka record. Kafka has no batched content mode: several events are several records.
 *
 * @throws CloudEventError when the event is not valid, or its data cannot be written
 */
export function encode(event: CloudEvent, options: KafkaEncodeOptions = {}): KafkaRecord {
  requireOptions(options, OPTIONS);
  requireChoice("mode", options.mode, SINGLE_MODES);
  const valid = requireEvent(event);
  const key = keyOf(valid, options.key, options.keyFrom);
  if (options.mode === "binary") {
    const { contentType, body } = encodePayload(valid, options);
    const headers: Record<string, string> = contentType === undefined ? {} : { [CONTENT_TYPE]: contentType };
    addAttributes(headers, valid);
    return { key, value: body ?? null, headers };
  }
  const headers: Record<string, string> = { [CONTENT_TYPE]: EVENT_TYPE_IN_UTF8 };
  if (options.attributeHeaders === true) addAttributes(headers, valid);
  return { key, value: writeEvent(valid, options), headers };
}

/** Each attribute as its canonical string, but the content type, which has a header of its own (section 3.2.1). */
function addAttributes(headers: Record<string, string>, event: CloudEvent): void {
  for (const name of Object.keys(event)) {
    if (name !== "data" && name !== "datacontenttype") headers[headerName(name)] = String(event[name]);
  }
}
