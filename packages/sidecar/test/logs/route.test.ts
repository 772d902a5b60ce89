import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type BatchView,
  type Clock,
  createIntake,
  createPipeline,
  type Pipeline,
  type PipelineSettings,
  systemClock,
  systemRandom,
} from "@coresdk/pipeline";
import { ACCEPTED, type ExportAnswer, type Forwarder } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { createLogsRoute, type LogsRoute } from "../../src/logs/route.ts";
import { type LogsRouteSettings, logsRouteDefaults } from "../../src/logs/settings.ts";
import { AnyValueSchema, KeyValueSchema } from "../../src/otlp/gen/otlp/common_pb.ts";
import { LogRecordSchema, ResourceLogsSchema, ScopeLogsSchema } from "../../src/otlp/gen/otlp/logs_pb.ts";
import { ExportLogsServiceRequestSchema } from "../../src/otlp/gen/otlp/logs_service_pb.ts";
import { decodeExportResponse, encodeExportResponse } from "../../src/protocol/export-response.ts";
import { grpcCode } from "../../src/protocol/grpc-code.ts";
import { refuse, refuseUnavailable } from "../../src/protocol/refusal.ts";
import { ManualClock, recordFacts } from "../receive/doors.ts";

const open: Pipeline[] = [];
after(async () => {
  await Promise.all(open.map((pipeline) => pipeline.close(0)));
});

const pipelineSettings: PipelineSettings = {
  wrap: {
    source: "https://orders.acme.com",
    tenant: undefined,
    extensions: [],
    fixedExtensions: {},
    data: "attributes",
    order: "subject",
  },
  queue: { kind: "memory", maxBytes: 1_000_000, ring: true },
  sinks: [],
  retry: { initialIntervalMs: 1, maxIntervalMs: 1, maxAgeMs: 1 },
};

async function openPipeline(queue = pipelineSettings.queue): Promise<Pipeline> {
  const pipeline = await createPipeline(
    { ...pipelineSettings, queue },
    {
      clock: systemClock,
      random: systemRandom,
      facts: recordFacts(),
      onFatal: (error) => assert.fail(error),
    },
  );
  open.push(pipeline);
  return pipeline;
}

interface RouteOverrides {
  readonly settings?: Partial<LogsRouteSettings>;
  readonly clock?: Clock;
  readonly pipeline?: Pick<Pipeline, "ingest">;
}

/** A route over the real pipeline and an upstream that answers as told. */
async function openRoute(answer: () => ExportAnswer | Promise<ExportAnswer>, overrides: RouteOverrides = {}) {
  const stored = await openPipeline();
  const facts = recordFacts();
  const forwarded: Buffer[] = [];
  const forwarder: Pick<Forwarder, "forward"> = {
    forward: async (signal, message) => {
      assert.equal(signal, "logs");
      forwarded.push(Buffer.from(message));
      return answer();
    },
  };
  const own = createLogsRoute(
    { ...logsRouteDefaults, ...overrides.settings },
    { pipeline: overrides.pipeline ?? stored, forwarder, clock: overrides.clock ?? systemClock, facts },
  );
  // A message is the route's own, and the tests send theirs more than once.
  const route: LogsRoute = (message, encoding) => own(message.slice(), encoding);
  const storedTypes = async (): Promise<string[]> => {
    const segments = await stored.queue.browse(0, { maxEvents: 1000, maxBytes: 1e6 });
    const typesOf = (batch: BatchView, indexes: readonly number[]) => indexes.map((i) => batch.type(i));
    return segments.flatMap(({ batch, indexes }) => typesOf(batch, indexes));
  };
  return { route, facts, forwarded, storedTypes };
}

/** A request of records: those with a name are events. */
function encodeRequest(...names: readonly string[]): Uint8Array {
  const logRecords = names.map((eventName, i) =>
    create(LogRecordSchema, {
      eventName,
      timeUnixNano: 1_773_930_900_000_000_000n + BigInt(i),
      attributes: [
        create(KeyValueSchema, {
          key: "i",
          value: create(AnyValueSchema, { value: { case: "intValue", value: BigInt(i) } }),
        }),
      ],
    }),
  );
  const scopeLogs = [create(ScopeLogsSchema, { logRecords })];
  const resourceLogs = [create(ResourceLogsSchema, { scopeLogs })];
  return toBinary(ExportLogsServiceRequestSchema, create(ExportLogsServiceRequestSchema, { resourceLogs }));
}

function namesIn(request: Uint8Array): string[] {
  return fromBinary(ExportLogsServiceRequestSchema, request)
    .resourceLogs.flatMap((it) => it.scopeLogs)
    .flatMap((it) => it.logRecords)
    .map(({ eventName }) => eventName);
}

function countRecords(request: Uint8Array | undefined): number {
  return request === undefined ? -1 : namesIn(request).length;
}

function partialOf(answer: ExportAnswer): { rejected: bigint; errorMessage: string } {
  assert.ok(answer.kind === "accepted" && answer.response !== undefined, JSON.stringify(answer));
  const partial = decodeExportResponse(answer.response, "logs", "protobuf");
  assert.ok(partial !== undefined && partial !== "none");
  return partial;
}

const events = encodeRequest("a.b", "c.d");
const mixed = encodeRequest("a.b", "", "c.d", "");
const plain = encodeRequest("", "");
/** An event name that is no legal CloudEvents type (control character), an event, and a log record. */
const withRefusal = encodeRequest("bad\u0007", "a.b", "");

const unavailable = refuseUnavailable("busy", 3000);
const forGood = refuse(400, grpcCode.invalidArgument, "too old");

describe("the logs route", () => {
  it("commits events and sends nothing upstream when there is nothing else", async () => {
    const { route, forwarded, storedTypes } = await openRoute(() => ACCEPTED);
    assert.equal(await route(events, "protobuf"), ACCEPTED);
    assert.deepEqual(await storedTypes(), ["a.b", "c.d"]);
    assert.equal(forwarded.length, 0);
  });

  it("forwards a request without events byte for byte and gives the upstream's answer back", async () => {
    const answers = [ACCEPTED, unavailable, forGood];
    const { route, forwarded, storedTypes } = await openRoute(
      () => answers[forwarded.length - 1] ?? ACCEPTED,
    );
    for (const answer of answers) {
      assert.equal(await route(plain, "protobuf"), answer);
      assert.deepEqual(forwarded.at(-1), Buffer.from(plain));
    }
    assert.deepEqual(await storedTypes(), []);
  });

  it("commits the events of a mixed request before it forwards the rest", async () => {
    let storedThen: string[] = [];
    const { route, forwarded, storedTypes, facts } = await openRoute(async () => {
      storedThen = await storedTypes();
      return ACCEPTED;
    });
    assert.deepEqual(await route(mixed, "protobuf"), { kind: "accepted", response: undefined });
    assert.deepEqual(storedThen, ["a.b", "c.d"]);
    assert.equal(countRecords(forwarded[0]), 2);
    assert.equal(facts.count(sidecarFacts.otherRecords), 2);
  });

  it("appends no event again when a request comes back that the upstream will take later", async () => {
    const answers = [unavailable, unavailable, ACCEPTED];
    const { route, forwarded, storedTypes, facts } = await openRoute(
      () => answers[forwarded.length - 1] ?? ACCEPTED,
    );
    assert.equal(await route(mixed, "protobuf"), unavailable);
    assert.equal(await route(mixed, "protobuf"), unavailable);
    assert.equal((await route(mixed, "protobuf")).kind, "accepted");
    assert.deepEqual(await storedTypes(), ["a.b", "c.d"]);
    assert.deepEqual(forwarded.map(countRecords), [2, 2, 2]);
    assert.equal(facts.count(sidecarFacts.resends), 2);
  });

  it("delivers a request again that was answered with success and is sent again", async () => {
    const { route, storedTypes } = await openRoute(() => ACCEPTED);
    await route(mixed, "protobuf");
    await route(mixed, "protobuf");
    assert.equal((await storedTypes()).length, 4);
  });

  it("appends no event again for a client that resends while the upstream is still thinking", async () => {
    const waiting: ((answer: ExportAnswer) => void)[] = [];
    const { route, storedTypes } = await openRoute(
      () => new Promise<ExportAnswer>((resolve) => waiting.push(resolve)),
    );
    const first = route(mixed, "protobuf");
    while (waiting.length < 1) await new Promise(setImmediate);
    const second = route(mixed, "protobuf");
    while (waiting.length < 2) await new Promise(setImmediate);
    for (const resolve of waiting) resolve(ACCEPTED);
    assert.deepEqual([(await first).kind, (await second).kind], ["accepted", "accepted"]);
    assert.equal((await storedTypes()).length, 2);
  });

  it("tells another request, and the same bytes in another encoding, from the one remembered", async () => {
    const { route, facts } = await openRoute(() => unavailable);
    await route(mixed, "protobuf");
    await route(encodeRequest("x.y", ""), "protobuf");
    await route(mixed, "json");
    assert.equal(facts.count(sidecarFacts.resends), 0);
    assert.equal(facts.count(sidecarFacts.undecodable), 1);
  });

  it("forgets after a while, and says so", async () => {
    const clock = new ManualClock();
    const { route, storedTypes, facts } = await openRoute(() => unavailable, { clock });
    await route(mixed, "protobuf");
    clock.advance(logsRouteDefaults.resend.maxAgeMs);
    await route(mixed, "protobuf");
    assert.equal((await storedTypes()).length, 4);
    assert.equal(facts.count(sidecarFacts.resendsForgotten), 1);
  });

  it("names refused events by place and attribute, never by value, and commits their neighbours", async () => {
    const { route, storedTypes } = await openRoute(() => ACCEPTED);
    const partial = partialOf(await route(withRefusal, "protobuf"));
    assert.equal(partial.rejected, 1n);
    assert.match(partial.errorMessage, /log record 0: type must be /);
    assert.doesNotMatch(partial.errorMessage, /bad/);
    assert.deepEqual(await storedTypes(), ["a.b"]);
  });

  it("adds the upstream's partial success to its own", async () => {
    const response = encodeExportResponse({ rejected: 5n, errorMessage: "late" }, "logs", "protobuf");
    const { route } = await openRoute(() => ({ kind: "accepted", response }));
    const partial = partialOf(await route(withRefusal, "protobuf"));
    assert.equal(partial.rejected, 6n);
    assert.match(partial.errorMessage, /type must be .*; late$/);
  });

  it("turns the upstream's refusal for good into partial success with both counts", async () => {
    const { route, storedTypes } = await openRoute(() => forGood);
    const partial = partialOf(await route(withRefusal, "protobuf"));
    assert.equal(partial.rejected, 2n);
    assert.match(partial.errorMessage, /type must be .*; the upstream refused 1 log records .*400.*too old/);
    assert.deepEqual(await storedTypes(), ["a.b"]);
    assert.equal(partialOf(await route(mixed, "protobuf")).rejected, 2n);
  });

  it("names the refused events once more when the resend goes through", async () => {
    const answers = [unavailable, ACCEPTED];
    const { route, forwarded } = await openRoute(() => answers[forwarded.length - 1] ?? ACCEPTED);
    await route(withRefusal, "protobuf");
    assert.equal(partialOf(await route(withRefusal, "protobuf")).rejected, 1n);
  });

  it("refuses what cannot be decoded with 400, whatever the encoding", async () => {
    const { route, forwarded, facts } = await openRoute(() => ACCEPTED);
    for (const encoding of ["protobuf", "json"] as const) {
      const answer = await route(Buffer.from("{ no"), encoding);
      assert.equal(answer.kind === "refused" && answer.httpStatus, 400);
      assert.equal(answer.kind === "refused" && answer.grpcCode, grpcCode.invalidArgument);
    }
    assert.equal(facts.count(sidecarFacts.undecodable), 2);
    assert.equal(forwarded.length, 0);
  });

  it("refuses as too large, not as undecodable, a request with more events than are taken at once", async () => {
    const { route, forwarded, facts } = await openRoute(() => ACCEPTED);
    const records = `{"eventName":"e"},`.repeat(131_072);
    const json = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}{"eventName":"e"}]}]}]}`;
    // Requests in a row are one request.
    const one = encodeRequest("e");
    const protobuf = Buffer.concat(Array.from({ length: 131_073 }, () => one));
    for (const [encoding, message] of [
      ["protobuf", protobuf],
      ["json", Buffer.from(json)],
    ] as const) {
      const answer = await route(message, encoding);
      assert.equal(answer.kind === "refused" && answer.httpStatus, 413);
      assert.equal(answer.kind === "refused" && answer.grpcCode, grpcCode.resourceExhausted);
      assert.match(answer.kind === "refused" ? answer.message : "", /more than 131072 events in one request/);
      assert.equal(answer.kind === "refused" && answer.retryAfterMs, undefined);
    }
    assert.equal(facts.count(sidecarFacts.tooMuch), 2);
    assert.equal(facts.count(sidecarFacts.undecodable), 0);
    assert.equal(forwarded.length, 0);
  });

  it("refuses the whole request, retryably, when the queue takes nothing, and forwards nothing", async () => {
    const full = await openPipeline({ kind: "memory", maxBytes: 2_000, ring: false });
    const { route, forwarded } = await openRoute(() => ACCEPTED, { pipeline: full });
    let answer = await route(events, "protobuf");
    assert.equal(answer, ACCEPTED);
    while (answer.kind === "accepted") answer = await route(events, "protobuf");
    answer = await route(mixed, "protobuf");
    assert.ok(answer.kind === "refused");
    assert.equal(answer.httpStatus, 429);
    assert.equal(answer.grpcCode, grpcCode.unavailable);
    assert.ok((answer.retryAfterMs ?? 0) > 0);
    assert.equal(forwarded.length, 0);
    assert.equal((await route(plain, "protobuf")).kind, "accepted");
  });

  it("refuses for good, by the setting's name, a request whose events an empty queue could not hold", async () => {
    for (const ring of [false, true]) {
      const small = await openPipeline({ kind: "memory", maxBytes: 2_000, ring });
      const { route, forwarded } = await openRoute(() => ACCEPTED, { pipeline: small });
      const answer = await route(encodeRequest(...Array.from({ length: 100 }, () => "a.b"), ""), "protobuf");
      assert.ok(answer.kind === "refused");
      assert.equal(answer.httpStatus, 413);
      assert.equal(answer.grpcCode, grpcCode.resourceExhausted);
      assert.equal(answer.retryAfterMs, undefined);
      assert.deepEqual(answer.details, []);
      assert.match(answer.message, /queue\.max_bytes/);
      assert.equal(forwarded.length, 0);
      assert.equal(small.queue.refusing(), false);
      assert.equal(await route(events, "protobuf"), ACCEPTED);
    }
  });

  it("refuses retryably while the pipeline closes", async () => {
    const closing = await openPipeline();
    await closing.close(0);
    const { route } = await openRoute(() => ACCEPTED, { pipeline: closing });
    const answer = await route(events, "protobuf");
    assert.equal(answer.kind === "refused" && answer.httpStatus, 503);
    assert.ok(answer.kind === "refused" && answer.retryAfterMs !== undefined);
  });

  it("rejects when the pipeline fails, so that the door answers for it", async () => {
    const broken = { ingest: () => Promise.reject(new Error("broken")) };
    const { route } = await openRoute(() => ACCEPTED, { pipeline: broken });
    await assert.rejects(route(events, "protobuf"), /broken/);
  });

  it("with keep_in_otlp sends events on as well, the bytes as they came", async () => {
    const settings = { keepInOtlp: true };
    const answers = [ACCEPTED, unavailable, ACCEPTED];
    const { route, forwarded, storedTypes } = await openRoute(
      () => answers[forwarded.length - 1] ?? ACCEPTED,
      { settings },
    );
    for (const request of [events, mixed, mixed]) {
      await route(request, "protobuf");
      assert.deepEqual(forwarded.at(-1), Buffer.from(request));
    }
    assert.equal((await storedTypes()).length, 4);
  });

  it("with keep_in_otlp keeps back the events that were denied or refused, and no others", async () => {
    const denied = ["no.way", "not.this"];
    const intake = createIntake(pipelineSettings.wrap, {
      clock: systemClock,
      random: systemRandom,
      policy: {
        decide: async ({ count, at }) =>
          Array.from({ length: count }, (_, i) => !denied.includes(at(i).event_type)),
      },
    });
    const pipeline: Pick<Pipeline, "ingest"> = {
      ingest: async (request, encoding) => ({
        appended: { committed: true, firstSequence: 0 },
        result: await intake.intakeRequest(request, encoding),
      }),
    };
    const { route, forwarded } = await openRoute(() => ACCEPTED, {
      pipeline,
      settings: { keepInOtlp: true },
    });
    const names = ["no.way", "a.b", "", "bad\u0007", "c.d", "not.this"];
    await route(encodeRequest(...names), "protobuf");
    assert.deepEqual(forwarded.map(namesIn), [["a.b", "", "c.d"]]);
    const logRecords = names.map((eventName) => ({ eventName }));
    await route(Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })), "json");
    const kept = ["a.b", "", "c.d"].map((eventName) => ({ eventName }));
    assert.deepEqual(JSON.parse(String(forwarded[1])), {
      resourceLogs: [{ scopeLogs: [{ logRecords: kept }] }],
    });
    assert.equal(await route(encodeRequest("no.way", "not.this"), "protobuf"), ACCEPTED);
    assert.equal(forwarded.length, 2, "nothing is left to forward");
  });
});
