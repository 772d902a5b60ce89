/** Export requests as services send them, seeded. */
import { create, toBinary } from "@bufbuild/protobuf";
import { type KeyValue, KeyValueSchema } from "../../packages/sidecar/src/otlp/gen/otlp/common_pb.ts";
import { LogRecordSchema } from "../../packages/sidecar/src/otlp/gen/otlp/logs_pb.ts";
import { ExportLogsServiceRequestSchema } from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";
import { seededRandom } from "../bench/corpus.ts";

const START_NS = 1_773_930_900_000_000_000n;

export function textAttribute(key: string, value: string): KeyValue {
  return create(KeyValueSchema, { key, value: { value: { case: "stringValue", value } } });
}

export function integerAttribute(key: string, value: bigint): KeyValue {
  return create(KeyValueSchema, { key, value: { value: { case: "intValue", value } } });
}

/** One export request with `events` policy decisions of eight attributes each, as an SDK's batch processor sends it. */
export function decisionRequest(events: number, seed = 1): Uint8Array {
  const next = seededRandom(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => below(256));
  const pick = (values: readonly string[]): string => values[below(values.length)] ?? "";
  const logRecords = Array.from({ length: events }, (_, i) => {
    const time = START_NS + BigInt(i) * 1_234_567n;
    return create(LogRecordSchema, {
      timeUnixNano: time,
      observedTimeUnixNano: time + 41_000n,
      severityNumber: 9,
      severityText: "INFO",
      eventName: "io.coresdk.policy.decision",
      attributes: [
        textAttribute("coresdk.tenant_id", pick(["acme", "globex", "initech", "umbrella"])),
        textAttribute("coresdk.user_id", `usr_${below(2 ** 20).toString(36)}`),
        textAttribute("coresdk.policy.action", pick(["orders:create", "orders:read", "invoices:list"])),
        textAttribute("coresdk.policy.result", pick(["allowed", "denied"])),
        integerAttribute("coresdk.policy.latency_us", BigInt(below(500))),
        textAttribute("http.route", pick(["/orders", "/orders/{id}", "/invoices"])),
        textAttribute("server.address", "orders.acme.internal"),
        integerAttribute("http.response.status_code", 200n),
      ],
      traceId: bytes(16),
      spanId: bytes(8),
      flags: 1,
    });
  });
  const request = create(ExportLogsServiceRequestSchema, {
    resourceLogs: [
      {
        resource: {
          attributes: [
            textAttribute("service.name", "orders"),
            textAttribute("service.namespace", "shop"),
            textAttribute("telemetry.sdk.language", "nodejs"),
            textAttribute("telemetry.sdk.name", "opentelemetry"),
          ],
        },
        scopeLogs: [{ scope: { name: "@coresdk/sdk", version: "0.1.0" }, logRecords }],
      },
    ],
  });
  return toBinary(ExportLogsServiceRequestSchema, request);
}
