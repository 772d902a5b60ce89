/** Intake under faulty requests: a sound result, or an error that says what is wrong with the request. */
import assert from "node:assert/strict";
import { toBinary } from "@bufbuild/protobuf";
import { decode as decodeEvent } from "@coresdk/cloudevents/json";
import {
  BatchView,
  type IntakeResult,
  OtlpDecodeError,
  type OtlpEncoding,
  OtlpTooLargeError,
} from "@coresdk/pipeline";
import fc from "fast-check";
import { compileMask } from "../../packages/pipeline/src/compile-mask.ts";
import { createIntake } from "../../packages/pipeline/src/intake.ts";
import { ExportLogsServiceRequestSchema } from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";
import { exportRequest } from "../otlp/arbitrary.ts";
import { toOtlpJson } from "../otlp/json.ts";
import { decisionRequest } from "../otlp/requests.ts";
import type { Target } from "./target.ts";

const CLOCK = { now: () => 1_773_930_900_000, elapsed: () => 0, schedule: () => () => undefined };
const RANDOM = { next: () => 0.5, fill: (bytes: Uint8Array) => bytes };

/** Pieces that mean something to one decoder or the other. */
const DICTIONARY: readonly Uint8Array[] = [
  ...['"', "{", "}", "[", "]", ",", ":", "\\", "null", "1e999", '"__proto__":', "\\ud800", "logRecords"],
  ...["event.name", "eventName", "resourceLogs", '"arrayValue":{"values":[', "cloudevents.id"],
  ...['"constructor":{"prototype":{', '"toString":', "hasOwnProperty", "4111 1111 1111 1111", "password"],
].map((token) => Buffer.from(token));

/** Good requests: one of a service, and the generator's. */
function protobufCorpus(): readonly Uint8Array[] {
  const sampled = fc.sample(exportRequest, { seed: 41, numRuns: 40 });
  return [decisionRequest(3), ...sampled.map((request) => toBinary(ExportLogsServiceRequestSchema, request))];
}

export const intakeTargets: readonly Target[] = [
  createTarget("intake of OTLP protobuf", "protobuf", protobufCorpus()),
  createTarget(
    "intake of OTLP/JSON",
    "json",
    protobufCorpus().map((request) => Buffer.from(JSON.stringify(toOtlpJson(request)))),
  ),
];

function createTarget(name: string, encoding: OtlpEncoding, corpus: readonly Uint8Array[]): Target {
  const intakes = (["attributes", "body", "record"] as const).map((data) =>
    createIntake(
      {
        source: undefined,
        tenant: undefined,
        extensions: ["distributed-tracing", "severity", "recordedtime", "partitioning", "authcontext"],
        fixedExtensions: {},
        data,
        order: "subject",
      },
      { clock: CLOCK, random: RANDOM, mask: compileMask(data === "attributes" ? undefined : "off") },
    ),
  );
  let turn = 0;
  return {
    name,
    corpus,
    dictionary: DICTIONARY,
    feed(request) {
      turn += 1;
      const intake = intakes[turn % intakes.length];
      assert.ok(intake !== undefined);
      try {
        const result = intake.intakeRequest(request, encoding);
        assert.ok(!(result instanceof Promise));
        checkResult(result, (rest) => intake.intakeRequest(rest, encoding));
        return "taken";
      } catch (error) {
        if (error instanceof OtlpDecodeError || error instanceof OtlpTooLargeError) return "refused";
        throw error;
      }
    },
  };
}

function checkResult(result: IntakeResult, again: (rest: Uint8Array) => unknown): void {
  const count = result.batch?.count ?? 0;
  assert.equal(count + result.refusals.length, result.events);
  if (result.batch !== undefined) {
    const view = new BatchView(new Uint8Array(result.batch.buffer));
    for (let i = 0; i < count; i++) {
      const event = decodeEvent(view.event(i));
      assert.deepEqual(
        [view.type(i), view.id(i), view.subject(i), view.time(i)],
        [event.type, event.id, event.subject, event.time],
      );
    }
  }
  if (result.rest instanceof Uint8Array) {
    const rest = again(result.rest);
    assert.ok(typeof rest === "object" && rest !== null && "events" in rest && "otherRecords" in rest);
    assert.deepEqual([rest.events, rest.otherRecords], [0, result.otherRecords]);
  }
}
