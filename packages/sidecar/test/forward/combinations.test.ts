import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import { Secret } from "@coresdk/pipeline";
import type { Signal } from "../../src/contracts.ts";
import { ExportLogsServiceRequestSchema } from "../../src/otlp/gen/otlp/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../src/otlp/gen/otlp/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../src/otlp/gen/otlp/trace_service_pb.ts";
import { encodeExportResponse } from "../../src/protocol/export-response.ts";
import type { Receivers } from "../../src/receive/receivers.ts";
import { callGrpc, frame, grpcPaths } from "../receive/doors.ts";
import { openProxy } from "./proxy.ts";
import { openGrpcUpstream, openHttpUpstream } from "./upstreams.ts";

const signals = ["logs", "traces", "metrics"] as const;
const upstreams = { grpc: openGrpcUpstream, "http/protobuf": openHttpUpstream };

/** What a client sees of a success, whatever it speaks: the response message. */
async function sendOver(
  client: "grpc" | "http/protobuf" | "http/json",
  receivers: Receivers,
  signal: Signal,
  message: Uint8Array,
  gzip: boolean,
): Promise<Buffer> {
  const sent = gzip ? gzipSync(message) : message;
  if (client === "grpc") {
    const headers = gzip ? { "grpc-encoding": "gzip" } : {};
    const reply = await callGrpc(
      receivers.grpc?.address.port ?? 0,
      grpcPaths[signal],
      frame(sent, gzip),
      headers,
    );
    assert.equal(reply.status, "0");
    return reply.message ?? Buffer.from("no message");
  }
  const response = await fetch(`http://127.0.0.1:${receivers.http?.address.port}/v1/${signal}`, {
    method: "POST",
    body: new Uint8Array(sent),
    headers: {
      "content-type": client === "http/json" ? "application/json" : "application/x-protobuf",
      ...(gzip ? { "content-encoding": "gzip" } : {}),
    },
  });
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

/** Not what any encoder of ours would write: an unknown field, an overlong varint, fields out of order. */
const oddProtobuf = Buffer.from([0x0a, 0x82, 0x00, 0x08, 0x01, 0xfa, 0x3f, 0x02, 0x08, 0x01]);

const requests = {
  logs: '{ "resourceLogs" : [{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1544712660300000000","severityNumber":9,"body":{"stringValue":"h\\u00e9"},"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","attributes":[{"key":"traceId","value":{"intValue":"9007199254740993"}}]}]}],"unknown":{"a":[1]}}]}',
  traces:
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","name":"x","kind":2,"startTimeUnixNano":1544712660000000001,"links":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]}]}]}]}',
  metrics:
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{"asDouble":"NaN","timeUnixNano":"5","exemplars":[{"traceId":"5b8efff798038103d269b633813fc60c","asInt":"-3"}]}],"aggregationTemporality":2,"isMonotonic":true}}]}]}]}',
} as const satisfies Record<Signal, string>;

const schemas = {
  logs: ExportLogsServiceRequestSchema,
  traces: ExportTraceServiceRequestSchema,
  metrics: ExportMetricsServiceRequestSchema,
} as const;

/** The same message as protobuf-es makes of the request once its ids are base64 and its numbers are digits. */
function transcodeWithOracle(signal: Signal): Uint8Array {
  const text = requests[signal]
    .replace(/"(traceId|spanId|parentSpanId)":"([0-9a-fA-F]+)"/g, (_, name: string, hex: string) => {
      return `"${name}":"${Buffer.from(hex, "hex").toString("base64")}"`;
    })
    .replace(/:(\d{17,})/g, ':"$1"');
  const schema = schemas[signal];
  return toBinary(schema, fromJson(schema, JSON.parse(text), { ignoreUnknownFields: true }));
}

for (const protocol of ["grpc", "http/protobuf"] as const) {
  describe(`forwarding to an upstream that speaks ${protocol}`, () => {
    for (const client of ["grpc", "http/protobuf"] as const) {
      it(`keeps the message's bytes when they come over ${client}`, async () => {
        const upstream = await upstreams[protocol]();
        const receivers = await openProxy(upstream);
        for (const signal of signals) {
          for (const gzip of [false, true]) {
            await sendOver(client, receivers, signal, oddProtobuf, gzip);
            assert.deepEqual(upstream.came.at(-1)?.message, oddProtobuf);
            const path = protocol === "grpc" ? grpcPaths[signal] : `/v1/${signal}`;
            assert.equal(upstream.came.at(-1)?.path, path);
          }
        }
      });

      it(`gives the response's bytes back over ${client}`, async () => {
        const response = Buffer.from("0a060803120278781a00", "hex");
        const upstream =
          protocol === "grpc"
            ? await openGrpcUpstream(() => ({ code: 0, response }))
            : await openHttpUpstream(() => ({ status: 200, body: response }));
        const receivers = await openProxy(upstream);
        assert.deepEqual(await sendOver(client, receivers, "traces", oddProtobuf, false), response);
      });
    }

    it("sends configured headers, compresses when asked to, and puts a path prefix first", async () => {
      const upstream = await upstreams[protocol]();
      const receivers = await openProxy(upstream, {
        endpoint: `${upstream.settings.endpoint}/otlp/`,
        compression: "gzip",
        headers: [["X-Api-Key", new Secret("k1")]],
      });
      const message = Buffer.alloc(100_000, 3);
      await sendOver("http/protobuf", receivers, "metrics", message, false);
      const came = upstream.came[0];
      assert.deepEqual(came?.message, message);
      assert.equal(came?.headers["x-api-key"], "k1");
      if (protocol === "grpc") assert.equal(came?.headers["grpc-encoding"], "gzip");
      else assert.equal(came?.path, "/otlp/v1/metrics");
    });
  });
}

describe("forwarding OTLP/JSON", () => {
  it("keeps the bytes towards an HTTP upstream, and those of its response", async () => {
    const body = '{ "partialSuccess": { "rejectedSpans": 3, "x": 1 } }';
    const upstream = await openHttpUpstream(() => ({ status: 200, body }));
    const receivers = await openProxy(upstream);
    for (const signal of signals) {
      const answer = await sendOver("http/json", receivers, signal, Buffer.from(requests[signal]), false);
      assert.equal(upstream.came.at(-1)?.message.toString(), requests[signal]);
      assert.equal(upstream.came.at(-1)?.headers["content-type"], "application/json");
      assert.equal(answer.toString(), body);
    }
  });

  it("transcodes towards a gRPC upstream exactly as protobuf-es does, ids and 64-bit numbers included", async () => {
    const upstream = await openGrpcUpstream();
    const receivers = await openProxy(upstream);
    for (const signal of signals) {
      const answer = await sendOver("http/json", receivers, signal, Buffer.from(requests[signal]), true);
      assert.deepEqual(upstream.came.at(-1)?.message, Buffer.from(transcodeWithOracle(signal)));
      assert.equal(answer.toString(), "{}");
    }
  });

  it("leaves out fields under their original names when it transcodes", async () => {
    const upstream = await openGrpcUpstream();
    const receivers = await openProxy(upstream);
    const json =
      '{"resource_logs":[{}],"resourceLogs":[{"scopeLogs":[{"logRecords":[{"trace_id":"aaaa"}]}]}]}';
    await sendOver("http/json", receivers, "logs", Buffer.from(json), false);
    assert.deepEqual(upstream.came[0]?.message, Buffer.from([0x0a, 4, 0x12, 2, 0x12, 0]));
  });

  it("transcodes the response of a gRPC upstream", async () => {
    const partial = { rejected: 9007199254740993n, errorMessage: "too old" };
    const upstream = await openGrpcUpstream(() => ({
      code: 0,
      response: encodeExportResponse(partial, "metrics", "protobuf"),
    }));
    const receivers = await openProxy(upstream);
    const answer = await sendOver("http/json", receivers, "metrics", Buffer.from("{}"), false);
    assert.equal(
      answer.toString(),
      '{"partialSuccess":{"rejectedDataPoints":"9007199254740993","errorMessage":"too old"}}',
    );
  });

  it("answers 400 when what has to be transcoded is no OTLP/JSON, without a call upstream", async () => {
    const upstream = await openGrpcUpstream();
    const receivers = await openProxy(upstream);
    const bad = [
      "",
      "{",
      "[]",
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}',
      '{"resourceSpans":7}',
      `${'{"a":['.repeat(100_000)}`,
      `{"resourceSpans":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ];
    for (const body of bad) {
      const response = await fetch(`http://127.0.0.1:${receivers.http?.address.port}/v1/traces`, {
        method: "POST",
        body: new Uint8Array(Buffer.from(body)),
        headers: { "content-type": "application/json" },
      });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /BadRequest/);
    }
    assert.equal(upstream.came.length, 0);
  });
});
