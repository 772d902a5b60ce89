/**
 * The last stage: envelopes become finished JSON events (CloudEvents JSON event format) in one buffer.
 *
 * Many events are built as one text, appended to and never put together from parts: the engine copies such a
 * text once, when it is written. Where attributes stand is noted in characters, which are bytes as long as a
 * text is ASCII.
 */
import { batchHeadBytes, type EncodedBatch, ORDERED, writeBatchHeader } from "../batch.ts";
import { OtlpTooLargeError } from "../contracts.ts";
import type { Draft } from "../draft.ts";
import type { Envelope } from "../envelope.ts";
import { isPlain, numberText, quote, valueText } from "./json-text.ts";
import { type KeyText, KeyTexts } from "./key-texts.ts";
import { type EventPlaces, type EventTexts, startPlaces, writeEvents } from "./places.ts";
import { recordText } from "./record.ts";

/** A batch this large comes from a request that was made to grow; the store's own limit is reached long before. */
const MAX_BATCH_BYTES = 268_435_456;
/** Characters of a text of many events: enough to write seldom, little enough to stay in the cache. */
const TEXT_LENGTH = 65_536;

const HEAD = '{"specversion":"1.0","type":"';
const SUBJECT = '","subject":"';
const ID = '","id":"';
const TIME = '","time":"';
const CONTENT_TYPE = '","datacontenttype":"application/json"';

/** @throws OtlpTooLargeError when the events of a request come to more than 256 MiB */
export function checkBatchSize(bytes: number): void {
  if (bytes <= MAX_BATCH_BYTES) return;
  throw new OtlpTooLargeError(`the events of the request come to more than ${MAX_BATCH_BYTES} bytes`);
}

/** Encodes batches; one a thread, since it remembers what it escaped. */
export class Encoder {
  readonly #keys = new KeyTexts();
  #type = "";
  #source = "";
  #head = "";
  #typeLength = 0;

  /**
   * @param acceptedAtMs when the batch was accepted, in ms since the epoch
   * @throws OtlpTooLargeError when the events come to more than 256 MiB
   */
  encode(envelopes: readonly Envelope[], acceptedAtMs: number): EncodedBatch {
    const texts: EventTexts[] = [];
    let events: EventPlaces[] = [];
    let text = "";
    let size = batchHeadBytes(envelopes.length);
    for (const envelope of envelopes) {
      const places = startPlaces(text.length, envelope.ordered ? ORDERED : 0);
      text = this.#append(text, envelope, places);
      places.end = text.length;
      events.push(places);
      if (text.length < TEXT_LENGTH) continue;
      size = this.#finish(texts, text, events, size);
      text = "";
      events = [];
    }
    if (events.length > 0) size = this.#finish(texts, text, events, size);
    // Not zeroed: every byte of it is written.
    const { buffer } = Buffer.allocUnsafeSlow(size);
    writeBatchHeader(new DataView(buffer), envelopes.length, acceptedAtMs);
    writeEvents(buffer, texts, envelopes.length);
    return { buffer, count: envelopes.length };
  }

  #finish(texts: EventTexts[], text: string, events: readonly EventPlaces[], sizeBefore: number): number {
    const byteLength = Buffer.byteLength(text);
    const size = sizeBefore + byteLength;
    checkBatchSize(size);
    texts.push({ text, byteLength, events });
    return size;
  }

  #append(before: string, envelope: Envelope, places: EventPlaces): string {
    const { draft, subject, time } = envelope;
    if (envelope.type !== this.#type || envelope.source !== this.#source) this.#setHead(envelope);
    places.typeAt = before.length + HEAD.length;
    places.typeLength = this.#typeLength;
    let text = before + this.#head;
    if (subject !== "") {
      text += SUBJECT;
      places.subjectAt = text.length;
      places.subjectLength = subject.length;
      // Percent-encoded, so there is nothing to escape.
      text += subject;
    }
    // A computed id is base 32; one that the record brought may be any text.
    const id = envelope.id === draft.uid ? escaped(envelope.id) : envelope.id;
    text += ID;
    places.idAt = text.length;
    places.idLength = id.length;
    text += id;
    if (time !== "") {
      text += TIME;
      places.timeAt = text.length;
      places.timeLength = time.length;
      text += time;
    }
    const hasData = draft.shape !== "body" || (draft.body !== undefined && draft.body !== null);
    text += hasData ? CONTENT_TYPE : '"';
    if (envelope.traced) text = withTraceparent(text, draft);
    if (envelope.extensions !== undefined) text = withExtensions(text, envelope);
    return hasData ? this.#withData(text, draft) : `${text}}`;
  }

  /** What all events of one type from one source begin with, up to the source's closing quote. */
  #setHead({ type, source }: Envelope): void {
    const text = escaped(type);
    this.#typeLength = text.length;
    this.#head = `${HEAD}${text}","source":"${escaped(source)}`;
    this.#type = type;
    this.#source = source;
  }

  #withData(text: string, draft: Draft): string {
    switch (draft.shape) {
      case "attributes":
        return this.#withEntries(`${text},"data":{`, draft);
      case "record":
        return `${text},"data":${recordText(draft)}}`;
      case "body":
        return `${text},"data":${valueText(draft.body ?? null)}}`;
    }
  }

  /** Adds the entries, and ends data and event. */
  #withEntries(before: string, draft: Draft): string {
    const { keys, values } = draft;
    let text = before;
    /** The value written last was a string, whose closing quote is still to come. */
    let open = false;
    for (let i = 0; i < keys.length; i++) {
      const key = this.#keys.at(i, keys[i] ?? "");
      const value = values[i] ?? null;
      if (typeof value === "string") {
        text += i === 0 ? key.firstOpen : open ? key.both : key.open;
        text += value === key.lastPlain ? value : escapedUnder(key, value);
        open = true;
      } else {
        text += i === 0 ? key.first : open ? key.close : key.plain;
        text += valueText(value);
        open = false;
      }
    }
    if (draft.addTraceIds) {
      // Hex of the decoder's own making.
      const { traceId, spanId } = draft;
      if (traceId !== "") {
        text += open ? '","trace_id":"' : keys.length > 0 ? ',"trace_id":"' : '"trace_id":"';
        text += traceId;
        open = true;
      }
      if (spanId !== "") {
        text += open ? '","span_id":"' : keys.length > 0 ? ',"span_id":"' : '"span_id":"';
        text += spanId;
        open = true;
      }
    }
    return open ? `${text}"}}` : `${text}}}`;
  }
}

/** The inside of a JSON string, of which the key remembers that it was plain. */
function escapedUnder(key: KeyText, value: string): string {
  if (!isPlain(value)) return escaped(value);
  key.lastPlain = value;
  return value;
}

function withExtensions(before: string, { extensions }: Envelope): string {
  let text = before;
  for (const { name, value } of extensions ?? []) {
    text += `,"${name}":`;
    text +=
      typeof value === "string" ? quote(value) : typeof value === "number" ? numberText(value) : `${value}`;
  }
  return text;
}

/** W3C Trace Context, section 3.2: version, trace id, parent id, flags. */
function withTraceparent(before: string, { traceId, spanId, flags }: Draft): string {
  let text = before;
  text += ',"traceparent":"00-';
  text += traceId;
  text += "-";
  text += spanId;
  text += FLAGS[flags & 0xff] ?? "";
  return text;
}

/** Each value of the low byte, as it ends a `traceparent`. */
const FLAGS: readonly string[] = Array.from(
  { length: 256 },
  (_, flags) => `-${flags.toString(16).padStart(2, "0")}"`,
);

/** The inside of a JSON string. */
function escaped(text: string): string {
  return isPlain(text) ? text : quote(text).slice(1, -1);
}
