/**
 * ExportLogsServiceRequest in one pass (opentelemetry-proto logs.proto, logs_service.proto).
 *
 *   Request      = (1 ResourceLogs)*
 *   ResourceLogs = 1 Resource, (2 ScopeLogs)*, 3 schema_url
 *   Resource     = (1 attribute:KeyValue)*
 *   ScopeLogs    = 1 InstrumentationScope, (2 LogRecord)*, 3 schema_url
 *   Scope        = 1 name, 2 version
 *
 * Fields may come in any order: a resource that follows its records is still theirs, so records hold an
 * object which is filled when the resource is met.
 */
import { KeyValues, type LogEvent, type Resource } from "../log-event.ts";
import { RecordDecoder } from "./decode-record.ts";
import { ValueDecoder } from "./decode-value.ts";
import { DEFAULT_LIMITS, type DecodeLimits } from "./limits.ts";
import { TextTable } from "./text.ts";
import { WireReader } from "./wire.ts";

/** How much an export request holds, as far as events are concerned. */
export interface DecodedCounts {
  /** All records, events or not. */
  readonly records: number;
  /** Values (attributes, list items, map entries) in all events together, with those of their resources. */
  readonly values: number;
}

/** What an export request holds, as far as events are concerned. */
export interface DecodedLogs extends DecodedCounts {
  /** The records that are events, in the order of the request. */
  readonly events: readonly LogEvent[];
}

/** When a slice of a request's events is full: with either of the two. */
export interface SliceSize {
  readonly events: number;
  /** Bytes of the request; in JSON, which is read whole, what the values of the events come to. */
  readonly bytes: number;
}

/** Takes the next events of a request, complete with their resource and scope; the list is the taker's. */
export type TakeSlice = (events: readonly LogEvent[]) => void;

export interface LogsDecoder {
  /**
   * Decodes one request, decompressed. Nothing of the result refers to the bytes.
   * @throws OtlpDecodeError naming message and byte, when the bytes are no such request
   * @throws OtlpTooLargeError naming the limit, when they hold more records, events or values than it allows
   */
  decode(request: Uint8Array): DecodedLogs;
  /**
   * As {@link LogsDecoder.decode}, but hands the events over in slices and keeps none. When it throws, what was handed
   * over before came of no request.
   */
  decodeInSlices(request: Uint8Array, size: SliceSize, take: TakeSlice): DecodedCounts;
}

const WHOLE: SliceSize = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

/** Makes a decoder of one that decodes in slices. */
export function toLogsDecoder(decodeInSlices: LogsDecoder["decodeInSlices"]): LogsDecoder {
  return {
    decode(request) {
      let events: readonly LogEvent[] = [];
      const counts = decodeInSlices(request, WHOLE, (all) => {
        events = all;
      });
      return { ...counts, events };
    },
    decodeInSlices,
  };
}

/** A decoder with its table of known texts; one a thread is enough. */
export function createLogsDecoder(limits: DecodeLimits = DEFAULT_LIMITS): LogsDecoder {
  const texts = new TextTable();
  return toLogsDecoder((request, size, take) =>
    new RequestDecoder(request, texts, limits, size, take).request(),
  );
}

/** A resource and what has been found of it; an envelope of records is within it. */
interface OpenResource {
  readonly resource: Resource;
  /** Behind the `ResourceLogs`. */
  readonly end: number;
  /** Start and end of each piece; one, unless the sender is odd. */
  readonly places: number[];
  isRead: boolean;
}

interface OpenScope {
  readonly scope: { name: string; version: string };
  /** Behind the `ScopeLogs`. */
  readonly end: number;
  isRead: boolean;
}

class RequestDecoder {
  readonly #reader: WireReader;
  readonly #values: ValueDecoder;
  readonly #record: RecordDecoder;
  readonly #limits: DecodeLimits;
  readonly #size: SliceSize;
  readonly #take: TakeSlice;
  #events: LogEvent[] = [];
  #handedOver = 0;
  /** Where the slice began. */
  #sliceAt = 0;
  #records = 0;

  constructor(request: Uint8Array, texts: TextTable, limits: DecodeLimits, size: SliceSize, take: TakeSlice) {
    this.#reader = new WireReader(request, "ExportLogsServiceRequest");
    this.#values = new ValueDecoder(this.#reader, texts, limits);
    this.#record = new RecordDecoder(this.#values);
    this.#limits = limits;
    this.#size = size;
    this.#take = take;
  }

  request(): DecodedCounts {
    const reader = this.#reader;
    const end = reader.bytes.length;
    while (reader.pos < end) {
      reader.within = "ExportLogsServiceRequest";
      const tag = reader.tag(end);
      if (tag === 10) this.#resourceLogs(reader.stop(end));
      else reader.skip(tag, end);
    }
    this.#handOver();
    return { records: this.#records, values: this.#values.count };
  }

  #resourceLogs(end: number): void {
    const reader = this.#reader;
    const open = { resource: { attributes: new KeyValues() }, end, places: [], isRead: false };
    const before = this.#count;
    while (reader.pos < end) {
      reader.within = "ResourceLogs";
      const tag = reader.tag(end);
      if (tag === 10) this.#notePiece(open);
      else if (tag === 18) this.#scopeLogs(reader.stop(end), open);
      else reader.skip(tag, end);
    }
    if (this.#count !== before && !open.isRead) this.#readResource(open);
    reader.pos = end;
  }

  #notePiece({ places, end }: OpenResource): void {
    const reader = this.#reader;
    this.#values.checkPieces(places.length / 2);
    const stop = reader.stop(end);
    places.push(reader.pos, stop);
    reader.pos = stop;
  }

  #readResource(open: OpenResource): void {
    const { places } = open;
    this.#values.begin();
    for (let i = 0; i < places.length; i += 2) {
      this.#reader.pos = places[i] ?? 0;
      this.#resource(open.resource, places[i + 1] ?? 0);
    }
    open.isRead = true;
  }

  #resource(resource: Resource, end: number): void {
    const reader = this.#reader;
    while (reader.pos < end) {
      reader.within = "Resource";
      const tag = reader.tag(end);
      if (tag === 10) this.#values.keyValue(resource.attributes, reader.stop(end), 0);
      else reader.skip(tag, end);
    }
  }

  #scopeLogs(end: number, resource: OpenResource): void {
    const reader = this.#reader;
    const open = { scope: { name: "", version: "" }, end, isRead: false };
    while (reader.pos < end) {
      reader.within = "ScopeLogs";
      const tag = reader.tag(end);
      if (tag === 10 && !open.isRead) this.#scope(open.scope, reader.stop(end));
      else if (tag === 18) this.#logRecord(reader.stop(end), resource, open);
      else reader.skip(tag, end);
    }
  }

  #scope(scope: { name: string; version: string }, end: number): void {
    const reader = this.#reader;
    reader.within = "InstrumentationScope";
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10 || tag === 18) {
        const stop = reader.stop(end);
        const text = this.#values.text(reader.pos, stop);
        if (tag === 10) scope.name = text;
        else scope.version = text;
        reader.pos = stop;
      } else {
        reader.skip(tag, end);
      }
    }
  }

  #logRecord(end: number, within: OpenResource, scope: OpenScope): void {
    const reader = this.#reader;
    const index = this.#records++;
    if (index >= this.#limits.maxRecords) {
      throw reader.excess(`more than ${this.#limits.maxRecords} records in one request`, reader.pos);
    }
    if (!this.#record.scan(end)) return;
    if (this.#count >= this.#limits.maxEvents) {
      throw reader.excess(`more than ${this.#limits.maxEvents} events in one request`, reader.pos);
    }
    this.#events.push(this.#record.event(within.resource, scope.scope, index));
    reader.pos = end;
    if (this.#events.length < this.#size.events && end - this.#sliceAt < this.#size.bytes) return;
    this.#readAhead(within, scope);
    this.#handOver();
  }

  /** Events so far. */
  get #count(): number {
    return this.#handedOver + this.#events.length;
  }

  /** Reads what of scope and resource stands behind the records that are handed over; once for each of them. */
  #readAhead(within: OpenResource, scope: OpenScope): void {
    const reader = this.#reader;
    const { pos } = reader;
    if (!scope.isRead) {
      reader.within = "ScopeLogs";
      this.#each(scope.end, () => this.#scope(scope.scope, reader.stop(scope.end)));
      scope.isRead = true;
    }
    if (!within.isRead) {
      reader.pos = scope.end;
      reader.within = "ResourceLogs";
      const places = [...within.places];
      this.#each(within.end, () => this.#notePiece({ ...within, places }));
      this.#readResource({ ...within, places });
      within.isRead = true;
    }
    reader.pos = pos;
  }

  /** Calls `read` at each first field of the message between the reader's position and `end`. */
  #each(end: number, read: () => void): void {
    const reader = this.#reader;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) read();
      else reader.skip(tag, end);
    }
  }

  #handOver(): void {
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    this.#handedOver += events.length;
    this.#sliceAt = this.#reader.pos;
    this.#take(events);
  }
}
