import type { CloudEvent } from "../../event/event.ts";
import { seal } from "../../event/own.ts";
import { decodeEventBody } from "../../formats/json/decode.ts";
import type { DecodeSettings } from "../../formats/json/options.ts";
import { readContentType } from "../content-mode.ts";
import { type HeaderRole, isIterable } from "../header-fields.ts";
import { decodePayload } from "../payload.ts";
import { CONTENT_TYPE, headerRole, type KafkaHeaders, type KafkaHeaderValue } from "./headers.ts";
import { decodeBytes, isTimestampAt, putBytes } from "./joined-texts.ts";
import { findText } from "./recent-texts.ts";

/** Those that each such record has. */
const USUAL_HEADERS = 7;

/**
 * Decodes a record as nearly all are, without anything in between: headers in bytes, in an object, for every usual
 * attribute and at most another one; types and the like that were there before; and JSON. Or a content type alone, and
 * the event in the value. The general way gives the same event, and takes up to a tenth longer.
 *
 * @returns `undefined` for any other record, right or wrong
 */
export function decodeUsual(
  headers: KafkaHeaders | null | undefined,
  value: unknown,
  settings: DecodeSettings,
): CloudEvent | undefined {
  if (typeof headers !== "object" || headers === null || isIterable(headers)) return undefined;
  if (!(value instanceof Uint8Array)) return undefined;
  if (value.length === 0 || value.length > settings.maxBytes) return undefined;
  let specversion: Uint8Array | undefined;
  let id: Uint8Array | undefined;
  let source: Uint8Array | undefined;
  let type: Uint8Array | undefined;
  let subject: Uint8Array | undefined;
  let time: Uint8Array | undefined;
  let contentType: Uint8Array | undefined;
  let otherRole: HeaderRole | undefined;
  let other: Uint8Array | undefined;
  const names = Object.keys(headers);
  let own = names.length;
  if (own === 1) {
    return names[0] === CONTENT_TYPE ? decodeStructured(headers[CONTENT_TYPE], value, settings) : undefined;
  }
  if (own < USUAL_HEADERS) return undefined;
  for (const name in headers) {
    if (own-- === 0) break;
    const field = headers[name];
    if (!(field instanceof Uint8Array)) return undefined;
    switch (name) {
      case "ce_specversion":
        specversion = field;
        break;
      case "ce_id":
        id = field;
        break;
      case "ce_source":
        source = field;
        break;
      case "ce_type":
        type = field;
        break;
      case "ce_subject":
        subject = field;
        break;
      case "ce_time":
        time = field;
        break;
      case "content-type":
        contentType = field;
        break;
      default: {
        const role = headerRole(name);
        if (role.kind === "other") break;
        if (role.kind !== "attribute" || otherRole !== undefined) return undefined;
        otherRole = role;
        other = field;
      }
    }
  }
  if (!specversion || !source || !type || !contentType || !id || !subject || !time) return undefined;
  const dataType = readContentType(findText("datacontenttype", contentType) ?? "");
  if (dataType.mode !== "binary" || dataType.mediaType?.kind !== "json") return undefined;
  // A literal with all of them, and stores by name, take a fraction of the time of others.
  const event: Record<string, unknown> = {
    specversion: findText("specversion", specversion),
    id: "",
    source: findText("source", source),
    type: findText("type", type),
    time: "",
    subject: "",
    datacontenttype: dataType.text,
  };
  if (!event["specversion"] || !event["source"] || !event["type"]) return undefined;
  // Only now, when nothing more can call back.
  const idEnd = putBytes(0, id);
  const subjectEnd = putBytes(idEnd, subject);
  const timeEnd = putBytes(subjectEnd, time);
  const end = otherRole?.takesPrintable ? putBytes(timeEnd, other) : timeEnd;
  const joined = decodeBytes(end, value);
  if (joined === undefined || !isTimestampAt(subjectEnd, timeEnd)) return undefined;
  if (idEnd === 0 || subjectEnd === idEnd) return undefined;
  event["id"] = joined.slice(0, idEnd);
  event["subject"] = joined.slice(idEnd, subjectEnd);
  event["time"] = joined.slice(subjectEnd, timeEnd);
  if (otherRole !== undefined && other !== undefined) {
    const text =
      end > timeEnd ? joined.slice(timeEnd, end) : otherRole.repeats && findText(otherRole.attribute, other);
    if (!text) return undefined;
    if (otherRole.attribute === "traceparent") event["traceparent"] = text;
    else event[otherRole.attribute] = text;
  }
  event["data"] = decodePayload(joined.length > end ? joined.slice(end) : value, dataType, settings);
  return seal(event);
}

/** A record in structured mode has one header, and the value is the event. */
function decodeStructured(
  contentType: KafkaHeaderValue,
  value: Uint8Array,
  settings: DecodeSettings,
): CloudEvent | undefined {
  if (!(contentType instanceof Uint8Array)) return undefined;
  const { mode } = readContentType(findText("datacontenttype", contentType) ?? "");
  return mode === "structured" ? decodeEventBody(value, settings) : undefined;
}
