/** ExportLogsServiceRequest in OTLP/JSON: the same events as from protobuf. */
import {
  type EventNameOrigin,
  KeyValues,
  type LogEvent,
  type Resource,
  type Scope,
  type UnixTime,
} from "../../log-event.ts";
import {
  type DecodedCounts,
  type LogsDecoder,
  type SliceSize,
  type TakeSlice,
  toLogsDecoder,
} from "../decode-logs.ts";
import { DEFAULT_LIMITS, type DecodeLimits } from "../limits.ts";
import { splitNanos } from "../unix-time.ts";
import { JsonValueDecoder } from "./decode-value.ts";
import { refuseRepeats } from "./divide.ts";
import { FieldReader, type JsonObject } from "./fields.ts";
import { parseJson } from "./parse.ts";
import { SEVERITY_NAMES } from "./severity.ts";

const UINT32_MAX = 2n ** 32n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const ALL_ZERO = /^0+$/;

/** A decoder of OTLP/JSON, which reads a request whole and lets go of what it has handed over; faults are reported by their JSON path. */
export function createJsonLogsDecoder(limits: DecodeLimits = DEFAULT_LIMITS): LogsDecoder {
  return toLogsDecoder((request, size, take) => new JsonRequestDecoder(limits, size, take).decode(request));
}

interface NamedRecord {
  readonly name: string;
  readonly origin: EventNameOrigin;
}

class JsonRequestDecoder {
  readonly #fields = new FieldReader();
  readonly #values: JsonValueDecoder;
  readonly #limits: DecodeLimits;
  readonly #size: SliceSize;
  readonly #take: TakeSlice;
  #events: LogEvent[] = [];
  #handedOver = 0;
  /** What the values had come to when the slice began. */
  #sliceAt = 0;
  #records = 0;
  /** Objects that name their records, or what holds them. */
  #named = 0;

  constructor(limits: DecodeLimits, size: SliceSize, take: TakeSlice) {
    this.#values = new JsonValueDecoder(this.#fields, limits);
    this.#limits = limits;
    this.#size = size;
    this.#take = take;
  }

  decode(request: Uint8Array): DecodedCounts {
    this.#envelopes(parseJson(request), "resourceLogs", (resourceLogs) => {
      const resource = this.#resource(resourceLogs);
      this.#envelopes(resourceLogs, "scopeLogs", (scopeLogs) => {
        const scope = this.#scope(scopeLogs);
        this.#envelopes(scopeLogs, "logRecords", (record) => this.#logRecord(record, resource, scope));
      });
    });
    refuseRepeats(request, this.#named);
    this.#handOver();
    return { records: this.#records, values: this.#values.count };
  }

  /** Reads the objects in the field that holds the records of a message, or the next messages on the way to them. */
  #envelopes(message: unknown, name: string, read: (item: JsonObject) => void): void {
    const fields = this.#fields;
    const object = fields.object(message);
    if (Object.hasOwn(object, name)) this.#named += 1;
    fields.each(object, name, (item) => read(fields.object(item)), true);
  }

  #resource(resourceLogs: JsonObject): Resource {
    const fields = this.#fields;
    return fields.at("resource", () => {
      const json = fields.field(resourceLogs, "resource");
      if (json === undefined) return { attributes: new KeyValues() };
      return { attributes: this.#values.keyValues(fields.object(json), "attributes", 0) };
    });
  }

  #scope(scopeLogs: JsonObject): Scope {
    const fields = this.#fields;
    return fields.at("scope", () => {
      const json = fields.field(scopeLogs, "scope");
      if (json === undefined) return { name: "", version: "" };
      const scope = fields.object(json);
      return {
        name: fields.string(scope, "name"),
        version: fields.string(scope, "version"),
      };
    });
  }

  #logRecord(record: JsonObject, resource: Resource, scope: Scope): void {
    const index = this.#records++;
    if (index >= this.#limits.maxRecords)
      throw this.#fields.excess(`more than ${this.#limits.maxRecords} records in one request`);
    const named = this.#findName(record);
    if (named === undefined) return;
    if (this.#handedOver + this.#events.length >= this.#limits.maxEvents) {
      throw this.#fields.excess(`more than ${this.#limits.maxEvents} events in one request`);
    }
    this.#events.push(this.#event(record, named, resource, scope, index));
    const { events, bytes } = this.#size;
    if (this.#events.length >= events || this.#values.bytes - this.#sliceAt >= bytes) this.#handOver();
  }

  #handOver(): void {
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    this.#handedOver += events.length;
    this.#sliceAt = this.#values.bytes;
    this.#take(events);
  }

  #findName(record: JsonObject): NamedRecord | undefined {
    const fields = this.#fields;
    const name = fields.string(record, "eventName");
    if (name !== "") return { name, origin: "field" };
    let found: NamedRecord | undefined;
    fields.each(record, "attributes", (item) => {
      const entry = fields.object(item);
      const key = entry["key"];
      if (key !== "otel.event.name" && key !== "event.name") return;
      // The first one of a name counts, and the current name before the legacy one.
      if (found !== undefined && (found.origin === "otel.event.name" || key === "event.name")) return;
      const value = fields.at("value", () => this.#values.value(fields.field(entry, "value"), 0));
      if (typeof value === "string" && value !== "") found = { name: value, origin: key };
    });
    return found;
  }

  #event(record: JsonObject, named: NamedRecord, resource: Resource, scope: Scope, index: number): LogEvent {
    const fields = this.#fields;
    const body = fields.field(record, "body");
    return {
      eventName: named.name,
      eventNameOrigin: named.origin,
      time: this.#time(record, "timeUnixNano"),
      observedTime: this.#time(record, "observedTimeUnixNano"),
      severityNumber: this.#severity(record),
      severityText: fields.string(record, "severityText"),
      body: body === undefined ? undefined : fields.at("body", () => this.#values.value(body, 0)),
      attributes: this.#values.keyValues(record, "attributes", 0),
      droppedAttributesCount: Number(fields.integer(record, "droppedAttributesCount", 0n, UINT32_MAX)),
      traceId: toId(fields.string(record, "traceId"), TRACE_ID),
      spanId: toId(fields.string(record, "spanId"), SPAN_ID),
      flags: Number(fields.integer(record, "flags", 0n, UINT32_MAX)),
      resource,
      scope,
      index,
    };
  }

  #severity(record: JsonObject): number {
    const value = this.#fields.field(record, "severityNumber");
    const named = typeof value === "string" ? SEVERITY_NAMES.get(value) : undefined;
    if (named !== undefined) return named;
    return Number(this.#fields.integer(record, "severityNumber", INT32_MIN, INT32_MAX));
  }

  #time(record: JsonObject, name: string): UnixTime | undefined {
    const nanos = this.#fields.integer(record, name, 0n, UINT64_MAX);
    if (nanos === 0) return undefined;
    const exact = BigInt(nanos);
    return splitNanos(Number(exact & UINT32_MAX), Number(exact >> 32n));
  }
}

/** An id that is none counts as absent (opentelemetry-proto logs.proto, trace_id and span_id). */
function toId(hex: string, form: RegExp): string {
  const id = hex.toLowerCase();
  return form.test(id) && !ALL_ZERO.test(id) ? id : "";
}
