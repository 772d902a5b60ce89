import {
  BatchView,
  batchHeadBytes,
  type EncodedBatch,
  ORDERED,
  writeBatchHeader,
  writeBatchRow,
} from "../src/batch.ts";

/** An event of a test, with as little as the test cares about. */
export interface EventOfTest {
  readonly id: string;
  /** `io.coresdk.test` when left out. */
  readonly type?: string;
  readonly subject?: string;
  /** Whether events of this subject keep their order; false when left out. */
  readonly ordered?: boolean;
  /** Any JSON value; the event has no data when left out. */
  readonly data?: unknown;
}

interface Span {
  readonly at: number;
  readonly length: number;
}

/** A batch as intake makes it, with finished JSON events; `acceptedAtMs` is 0 when left out. */
export function buildBatch(events: readonly EventOfTest[], acceptedAtMs = 0): EncodedBatch {
  const encoded = events.map(encodeEvent);
  const head = batchHeadBytes(events.length);
  const total = encoded.reduce((sum, event) => sum + event.bytes.length, head);
  const buffer = new ArrayBuffer(total);
  const view = new DataView(buffer);
  const target = new Uint8Array(buffer);
  writeBatchHeader(view, events.length, acceptedAtMs);
  let offset = head;
  for (const [i, { bytes, type, subject, id, flags }] of encoded.entries()) {
    target.set(bytes, offset);
    writeBatchRow(view, i, offset, bytes.length, {
      typeAt: type.at,
      typeLength: type.length,
      subjectAt: subject.at,
      subjectLength: subject.length,
      idAt: id.at,
      idLength: id.length,
      timeAt: 0,
      timeLength: 0,
      flags,
    });
    offset += bytes.length;
  }
  return { buffer, count: events.length };
}

function encodeEvent(event: EventOfTest): {
  bytes: Buffer;
  type: Span;
  subject: Span;
  id: Span;
  flags: number;
} {
  let json = `{"specversion":"1.0"`;
  const attribute = (name: string, value: string): Span => {
    json += `,${JSON.stringify(name)}:"`;
    const at = Buffer.byteLength(json);
    const inside = JSON.stringify(value).slice(1, -1);
    json += `${inside}"`;
    return { at, length: Buffer.byteLength(inside) };
  };
  const id = attribute("id", event.id);
  attribute("source", "/test");
  const type = attribute("type", event.type ?? "io.coresdk.test");
  const subject = event.subject === undefined ? { at: 0, length: 0 } : attribute("subject", event.subject);
  const data =
    event.data === undefined
      ? ""
      : `,"datacontenttype":"application/json","data":${JSON.stringify(event.data)}`;
  json += `${data}}`;
  return { bytes: Buffer.from(json), type, subject, id, flags: event.ordered === true ? ORDERED : 0 };
}

/** The order key of events of that subject. */
export function orderKeyOf(subject: string): number | undefined {
  const { buffer } = buildBatch([{ id: "", subject, ordered: true }]);
  return new BatchView(new Uint8Array(buffer)).orderKey(0);
}
