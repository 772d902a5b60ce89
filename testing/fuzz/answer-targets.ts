/** What an upstream answers, and what is made of a request on its way there: read leniently, never with an error. */
import assert from "node:assert/strict";
import { toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { Signal } from "../../packages/sidecar/src/contracts.ts";
import { transcodeToProtobuf } from "../../packages/sidecar/src/forward/transcode.ts";
import { ExportLogsServiceRequestSchema } from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";
import { createBadRequest, createRetryInfo } from "../../packages/sidecar/src/protocol/details.ts";
import {
  decodeExportResponse,
  encodeExportResponse,
} from "../../packages/sidecar/src/protocol/export-response.ts";
import { decodeGrpcMessage, encodeGrpcMessage } from "../../packages/sidecar/src/protocol/grpc-message.ts";
import {
  decodeStatus,
  decodeStatusJson,
  encodeStatus,
  encodeStatusJson,
  type RpcStatus,
} from "../../packages/sidecar/src/protocol/rpc-status.ts";
import { exportRequest } from "../otlp/arbitrary.ts";
import { toOtlpJson } from "../otlp/json.ts";
import type { Target } from "./target.ts";

const JSON_PIECES = ['"', "{", "}", "[", "]", ",", ":", "null", '"__proto__":', '"@type":', "1e99"];
const PIECES: readonly Uint8Array[] = JSON_PIECES.map((piece) => Buffer.from(piece));

const status: RpcStatus = {
  code: 14,
  message: "unavailable",
  details: [createRetryInfo(1500), createBadRequest("no such field")],
};
const partial = { rejected: 3n, errorMessage: "three of them" };

function createTarget(name: string, corpus: readonly Uint8Array[], read: (input: Buffer) => unknown): Target {
  const feed: Target["feed"] = (input) => (read(input) === undefined ? "refused" : "taken");
  return { name, corpus, dictionary: PIECES, feed };
}

/** Reads what was written of what was read. */
function readStatus(input: Buffer): unknown {
  const found = decodeStatus(input);
  if (found === undefined) return undefined;
  const written = encodeStatus(found);
  const again = decodeStatus(written);
  assert.ok(again !== undefined);
  assert.deepEqual(encodeStatus(again), written);
  return found;
}

const requests = fc
  .sample(exportRequest, { seed: 43, numRuns: 10 })
  .map((request) =>
    Buffer.from(JSON.stringify(toOtlpJson(toBinary(ExportLogsServiceRequestSchema, request)))),
  );

export const answerTargets: readonly Target[] = [
  createTarget(
    "google.rpc.Status",
    [encodeStatus(status), encodeStatus({ ...status, details: [] })],
    readStatus,
  ),
  createTarget("google.rpc.Status in JSON", [encodeStatusJson(status)], decodeStatusJson),
  createTarget("grpc-message", [Buffer.from("50%25 of %E2%82%AC"), Buffer.from("plain")], (input) => {
    const text = decodeGrpcMessage(input.toString("latin1"));
    assert.equal(decodeGrpcMessage(encodeGrpcMessage(text)), text);
    return text;
  }),
  ...(["logs", "traces", "metrics"] as const).flatMap((signal: Signal) => [
    createTarget(
      `export response of ${signal}`,
      [encodeExportResponse(partial, signal, "protobuf")],
      (input) => decodeExportResponse(input, signal, "protobuf"),
    ),
    createTarget(
      `export response of ${signal} in JSON`,
      [encodeExportResponse(partial, signal, "json")],
      (input) => decodeExportResponse(input, signal, "json"),
    ),
    createTarget(`transcoding of ${signal}`, requests, (input) => transcodeToProtobuf(signal, input)),
  ]),
];
