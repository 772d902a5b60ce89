import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type DescMessage, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { AnySchema, DurationSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { RetryInfoSchema, StatusSchema } from "../../src/otlp/gen/google/rpc_pb.ts";
import { ExportLogsServiceResponseSchema } from "../../src/otlp/gen/otlp/logs_service_pb.ts";
import { ExportMetricsServiceResponseSchema } from "../../src/otlp/gen/otlp/metrics_service_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../src/otlp/gen/otlp/trace_service_pb.ts";
import { Chunks } from "../../src/protocol/chunks.ts";
import { createBadRequest, createRetryInfo, findRetryDelay } from "../../src/protocol/details.ts";
import {
  decodeExportResponse,
  encodeExportResponse,
  type PartialSuccess,
} from "../../src/protocol/export-response.ts";
import {
  decodeGrpcMessage,
  encodeGrpcMessage,
  encodePrefix,
  MessageReader,
} from "../../src/protocol/grpc-message.ts";
import {
  decodeStatus,
  decodeStatusJson,
  encodeStatus,
  encodeStatusJson,
} from "../../src/protocol/rpc-status.ts";

const plain = { noNullPrototype: true } as const;
const text = fc.string({ unit: "binary" });
const details = fc.array(fc.record({ typeUrl: text, value: fc.uint8Array({ maxLength: 20 }) }, plain), {
  maxLength: 4,
});
const statuses = fc.record({ code: fc.integer({ min: -5, max: 20 }), message: text, details }, plain);

describe("google.rpc.Status", () => {
  it("is written and read as protobuf-es does", () => {
    fc.assert(
      fc.property(statuses, (status) => {
        const oracle = create(StatusSchema, {
          code: status.code,
          message: status.message,
          details: status.details.map((it) => create(AnySchema, it)),
        });
        const ours = decodeStatus(toBinary(StatusSchema, oracle));
        assert.deepEqual(
          { ...ours, details: ours?.details.map((it) => ({ ...it, value: new Uint8Array(it.value) })) },
          status,
        );
        const read = fromBinary(StatusSchema, encodeStatus(status));
        assert.equal(read.code, status.code);
        assert.equal(read.message, status.message);
        assert.deepEqual(
          read.details.map(({ typeUrl, value }) => ({ typeUrl, value: new Uint8Array(value) })),
          status.details,
        );
      }),
    );
  });

  it("keeps RetryInfo and BadRequest in its JSON form", () => {
    const status = { code: 14, message: "é", details: [createRetryInfo(1500), createBadRequest("no")] };
    const json = encodeStatusJson(status);
    assert.deepEqual(JSON.parse(Buffer.from(json).toString()), {
      code: 14,
      message: "é",
      details: [
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.5s" },
        { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ description: "no" }] },
      ],
    });
    assert.equal(findRetryDelay(decodeStatusJson(json)?.details ?? []), 1500);
  });

  it("is never read with an exception, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const status = decodeStatus(bytes);
        findRetryDelay(status?.details ?? []);
        findRetryDelay([{ typeUrl: "x/google.rpc.RetryInfo", value: bytes }]);
        encodeStatusJson({ code: 0, message: "", details: [{ ...createBadRequest(""), value: bytes }] });
        decodeStatusJson(bytes);
        for (const encoding of ["protobuf", "json"] as const) decodeExportResponse(bytes, "logs", encoding);
      }),
      { numRuns: 2000 },
    );
  });

  it("in JSON is never read with an exception, whatever the value", () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (value, inner) => {
        decodeStatusJson(Buffer.from(value));
        decodeStatusJson(Buffer.from(`{"details":[{"@type":${inner}},${value}]}`));
        decodeExportResponse(Buffer.from(`{"partialSuccess":${value}}`), "traces", "json");
      }),
    );
  });
});

describe("RetryInfo", () => {
  it("is written as protobuf-es reads it, and read as it writes it", () => {
    fc.assert(
      fc.property(fc.nat(3_600_000), (delayMs) => {
        const ours = fromBinary(RetryInfoSchema, createRetryInfo(delayMs).value);
        assert.equal(Number(ours.retryDelay?.seconds) * 1000 + (ours.retryDelay?.nanos ?? 0) / 1e6, delayMs);
        const retryDelay = create(DurationSchema, {
          seconds: BigInt(Math.floor(delayMs / 1000)),
          nanos: (delayMs % 1000) * 1e6,
        });
        const value = toBinary(RetryInfoSchema, create(RetryInfoSchema, { retryDelay }));
        assert.equal(
          findRetryDelay([{ typeUrl: "type.googleapis.com/google.rpc.RetryInfo", value }]),
          delayMs,
        );
      }),
    );
  });

  it("asks for an hour at most, as of sinks, and for nothing less than at once", () => {
    const ask = (seconds: bigint) => {
      const retryInfo = create(RetryInfoSchema, { retryDelay: create(DurationSchema, { seconds }) });
      const value = toBinary(RetryInfoSchema, retryInfo);
      return findRetryDelay([{ typeUrl: "type.googleapis.com/google.rpc.RetryInfo", value }]);
    };
    assert.equal(ask(9_000_000_000n), 3_600_000);
    assert.equal(ask(-5n), 0);
  });
});

const responses = {
  logs: [ExportLogsServiceResponseSchema, "rejectedLogRecords"],
  traces: [ExportTraceServiceResponseSchema, "rejectedSpans"],
  metrics: [ExportMetricsServiceResponseSchema, "rejectedDataPoints"],
} as const satisfies Record<string, readonly [DescMessage, string]>;

describe("the export response", () => {
  it("is written and read as protobuf-es does, in both encodings, for each signal", () => {
    const partials = fc.record(
      {
        rejected: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        errorMessage: text,
      },
      plain,
    );
    fc.assert(
      fc.property(partials, (partial: PartialSuccess) => {
        for (const signal of ["logs", "traces", "metrics"] as const) {
          const [schema, rejectedKey] = responses[signal];
          const expected = fromJson(schema, {
            partialSuccess: {
              [rejectedKey]: partial.rejected.toString(),
              errorMessage: partial.errorMessage.toWellFormed(),
            },
          });
          const protobuf = encodeExportResponse(partial, signal, "protobuf");
          assert.deepEqual(toJson(schema, fromBinary(schema, protobuf)), toJson(schema, expected));
          assert.deepEqual(decodeExportResponse(toBinary(schema, expected), signal, "protobuf"), {
            ...partial,
            errorMessage: partial.errorMessage.toWellFormed(),
          });
          const json = encodeExportResponse(partial, signal, "json");
          assert.deepEqual(decodeExportResponse(json, signal, "json"), partial);
          assert.deepEqual(
            toJson(schema, fromJson(schema, JSON.parse(Buffer.from(json).toString()))),
            toJson(schema, expected),
          );
        }
      }),
    );
  });

  it("without partial success is none, in both encodings", () => {
    assert.equal(decodeExportResponse(new Uint8Array(), "logs", "protobuf"), "none");
    assert.equal(decodeExportResponse(Buffer.from("{}"), "logs", "json"), "none");
    assert.equal(decodeExportResponse(Buffer.from("[]"), "logs", "json"), undefined);
    assert.equal(decodeExportResponse(Buffer.of(0x0a, 5), "logs", "protobuf"), undefined);
  });
});

describe("gRPC framing", () => {
  it("gives a message back however its bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 9000 }),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 30 }),
        (bytes, compressed, cuts) => {
          const framed = Buffer.concat([encodePrefix(bytes.length, compressed), bytes]);
          const reader = new MessageReader(9000);
          let at = 0;
          let progress = reader.push(Buffer.alloc(0));
          for (let i = 0; at < framed.length; i++) {
            assert.equal(progress, "incomplete");
            const length = cuts[i % cuts.length] ?? 1;
            progress = reader.push(framed.subarray(at, at + length));
            at += length;
          }
          assert.equal(progress, "complete");
          const message = reader.take();
          assert.equal(message.compressed, compressed);
          assert.deepEqual(new Uint8Array(message.bytes), bytes);
        },
      ),
    );
  });

  it("refuses by the announced length, before the message is there", () => {
    assert.equal(new MessageReader(10).push(encodePrefix(11, false)), "too_large");
    assert.equal(new MessageReader(10).push(Buffer.of(2, 0, 0, 0, 1)), "malformed");
    assert.equal(new MessageReader(10).push(Buffer.of(0, 0, 0, 0, 1, 7, 8)), "malformed");
  });

  it("keeps a message through its percent-encoding, in printable ASCII", () => {
    fc.assert(
      fc.property(text, (message) => {
        const wellFormed = message.toWellFormed();
        const encoded = encodeGrpcMessage(wellFormed);
        assert.match(encoded, /^[\x20-\x7e]*$/);
        assert.equal(decodeGrpcMessage(encoded), wellFormed);
      }),
    );
    assert.equal(decodeGrpcMessage("100% %zz %4"), "100% %zz %4");
  });
});

describe("chunks", () => {
  it("join to what was pushed, and cost no object a byte", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 40 }), (parts) => {
        const chunks = new Chunks();
        for (const part of parts) chunks.push(Buffer.from(part));
        assert.equal(
          chunks.byteLength,
          parts.reduce((sum, part) => sum + part.length, 0),
        );
        assert.deepEqual(chunks.join(), Buffer.concat(parts));
      }),
    );
  });

  it("give the only one back as it is", () => {
    const only = Buffer.from("only");
    const chunks = new Chunks();
    chunks.push(only);
    assert.equal(chunks.join(), only);
  });
});
