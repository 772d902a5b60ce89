/** The OpenTelemetry JS 2.x exporter against the sidecar's doors. */
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { openDoors, openGrpcUpstream } from "../testing/e2e/otlp-doors.ts";

const ended: (() => unknown)[] = [];
after(async () => {
  for (const end of ended.reverse()) await end();
});

it("OTel JS 2.x over http/protobuf has its log events committed and the rest at the upstream", async () => {
  const upstream = await openGrpcUpstream();
  ended.push(() => upstream.close());
  const doors = await openDoors(upstream.settings);
  ended.push(() => doors.close());
  const exporter = new OTLPLogExporter({ url: `http://${doors.http}/v1/logs` });
  const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger("orders");
  logger.emit({ eventName: "io.coresdk.auth.verified", attributes: { "coresdk.user_id": "u1" } });
  logger.emit({ attributes: { "event.name": "io.coresdk.auth.denied" } });
  logger.emit({ body: "no event" });
  await provider.shutdown();
  assert.deepEqual(await doors.storedTypes(), ["io.coresdk.auth.verified", "io.coresdk.auth.denied"]);
  assert.equal(upstream.came.logs.length, 1);
});
