/**
 * gRPC's health service (https://github.com/grpc/grpc/blob/master/doc/health-checking.md):
 *
 *   HealthCheckRequest  = service:1 string
 *   HealthCheckResponse = status:1 (SERVING 1 | NOT_SERVING 2)
 */
import { WireType } from "@bufbuild/protobuf/wire";
import { readFields, readLeniently } from "../../protocol/wire.ts";

/** A health request names a service; nothing longer is asked in earnest. */
export const MAX_HEALTH_BYTES = 1024;

/** Nor does it take longer to come, in ms: nobody has to be let in for it. */
export const HEALTH_TIMEOUT_MS = 5_000;

const serving = Buffer.of(0x08, 1);
const notServing = Buffer.of(0x08, 2);

/** `""` is the server as a whole. */
const services: ReadonlySet<string> = new Set([
  "",
  "opentelemetry.proto.collector.logs.v1.LogsService",
  "opentelemetry.proto.collector.trace.v1.TraceService",
  "opentelemetry.proto.collector.metrics.v1.MetricsService",
]);

/** How it goes with the service that a request asks about: all of them go as the door does. */
export function answerHealth(request: Uint8Array, ready: boolean): Uint8Array | "unknown" | "malformed" {
  const service = readLeniently(() => readService(request));
  if (service === undefined) return "malformed";
  if (!services.has(service)) return "unknown";
  return ready ? serving : notServing;
}

function readService(request: Uint8Array): string {
  let service = "";
  readFields(request, {
    1: [
      WireType.LengthDelimited,
      (reader) => {
        service = reader.string();
      },
    ],
  });
  return service;
}
