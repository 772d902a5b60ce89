/** What a request may hold that is masked on its way upstream: a few kilobytes of gzip can be millions of values. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_EVENT_VALUES, type MaskSettings, systemClock } from "@coresdk/pipeline";
import { field } from "../../../pipeline/test/otlp/wire-bytes.ts";
import { ACCEPTED, type ExportAnswer, type Signal } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { maskForwarded } from "../../src/forward/mask-forwarded.ts";
import { recordFacts } from "../receive/doors.ts";

const masking: MaskSettings = { blockedKeys: [], allowKeys: [], patterns: [], literals: [], categories: {} };

interface Forwarded {
  readonly answer: ExportAnswer;
  readonly sent: number;
  readonly tooMuch: number;
}

async function forward(
  signal: Signal,
  request: Uint8Array,
  encoding: "json" | "protobuf" = "protobuf",
): Promise<Forwarded> {
  let sent = 0;
  const upstream = {
    async forward() {
      sent += 1;
      return ACCEPTED;
    },
    state: () => ({ state: "untried", reason: "" }) as const,
    close: async () => {},
  };
  const facts = recordFacts();
  const settings = { masking, logs: "all", traces: true, metrics: true } as const;
  const forwarder = maskForwarded(upstream, settings, { clock: systemClock, facts });
  const answer = await forwarder.forward(signal, request, encoding);
  await forwarder.close(0);
  return { answer, sent, tooMuch: facts.count(sidecarFacts.tooMuch, { encoding }) };
}

const repeated = (count: number, bytes: Uint8Array): Uint8Array => Buffer.alloc(count * bytes.length, bytes);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const inRecord = (fields: Uint8Array): Uint8Array => field(1, field(2, field(2, fields)));
const entry = joined(field(1, "k"), field(2, field(1, "a@b.co")));
const MANY = MAX_EVENT_VALUES + 1;

const jsonEntry = '{"key":"k","value":{"stringValue":"a@b.co"}}';
const jsonLogs = (record: string): Uint8Array =>
  Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`);
const listed = (count: number, item: string): string => Array.from({ length: count }, () => item).join();

const refused: readonly (readonly [string, Signal, Uint8Array, ("json" | "protobuf")?])[] = [
  ["entries in a record's body", "logs", inRecord(field(5, field(6, repeated(MANY, field(1, entry)))))],
  ["items in a record's body", "logs", inRecord(field(5, field(5, repeated(MANY, field(1, field(1, "x"))))))],
  ["attributes of a span", "traces", inRecord(repeated(MANY, field(9, entry)))],
  ["attributes of a resource", "metrics", field(1, field(1, repeated(MANY, field(1, entry))))],
  [
    "entries in a record's body in JSON",
    "logs",
    jsonLogs(`{"body":{"kvlistValue":{"values":[${listed(MANY, jsonEntry)}]}}}`),
    "json",
  ],
  [
    "items in a record's body in JSON",
    "logs",
    jsonLogs(`{"body":{"arrayValue":{"values":[${listed(MANY, "{}")}]}}}`),
    "json",
  ],
];

for (const [what, signal, request, encoding] of refused) {
  test(`more ${what} than an event may have are too large, and go nowhere`, async () => {
    const { answer, sent, tooMuch } = await forward(signal, request, encoding);
    assert.ok(answer.kind === "refused" && answer.httpStatus === 413);
    assert.match(answer.message, /more than 32768 values/);
    assert.deepEqual({ sent, tooMuch }, { sent: 0, tooMuch: 1 });
  });
}

test("as many values as an event may have go on, in each record anew", async () => {
  const record = field(2, repeated(MAX_EVENT_VALUES, field(6, entry)));
  const request = field(1, joined(field(1, field(1, entry)), field(2, joined(record, record))));
  assert.equal((await forward("logs", request)).sent, 1);
  const json = `{"timeUnixNano":"1","eventName":"e","attributes":[${listed(MAX_EVENT_VALUES, jsonEntry)}]}`;
  assert.equal((await forward("logs", jsonLogs(`${json},${json}`), "json")).sent, 1);
});

test("the data points of a metric, and the events of a span, each have values of their own", async () => {
  const half = Math.ceil(MANY / 2);
  const points = field(5, repeated(2, field(1, repeated(half, field(7, entry)))));
  assert.equal((await forward("metrics", inRecord(points))).sent, 1);
  const events = repeated(2, field(11, repeated(half, field(3, entry))));
  assert.equal((await forward("traces", inRecord(joined(events, repeated(half, field(9, entry)))))).sent, 1);
});

test("700,000 attributes are no more than that, whatever their keys and texts", async () => {
  const record = field(2, repeated(20_000, field(6, entry)));
  assert.equal((await forward("logs", field(1, field(2, repeated(35, record))))).sent, 1);
});
