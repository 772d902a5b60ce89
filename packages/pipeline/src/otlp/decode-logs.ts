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
import { KeyValues, type LogEvent, type Resource, type Scope } from "../log-event.ts";
import { RecordDecoder } from "./decode-record.ts";
import { ValueDecoder } from "./decode-value.ts";
import { DEFAULT_LIMITS, type DecodeLimits } from "./limits.ts";
import { TextTable } from "./text.ts";
import { WireReader } from "./wire.ts";

/** What an export request holds, as far as events are concerned. */
export interface DecodedLogs {
  /** The records that are events, in the order of the request. */
  readonly events: readonly LogEvent[];
  /** All records, events or not. */
  readonly records: number;
  /** Values (attributes, list items, map entries) in all events together, with those of their resources. */
  readonly values: number;
}

export interface LogsDecoder {
  /**
   * Decodes one request, decompressed. Nothing of the result refers to the bytes.
   * @throws OtlpDecodeError naming message and byte, when the bytes are no such request
   * @throws OtlpTooLargeError naming the limit, when they hold more records, events or values than it allows
   */
  decode(request: Uint8Array): DecodedLogs;
}

/** A decoder with its table of known texts; one a thread is enough. */
export function createLogsDecoder(limits: DecodeLimits = DEFAULT_LIMITS): LogsDecoder {
  const texts = new TextTable();
  return { decode: (request) => new RequestDecoder(request, texts, limits).request() };
}

class RequestDecoder {
  readonly #reader: WireReader;
  readonly #values: ValueDecoder;
  readonly #record: RecordDecoder;
  readonly #limits: DecodeLimits;
  readonly #events: LogEvent[] = [];
  #records = 0;

  constructor(request: Uint8Array, texts: TextTable, limits: DecodeLimits) {
    this.#reader = new WireReader(request, "ExportLogsServiceRequest");
    this.#values = new ValueDecoder(this.#reader, texts, limits);
    this.#record = new RecordDecoder(this.#values);
    this.#limits = limits;
  }

  request(): DecodedLogs {
    const reader = this.#reader;
    const end = reader.bytes.length;
    while (reader.pos < end) {
      reader.within = "ExportLogsServiceRequest";
      const tag = reader.tag(end);
      if (tag === 10) this.#resourceLogs(reader.stop(end));
      else reader.skip(tag, end);
    }
    return { events: this.#events, records: this.#records, values: this.#values.count };
  }

  #resourceLogs(end: number): void {
    const reader = this.#reader;
    const resource: Resource = { attributes: new KeyValues() };
    const before = this.#events.length;
    const places: number[] = [];
    while (reader.pos < end) {
      reader.within = "ResourceLogs";
      const tag = reader.tag(end);
      if (tag === 10) {
        this.#values.checkPieces(places.length / 2);
        const stop = reader.stop(end);
        places.push(reader.pos, stop);
        reader.pos = stop;
      } else if (tag === 18) {
        this.#scopeLogs(reader.stop(end), resource);
      } else {
        reader.skip(tag, end);
      }
    }
    if (this.#events.length === before) return;
    for (let i = 0; i < places.length; i += 2) {
      reader.pos = places[i] ?? 0;
      this.#resource(resource, places[i + 1] ?? 0);
    }
    reader.pos = end;
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

  #scopeLogs(end: number, resource: Resource): void {
    const reader = this.#reader;
    const scope = { name: "", version: "" };
    while (reader.pos < end) {
      reader.within = "ScopeLogs";
      const tag = reader.tag(end);
      if (tag === 10) this.#scope(scope, reader.stop(end));
      else if (tag === 18) this.#logRecord(reader.stop(end), resource, scope);
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

  #logRecord(end: number, resource: Resource, scope: Scope): void {
    const reader = this.#reader;
    const index = this.#records++;
    if (index >= this.#limits.maxRecords) {
      throw reader.excess(`more than ${this.#limits.maxRecords} records in one request`, reader.pos);
    }
    if (!this.#record.scan(end)) return;
    if (this.#events.length >= this.#limits.maxEvents) {
      throw reader.excess(`more than ${this.#limits.maxEvents} events in one request`, reader.pos);
    }
    this.#events.push(this.#record.event(resource, scope, index));
    reader.pos = end;
  }
}
