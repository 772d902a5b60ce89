import { CloudEventError } from "../../errors.ts";
import { isBytes } from "../../event/data.ts";
import type { CloudEvent } from "../../event/event.ts";
import { decodeEventBody } from "../../formats/json/decode.ts";
import { type DecodeOptions, type DecodeSettings, decodeSettings } from "../../formats/json/options.ts";
import { decodeBinary } from "../binary-mode.ts";
import { type ContentType, unexpectedBatch, unsupportedMediaType } from "../content-mode.ts";
import { collectHeaders } from "../header-fields.ts";
import {
  contentTypeOf,
  dataTypeOf,
  headerRole,
  type KafkaHeaders,
  type KafkaHeaderValue,
  type KafkaText,
  recordTexts,
} from "./headers.ts";
import { decodeUsual } from "./usual-record.ts";

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
  const { headers, value } = record;
  const usual = decodeUsual(headers, value, settings);
  if (usual !== undefined) return usual;
  const fields = collectHeaders<KafkaText, KafkaHeaderValue>(headers ?? {}, headerRole);
  const contentType = contentTypeOf(fields.contentType);
  switch (contentType?.mode ?? "binary") {
    case "structured":
      return decodeEventBody(value, settings);
    case "batch":
      // Section 1.3: the binding has no batched mode.
      throw unexpectedBatch();
    case "unsupported":
      throw unsupportedMediaType();
    case "binary": {
      const dataType = dataTypeOf(contentType, fields.dataType);
      const texts = recordTexts(fields, isJsonBytes(value, dataType, settings) ? value : undefined);
      return decodeBinary(texts, dataType, texts.body ?? value, settings);
    }
  }
}

/** True for bytes whose text is wanted: those that are JSON, and not none or too many. */
function isJsonBytes(
  value: unknown,
  dataType: ContentType | undefined,
  settings: DecodeSettings,
): value is Uint8Array {
  if (dataType?.mediaType?.kind !== "json" || !isBytes(value)) return false;
  return value.length > 0 && value.length <= settings.maxBytes;
}
