import { CloudEventError } from "../../errors.ts";
import type { CloudEvent } from "../../event/event.ts";
import { decodeEventBody } from "../../formats/json/decode.ts";
import { type DecodeOptions, decodeSettings } from "../../formats/json/options.ts";
import { decodeBinary } from "../binary-mode.ts";
import { contentModeOf, unexpectedBatch } from "../content-mode.ts";
import { collectHeaders } from "../header-fields.ts";
import {
  contentTypeText,
  dataTypeText,
  headerRole,
  type KafkaHeaders,
  type KafkaHeaderValue,
  type KafkaText,
  valueTexts,
} from "./headers.ts";

/** What of a consumed record is read. The key is the record's, not the event's: it is not looked at. */
export interface KafkaRecordInit {
  /** `null` and `undefined` are a record without a value. Data that stays bytes is a view of it, no copy. */
  readonly value?: string | Uint8Array | ArrayBuffer | null | undefined;
  /** Absent headers are read as none. */
  readonly headers?: KafkaHeaders | null | undefined;
}

/**
 * Decodes the event that a Kafka record carries, in binary or structured mode.
 *
 * @throws CloudEventError for the first thing that is wrong
 */
export function decode(record: KafkaRecordInit, options?: DecodeOptions): CloudEvent {
  const settings = decodeSettings(options);
  if (typeof record !== "object" || record === null) {
    throw new CloudEventError("invalid_argument", "a record: an object with headers and a value");
  }
  const { value } = record;
  const fields = collectHeaders<KafkaText, KafkaHeaderValue>(record.headers ?? {}, headerRole);
  const contentType = contentTypeText(fields.contentType);
  switch (contentModeOf(contentType)) {
    case "structured":
      return decodeEventBody(value, settings);
    case "batch":
      // Section 1.3: the binding has no batched mode.
      throw unexpectedBatch();
    case "binary":
      return decodeBinary(
        {
          roles: fields.roles,
          texts: valueTexts(fields),
          contentType: dataTypeText(contentType, fields),
          body: value,
        },
        settings,
      );
  }
}
