/** The events of an export request, the way one would write it with protobufjs and the npm package `cloudevents`. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { CloudEvent } from "cloudevents";
import protobuf from "protobufjs";
import { repositoryRoot } from "../../components.ts";

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
}

interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

interface LogRecord {
  readonly timeUnixNano: string;
  readonly eventName: string;
  readonly attributes?: readonly KeyValue[];
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly flags: number;
}

interface ExportRequest {
  readonly resourceLogs?: readonly {
    readonly scopeLogs?: readonly { readonly logRecords?: readonly LogRecord[] }[];
  }[];
}

const renamed: Readonly<Record<string, string>> = {
  "coresdk.tenant_id": "tenant_id",
  "coresdk.user_id": "user_id",
  "coresdk.policy.action": "action",
  "coresdk.policy.result": "result",
  "coresdk.policy.latency_us": "policy_latency_us",
};

const schema = new protobuf.Root();
schema.resolvePath = (_, target) => join(repositoryRoot, "packages", "sidecar", "proto", target);
await schema.load("otlp/logs_service.proto", { keepCase: false });
const requestType = schema.lookupType("opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest");

/** Decodes a request and makes a CloudEvent of each of its records; ids are the same for the same bytes. */
export function eventsOf(body: Buffer, source: string): CloudEvent<Record<string, unknown>>[] {
  const request: ExportRequest = requestType.toObject(requestType.decode(body), { longs: String });
  const digest = createHash("sha256").update(body).digest("hex").slice(0, 20);
  const records = (request.resourceLogs ?? [])
    .flatMap((resourceLogs) => resourceLogs.scopeLogs ?? [])
    .flatMap((scopeLogs) => scopeLogs.logRecords ?? []);
  return records.map((record, index) => toEvent(record, `${digest}-${index}`, source));
}

function toEvent(record: LogRecord, id: string, source: string): CloudEvent<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  for (const { key, value } of record.attributes ?? []) data[renamed[key] ?? key] = plain(value);
  const traceId = record.traceId.toString("hex");
  const spanId = record.spanId.toString("hex");
  const flags = (record.flags & 0xff).toString(16).padStart(2, "0");
  return new CloudEvent({
    id,
    source,
    type: record.eventName,
    subject: `tenant/${data["tenant_id"]}/user/${data["user_id"]}`,
    time: new Date(Number(BigInt(record.timeUnixNano) / 1_000_000n)).toISOString(),
    datacontenttype: "application/json",
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    data: { ...data, trace_id: traceId, span_id: spanId },
  });
}

function plain(value: AnyValue | undefined): unknown {
  if (value?.intValue !== undefined) return Number(value.intValue);
  return value?.stringValue ?? value?.doubleValue ?? value?.boolValue ?? null;
}
