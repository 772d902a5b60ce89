/** ExportLogsServiceRequest in OTLP/JSON: the same events as from protobuf. */
import {
  type EventNameOrigin,
  KeyValues,
  type LogEvent,
  type Resource,
  type Scope,
  type UnixTime,
} from "../../log-event.ts";
import type { DecodedLogs, LogsDecoder } from "../decode-logs.ts";
import { DEFAULT_LIMITS, type DecodeLimits } from "../limits.ts";
import { splitNanos } from "../unix-time.ts";
import { JsonValueDecoder } from "./decode-value.ts";
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

/** A decoder of OTLP/JSON; faults are reported by their JSON path. */
export function createJsonLogsDecoder(limits: DecodeLimits = DEFAULT_LIMITS): LogsDecoder {
  return { decode: (request) => new JsonRequestDecoder(limits).request(parseJson(request)) };
}

interface NamedRecord {
  readonly name: string;
  readonly origin: EventNameOrigin;
}

class JsonRequestDecoder {
  readonly #fields = new FieldReader();
  readonly #values: JsonValueDecoder;
  readonly #limits: DecodeLimits;
  readonly #events: LogEvent[] = [];
  #records = 0;

  constructor(limits: DecodeLimits) {
    this.#values = new JsonValueDecoder(this.#fields, limits);
    this.#limits = limits;
  }

  request(json: unknown): DecodedLogs {
    const fields = this.#fields;
    fields.each(fields.object(json), "resourceLogs", "resource_logs", (item) => {
      const resourceLogs = fields.object(item);
      const resource = this.#resource(resourceLogs);
      fields.each(resourceLogs, "scopeLogs", "scope_logs", (scopeItem) => {
        const scopeLogs = fields.object(scopeItem);
        const scope = this.#scope(scopeLogs);
        fields.each(scopeLogs, "logRecords", "log_records", (record) => {
          this.#logRecord(fields.object(record), resource, scope);
        });
      });
    });
    return { events: this.#events, records: this.#records };
  }

  #resource(resourceLogs: JsonObject): Resource {
    const fields = this.#fields;
    return fields.at("resource", () => {
      const json = fields.field(resourceLogs, "resource", "resource");
      if (json === undefined) return { attributes: new KeyValues() };
      return { attributes: this.#values.keyValues(fields.object(json), "attributes", "attributes", 0) };
    });
  }

  #scope(scopeLogs: JsonObject): Scope {
    const fields = this.#fields;
    return fields.at("scope", () => {
      const json = fields.field(scopeLogs, "scope", "scope");
      if (json === undefined) return { name: "", version: "" };
      const scope = fields.object(json);
      return {
        name: fields.string(scope, "name", "name"),
        version: fields.string(scope, "version", "version"),
      };
    });
  }

  #logRecord(record: JsonObject, resource: Resource, scope: Scope): void {
    const index = this.#records++;
    if (index >= this.#limits.maxRecords)
      throw this.#fields.fault(`at most ${this.#limits.maxRecords} records`);
    const named = this.#findName(record);
    if (named === undefined) return;
    if (this.#events.length >= this.#limits.maxEvents) {
      throw this.#fields.fault(`at most ${this.#limits.maxEvents} events`);
    }
    this.#events.push(this.#event(record, named, resource, scope, index));
  }

  #findName(record: JsonObject): NamedRecord | undefined {
    const fields = this.#fields;
    const name = fields.string(record, "eventName", "event_name");
    if (name !== "") return { name, origin: "field" };
    let found: NamedRecord | undefined;
    fields.each(record, "attributes", "attributes", (item) => {
      const entry = fields.object(item);
      const key = entry["key"];
      if (key !== "otel.event.name" && key !== "event.name") return;
      // The first one of a name counts, and the current name before the legacy one.
      if (found !== undefined && (found.origin === "otel.event.name" || key === "event.name")) return;
      const value = fields.at("value", () => this.#values.value(fields.field(entry, "value", "value"), 0));
      if (typeof value === "string" && value !== "") found = { name: value, origin: key };
    });
    return found;
  }

  #event(record: JsonObject, named: NamedRecord, resource: Resource, scope: Scope, index: number): LogEvent {
    const fields = this.#fields;
    const body = fields.field(record, "body", "body");
    return {
      eventName: named.name,
      eventNameOrigin: named.origin,
      time: this.#time(record, "timeUnixNano", "time_unix_nano"),
      observedTime: this.#time(record, "observedTimeUnixNano", "observed_time_unix_nano"),
      severityNumber: this.#severity(record),
      severityText: fields.string(record, "severityText", "severity_text"),
      body: body === undefined ? undefined : fields.at("body", () => this.#values.value(body, 0)),
      attributes: this.#values.keyValues(record, "attributes", "attributes", 0),
      droppedAttributesCount: Number(
        fields.integer(record, "droppedAttributesCount", "dropped_attributes_count", 0n, UINT32_MAX),
      ),
      traceId: toId(fields.string(record, "traceId", "trace_id"), TRACE_ID),
      spanId: toId(fields.string(record, "spanId", "span_id"), SPAN_ID),
      flags: Number(fields.integer(record, "flags", "flags", 0n, UINT32_MAX)),
      resource,
      scope,
      index,
    };
  }

  #severity(record: JsonObject): number {
    const value = this.#fields.field(record, "severityNumber", "severity_number");
    const named = typeof value === "string" ? SEVERITY_NAMES.get(value) : undefined;
    if (named !== undefined) return named;
    return Number(this.#fields.integer(record, "severityNumber", "severity_number", INT32_MIN, INT32_MAX));
  }

  #time(record: JsonObject, name: string, original: string): UnixTime | undefined {
    const nanos = this.#fields.integer(record, name, original, 0n, UINT64_MAX);
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
