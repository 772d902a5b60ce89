/**
 * Whatever bytes come in, intake gives a sound result or an OtlpDecodeError: it does not crash, hang, or touch
 * a prototype. Longer runs: CORESDK_FUZZ_RUNS=100000.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { decode as decodeEvent } from "@coresdk/cloudevents/json";
import { BatchView, type IntakeResult, OtlpDecodeError, type OtlpEncoding } from "@coresdk/pipeline";
import fc from "fast-check";
import { createIntake } from "../../packages/pipeline/src/intake.ts";
import { ExportLogsServiceRequestSchema } from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";
import { seededRandom } from "../bench/corpus.ts";
import { exportRequest } from "./arbitrary.ts";
import { toOtlpJson } from "./json.ts";
import { decisionRequest } from "./requests.ts";

Object.freeze(Object.prototype);

const RUNS = Number(process.env["CORESDK_FUZZ_RUNS"] ?? 3000);
const CLOCK = { now: () => 1_773_930_900_000, schedule: () => () => undefined };
const RANDOM = { next: () => 0.5, fill: (bytes: Uint8Array) => bytes };

/** Tokens that mean something to one decoder or the other. */
const DICTIONARY: readonly Uint8Array[] = [
  ...['"', "{", "}", "[", "]", ",", ":", "\\", "null", "1e999", '"__proto__":', "\\ud800", "logRecords"],
  ...["event.name", "eventName", "resourceLogs", '"arrayValue":{"values":[', "cloudevents.id"],
].map((token) => Buffer.from(token));

function seeds(): Uint8Array[] {
  const sampled = fc.sample(exportRequest, { seed: 41, numRuns: 40 });
  return [decisionRequest(3), ...sampled.map((request) => toBinary(ExportLogsServiceRequestSchema, request))];
}

class Mutator {
  readonly #next: () => number;
  readonly #corpus: readonly Uint8Array[];

  constructor(seed: number, corpus: readonly Uint8Array[]) {
    this.#next = seededRandom(seed);
    this.#corpus = corpus;
  }

  /** A seed with one to eight faults in it. */
  make(): Buffer {
    let bytes = Buffer.from(this.#pick(this.#corpus));
    for (let faults = 1 + this.#below(8); faults > 0; faults--) bytes = this.#spoil(bytes);
    return bytes;
  }

  #spoil(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    const at = this.#below(bytes.length + 1);
    const end = at + this.#below(Math.min(64, bytes.length + 1 - at));
    switch (this.#below(7)) {
      case 0:
        return at < bytes.length
          ? splice(bytes, at, at + 1, Buffer.of((bytes[at] ?? 0) ^ (1 << this.#below(8))))
          : bytes;
      case 1:
        return splice(bytes, at, at + 1, Buffer.of(this.#below(256)));
      case 2:
        return splice(bytes, at, end, Buffer.alloc(0));
      case 3:
        return splice(bytes, end, end, bytes.subarray(at, end));
      case 4:
        return Buffer.from(bytes.subarray(0, at));
      case 5:
        return splice(bytes, at, at, this.#pick(DICTIONARY));
      default: {
        const other = this.#pick(this.#corpus);
        const from = this.#below(other.length + 1);
        return splice(bytes, at, end, other.subarray(from, from + this.#below(200)));
      }
    }
  }

  #pick(list: readonly Uint8Array[]): Uint8Array {
    return list[this.#below(list.length)] ?? Buffer.alloc(0);
  }

  #below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }
}

function splice(bytes: Buffer, at: number, end: number, by: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(end)]);
}

function fuzz(
  corpus: readonly Uint8Array[],
  encoding: OtlpEncoding,
  seed: number,
): { taken: number; refused: number } {
  const mutator = new Mutator(seed, corpus);
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
      { clock: CLOCK, random: RANDOM },
    ),
  );
  let taken = 0;
  let refused = 0;
  for (let run = 0; run < RUNS; run++) {
    const request = mutator.make();
    const intake = intakes[run % intakes.length];
    try {
      const result = intake?.intakeRequest(request, encoding);
      assert.ok(result !== undefined && !(result instanceof Promise));
      checkResult(result, (rest) => intake?.intakeRequest(rest, encoding));
      taken += 1;
    } catch (error) {
      if (!(error instanceof OtlpDecodeError)) {
        const bytes = request.toString("base64");
        throw new Error(`run ${run}, a ${encoding} request in base64: ${bytes}`, { cause: error });
      }
      refused += 1;
    }
  }
  return { taken, refused };
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

test("mutated protobuf requests are taken or refused", () => {
  const { taken, refused } = fuzz(seeds(), "protobuf", 51);
  assert.ok(taken > RUNS / 20 && refused > RUNS / 20, `${taken} taken, ${refused} refused`);
});

test("mutated OTLP/JSON requests are taken or refused", () => {
  const corpus = seeds().map((seed) => Buffer.from(JSON.stringify(toOtlpJson(seed))));
  const { taken, refused } = fuzz(corpus, "json", 52);
  assert.ok(taken > RUNS / 20 && refused > RUNS / 20, `${taken} taken, ${refused} refused`);
});
