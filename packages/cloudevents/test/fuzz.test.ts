/** Whatever comes in, what goes out is an event or a CloudEventError. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloudEventError, checkAttribute, checkAttributeName, validateEvent } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";
import fc from "fast-check";
import { events } from "./arbitraries.ts";

/** Longer runs on demand: `CORESDK_FUZZ_RUNS=100000`. */
const numRuns = Number(process.env["CORESDK_FUZZ_RUNS"] ?? 500);

function onlyCloudEventErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
  }
}

const bytes = fc.uint8Array({ maxLength: 200 });
const attributeName = fc.oneof(
  fc.constantFrom(
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "subject",
    "datacontenttype",
    "dataschema",
    "data",
    "data_base64",
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "sampledrate",
    "deprecated",
    "dssematerial",
    "x",
    "A-b",
  ),
  fc.string({ maxLength: 8 }),
);
const contentType = fc.oneof(
  fc.constantFrom(
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/cloudevents+x",
    "text/plain",
    'a/b; c="d',
    "",
  ),
  fc.string({ maxLength: 30 }),
);
const headerValue = fc.oneof(
  contentType,
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("1.0", "%", "%C0%A0", '"', '"\\', "2026-01-01T00:00:00Z"),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.constant(undefined),
);
const jsonObject = fc.dictionary(attributeName, fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" })));

/** The text of a valid event with some of its characters changed. */
const mutated = fc
  .tuple(
    events,
    fc.array(fc.tuple(fc.nat(), fc.string({ unit: "binary", maxLength: 3 }), fc.nat(4)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([event, changes]) => {
    let text = json.encode(event);
    for (const [place, insert, cut] of changes) {
      const at = place % (text.length + 1);
      text = text.slice(0, at) + insert + text.slice(at + cut);
    }
    return text;
  });

describe("fuzzing", () => {
  it("random bytes and text as JSON", () => {
    fc.assert(
      fc.property(
        fc.oneof(bytes, fc.string(), mutated),
        fc.constantFrom("number", "bigint"),
        (input, integers) => {
          onlyCloudEventErrors(() => json.decode(input, { integers }));
          onlyCloudEventErrors(() => json.decodeBatch(input, { integers }));
        },
      ),
      { numRuns },
    );
  });

  it("random JSON objects: what is decoded can be encoded and decoded again", () => {
    fc.assert(
      fc.property(jsonObject, (object) => {
        const head = { specversion: "1.0", id: "1", source: "/s", type: "t" };
        for (const candidate of [object, { ...head, ...object }]) {
          const text = JSON.stringify(candidate);
          onlyCloudEventErrors(() => validateEvent(candidate));
          onlyCloudEventErrors(() => {
            const event = json.decode(text);
            assert.equal(Object.getPrototypeOf(event), Object.prototype);
            assert.deepEqual(json.decode(json.encode(event)), event);
          });
        }
      }),
      { numRuns },
    );
  });

  it("header soup over HTTP", () => {
    const headerName = fc.oneof(
      attributeName.map((name) => `ce-${name}`),
      attributeName.map((name) => `CE-${name}`),
      fc.constant("Content-Type"),
      fc.string(),
    );
    const known = Object.entries({
      "ce-specversion": "1.0",
      "ce-id": "1",
      "ce-source": "/s",
      "ce-type": "t",
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(headerName, headerValue), { maxLength: 6 }),
        fc.boolean(),
        fc.oneof(bytes, fc.string(), fc.constant(null), jsonObject),
        (soup, whole, body) => {
          const headers = whole ? [...known, ...soup] : soup;
          for (const shape of [headers, new Map(headers), Object.fromEntries(headers)]) {
            onlyCloudEventErrors(() => http.decode({ headers: shape, body }));
            onlyCloudEventErrors(() => http.decodeBatch({ headers: shape, body }));
          }
          assert.equal(Reflect.get({}, "polluted"), undefined);
        },
      ),
      { numRuns },
    );
  });

  it("header soup from Kafka", () => {
    const headerName = fc.oneof(
      attributeName.map((name) => `ce_${name}`),
      fc.constant("content-type"),
      fc.string(),
      bytes,
    );
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      bytes,
      fc.constant(null),
      fc.array(bytes, { maxLength: 2 }),
    );
    const known = Object.entries({ ce_specversion: "1.0", ce_id: "1", ce_source: "/s", ce_type: "t" });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(headerName, value), { maxLength: 6 }),
        fc.boolean(),
        fc.oneof(bytes, fc.string(), fc.constant(null)),
        (soup, whole, body) => {
          const headers = whole ? [...known, ...soup] : soup;
          onlyCloudEventErrors(() => kafka.decode({ headers, value: body }));
          onlyCloudEventErrors(() => kafka.decode({ headers: new Map(headers), value: body }));
        },
      ),
      { numRuns },
    );
  });

  it("what JavaScript callers pass instead of a message", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withMap: true, withTypedArray: true, withNullPrototype: true }),
        (value) => {
          const calls: [(...args: never) => unknown, ...unknown[]][] = [
            [http.decode, { headers: value, body: value }],
            [http.decodeBatch, { headers: value, body: value }],
            [kafka.decode, { headers: value, value }],
            [json.decode, value],
            [json.decodeBatch, value],
            [json.encode, value],
            [http.encode, value, { mode: "binary" }],
            [kafka.encode, value],
          ];
          for (const [call, ...args] of calls)
            onlyCloudEventErrors(() => Reflect.apply(call, undefined, args));
          onlyCloudEventErrors(() => validateEvent(value));
        },
      ),
      { numRuns },
    );
  });

  it("any name and any value for the checks", () => {
    fc.assert(
      fc.property(attributeName, fc.anything(), (name, value) => {
        assert.match(typeof checkAttributeName(name), /^(undefined|string)$/);
        assert.match(typeof checkAttribute(name, value), /^(undefined|string)$/);
      }),
      { numRuns },
    );
  });

  describe("long hostile texts take time that grows with their length alone", () => {
    const head = { specversion: "1.0", id: "1", source: "/s", type: "t" };
    const httpHead = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };
    const kafkaHead = { ce_specversion: "1.0", ce_id: "1", ce_source: "/s", ce_type: "t" };
    const attributes = [
      "id",
      "time",
      "source",
      "dataschema",
      "datacontenttype",
      "dssematerial",
      "sampledrate",
    ];
    /** Every public way in, with the text in every place that reads one. */
    const ways: Record<string, (text: string) => unknown> = {
      "json.decode": (text) => json.decode(text),
      "json.decode, bigint": (text) => json.decode(`{"data":[${text}`, { integers: "bigint" }),
      "json.decodeBatch": (text) => json.decodeBatch(`[${text}]`),
      "json.decodeBatch, name": (text) => json.decodeBatch(JSON.stringify([{ ...head, [text]: text }])),
      "json data_base64": (text) => json.decode(JSON.stringify({ ...head, data_base64: text })),
      "http content type": (text) =>
        http.decode({ headers: { ...httpHead, "content-type": text }, body: text }),
      "http parameter": (text) => http.decode({ headers: { ...httpHead, "content-type": `a/b; c=${text}` } }),
      "http structured": (text) =>
        http.decode({ headers: { "content-type": `application/cloudevents+json;${text}` }, body: text }),
      "http batch": (text) =>
        http.decodeBatch({ headers: { "content-type": "application/cloudevents-batch+json" }, body: text }),
      "http header name": (text) => http.decode({ headers: { ...httpHead, [`ce-${text}`]: text } }),
      "kafka content type": (text) =>
        kafka.decode({ headers: { ...kafkaHead, "content-type": text, ce_datacontenttype: text } }),
      "kafka header name": (text) => kafka.decode({ headers: { ...kafkaHead, [`ce_${text}`]: text } }),
      "kafka bytes": (text) => kafka.decode({ headers: { ...kafkaHead, ce_time: Buffer.from(text) } }),
    };
    for (const name of attributes) {
      const ce = `ce-${name}`;
      ways[`json ${name}`] = (text) => json.decode(JSON.stringify({ ...head, [name]: text }));
      ways[`http ${name}`] = (text) => http.decode({ headers: { ...httpHead, [ce]: text } });
      ways[`kafka ${name}`] = (text) => kafka.decode({ headers: { ...kafkaHead, [`ce_${name}`]: text } });
      ways[`checkAttribute ${name}`] = (text) => checkAttribute(name, text);
    }
    const units = [
      "%",
      '"',
      "\\",
      '"\\',
      "a/",
      "a=b;",
      "%41",
      "=",
      "/",
      "{",
      "[",
      '{"a":',
      " ",
      "\t",
      "a/b;",
      ":",
      "1",
      "é",
      ".",
      "@",
    ];
    const shapes: readonly ((run: string) => string)[] = [
      (run) => run,
      (run) => `a${run}b`,
      (run) => `a${run}`,
      (run) => `"${run}`,
      (run) => `http://[${run}]/`,
      (run) => `2026-01-01T00:00:00.${run}Z`,
    ];

    for (const [name, way] of Object.entries(ways)) {
      it(name, () => {
        for (const unit of units) {
          for (const shape of shapes) {
            const run = (length: number) => () => way(shape(unit.repeat(length / unit.length)));
            // Sixteen times the length: sixteen times the time, or 256 times where the time grows with the square.
            const limit = 100 * Math.max(0.05, leastCpuMs(run(4_000), 0));
            if (leastCpuMs(run(64_000), limit) < limit) continue;
            // Some systems count CPU time in ticks about as long as one run: many runs tell more.
            const [short, long] = [meanCpuMs(run(4_000)), meanCpuMs(run(64_000))];
            assert.ok(long < 100 * Math.max(0.05, short), `${shape(unit)}: ${short} and ${long} ms`);
          }
        }
      });
    }
  });
});

/**
 * CPU time of this thread, so that a busy machine does not count, in milliseconds: the first that is below `enough`,
 * or the least of three, so that a pause does not count.
 */
function leastCpuMs(run: () => unknown, enough: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && least >= enough; i++) {
    const before = process.threadCpuUsage();
    onlyCloudEventErrors(run);
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** CPU time of this thread for one of many runs in a row, in milliseconds. */
function meanCpuMs(run: () => unknown): number {
  const before = process.threadCpuUsage();
  for (let runs = 1; ; runs++) {
    onlyCloudEventErrors(run);
    const { user, system } = process.threadCpuUsage(before);
    const usedMs = (user + system) / 1000;
    if (usedMs >= 100) return usedMs / runs;
  }
}
