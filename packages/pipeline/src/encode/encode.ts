/**
 * The last stage: envelopes become finished JSON events (CloudEvents JSON event format) in one buffer.
 *
 * Each event is built as one string and written once. Where its attributes stand is noted in characters, and
 * counted in bytes only for events that are not ASCII.
 */
import { batchHeadBytes, type EncodedBatch, ORDERED, writeBatchHeader, writeBatchRow } from "../batch.ts";
import { OtlpDecodeError } from "../contracts.ts";
import type { Draft } from "../draft.ts";
import type { Envelope } from "../envelope.ts";
import { numberText, quote, valueText } from "./json-text.ts";
import { recordText } from "./record.ts";

const MAX_KEYS = 8192;
/** A batch this large comes from a request that was made to grow; the store's own limit is reached long before. */
const MAX_BATCH_BYTES = 268_435_456;

/** One event as text, and where its attributes stand in it, in characters. */
interface EventText {
  readonly text: string;
  readonly typeAt: number;
  readonly typeLength: number;
  readonly subjectAt: number;
  readonly subjectLength: number;
  readonly idAt: number;
  readonly idLength: number;
  readonly timeAt: number;
  readonly timeLength: number;
  readonly flags: number;
}

const HEAD = '{"specversion":"1.0","type":';

/** Encodes batches; one a thread, since it remembers what it escaped. */
export class Encoder {
  /** Keys of the data, escaped, with the colon. */
  readonly #keys = new Map<string, string>();
  #type = "";
  #source = "";
  #head = "";
  #typeLength = 0;

  /**
   * @param acceptedAtMs when the batch was accepted, in ms since the epoch
   * @throws OtlpDecodeError when the events come to more than 256 MiB
   */
  encode(envelopes: readonly Envelope[], acceptedAtMs: number): EncodedBatch {
    if (this.#keys.size > MAX_KEYS) this.#keys.clear();
    const events: EventText[] = [];
    const lengths: number[] = [];
    let size = batchHeadBytes(envelopes.length);
    for (const envelope of envelopes) {
      const event = this.#event(envelope);
      const length = Buffer.byteLength(event.text);
      size += length;
      if (size > MAX_BATCH_BYTES)
        throw new OtlpDecodeError(`the events come to more than ${MAX_BATCH_BYTES} bytes`);
      events.push(event);
      lengths.push(length);
    }
    return write(events, lengths, size, acceptedAtMs);
  }

  #event(envelope: Envelope): EventText {
    const { draft, id, subject, time } = envelope;
    if (envelope.type !== this.#type || envelope.source !== this.#source) this.#setHead(envelope);
    let text = this.#head;
    let subjectAt = 0;
    if (subject !== "") {
      // Percent-encoded, so there is nothing to escape.
      subjectAt = text.length + 12;
      text += `,"subject":"${subject}"`;
    }
    const quotedId = quote(id);
    const idAt = text.length + 7;
    text += `,"id":${quotedId}`;
    let timeAt = 0;
    if (time !== "") {
      timeAt = text.length + 9;
      text += `,"time":"${time}"`;
    }
    const data = this.#data(draft);
    if (data !== undefined) text += ',"datacontenttype":"application/json"';
    const { extensionNames, extensionValues } = envelope;
    for (let i = 0; i < extensionNames.length; i++) {
      text += `,"${extensionNames[i]}":${attributeText(extensionValues[i] ?? "")}`;
    }
    text += data === undefined ? "}" : `,"data":${data}}`;
    return {
      text,
      typeAt: HEAD.length + 1,
      typeLength: this.#typeLength,
      subjectAt,
      subjectLength: subject.length,
      idAt,
      idLength: quotedId.length - 2,
      timeAt,
      timeLength: time.length,
      flags: envelope.ordered ? ORDERED : 0,
    };
  }

  #setHead({ type, source }: Envelope): void {
    const quoted = quote(type);
    this.#typeLength = quoted.length - 2;
    this.#head = `${HEAD}${quoted},"source":${quote(source)}`;
    this.#type = type;
    this.#source = source;
  }

  #data(draft: Draft): string | undefined {
    switch (draft.shape) {
      case "attributes":
        return this.#entries(draft);
      case "record":
        return recordText(draft);
      case "body":
        return draft.body === undefined || draft.body === null ? undefined : valueText(draft.body);
    }
  }

  #entries(draft: Draft): string {
    const { keys, values } = draft;
    let text = "";
    for (let i = 0; i < keys.length; i++) {
      text += this.#key(keys[i] ?? "") + valueText(values[i] ?? null);
    }
    if (draft.addTraceIds) {
      // Hex of the decoder's own making.
      if (draft.traceId !== "") text += `,"trace_id":"${draft.traceId}"`;
      if (draft.spanId !== "") text += `,"span_id":"${draft.spanId}"`;
    }
    return text === "" ? "{}" : `{${text.slice(1)}}`;
  }

  /** A comma, the key and a colon. */
  #key(key: string): string {
    let text = this.#keys.get(key);
    if (text === undefined) {
      text = `,${quote(key)}:`;
      this.#keys.set(key, text);
    }
    return text;
  }
}

function attributeText(value: string | number | boolean): string {
  if (typeof value === "string") return quote(value);
  return typeof value === "number" ? numberText(value) : String(value);
}

function write(
  events: readonly EventText[],
  lengths: readonly number[],
  size: number,
  acceptedAtMs: number,
): EncodedBatch {
  const buffer = new ArrayBuffer(size);
  const target = Buffer.from(buffer);
  const view = new DataView(buffer);
  writeBatchHeader(view, events.length, acceptedAtMs);
  let offset = batchHeadBytes(events.length);
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    const length = lengths[i] ?? 0;
    if (event === undefined) break;
    const isAscii = length === event.text.length;
    target.write(event.text, offset, isAscii ? "latin1" : "utf8");
    writeBatchRow(view, i, offset, length, isAscii ? event : inBytes(event));
    offset += length;
  }
  return { buffer, count: events.length };
}

/** The same places, counted in bytes of UTF-8. */
function inBytes(event: EventText): EventText {
  const { text } = event;
  const at = (position: number): number => Buffer.byteLength(text.slice(0, position));
  const length = (position: number, size: number): number =>
    Buffer.byteLength(text.slice(position, position + size));
  return {
    text,
    typeAt: at(event.typeAt),
    typeLength: length(event.typeAt, event.typeLength),
    subjectAt: at(event.subjectAt),
    subjectLength: length(event.subjectAt, event.subjectLength),
    idAt: at(event.idAt),
    idLength: length(event.idAt, event.idLength),
    timeAt: at(event.timeAt),
    timeLength: length(event.timeAt, event.timeLength),
    flags: event.flags,
  };
}
