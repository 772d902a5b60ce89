import assert from "node:assert/strict";
import { test } from "node:test";
import { findCycles } from "../../scripts/check/cycles.ts";
import { importRules, importsOf } from "../../scripts/check/import-rules.ts";
import { imports } from "../../scripts/check/imports.ts";
import type { Source } from "../../scripts/check/sources.ts";

interface Sample {
  readonly from: string;
  readonly specifier: string;
  readonly typeOnly?: boolean;
}

function sourceOf({ from, specifier, typeOnly = false }: Sample): Source {
  const references = [{ specifier, line: 3, typeOnly }];
  return { path: from, text: "", length: 1, references, anys: [], blanketExports: [] };
}

function objectionsTo(sample: Sample): string[] {
  return importsOf(sourceOf(sample)).flatMap((it) =>
    importRules.map((rule) => rule(it)).filter((objection) => objection !== undefined),
  );
}

const cloudevents = "packages/cloudevents/src";
const pipeline = "packages/pipeline/src";

const refused: readonly (Sample & { readonly because: RegExp })[] = [
  {
    from: `${cloudevents}/event/create.ts`,
    specifier: "../formats/json/encode.ts",
    because: /layer formats/,
  },
  { from: `${cloudevents}/errors.ts`, specifier: "./event/event.ts", typeOnly: true, because: /layer event/ },
  { from: `${cloudevents}/surprise.ts`, specifier: "./errors.ts", because: /none of the layers/ },
  {
    from: `${cloudevents}/bindings/http/decode.ts`,
    specifier: "../../index.ts",
    because: /own package's index/,
  },
  { from: `${cloudevents}/event/ulid.ts`, specifier: "node:crypto", because: /no import from Node/ },
  { from: `${pipeline}/wrap/wrap.ts`, specifier: "../queue/memory.ts", because: /stage wrap may not/ },
  { from: `${pipeline}/wrap/wrap.ts`, specifier: "node:fs", because: /is pure/ },
  { from: `${pipeline}/mask/gate/gate.ts`, specifier: "node:worker_threads", because: /is pure/ },
  { from: `${pipeline}/encode/encode.ts`, specifier: "node:crypto", because: /is pure/ },
  { from: `${pipeline}/otlp/decode.ts`, specifier: "node:zlib", because: /is pure/ },
  { from: `${pipeline}/deliver/sink.ts`, specifier: "@coresdk/pipeline", because: /own package's index/ },
  { from: `${pipeline}/intake.ts`, specifier: "@coresdk/sidecar", because: /may not depend on sidecar/ },
  { from: `${pipeline}/intake.ts`, specifier: "../../cloudevents/src/errors.ts", because: /by its path/ },
  { from: `${pipeline}/intake.ts`, specifier: "express", because: /not among the dependencies/ },
  { from: `${pipeline}/system.ts`, specifier: "crypto", because: /write node:crypto/ },
  {
    from: "packages/opentelemetry/src/emitter.ts",
    specifier: "@opentelemetry/sdk-logs",
    because: /types only/,
  },
  { from: "examples/receiver.ts", specifier: "../packages/pipeline/src/intake.ts", because: /by its path/ },
];

for (const { because, ...sample } of refused) {
  test(`refused: ${sample.from} imports ${sample.specifier}`, () => {
    const objections = objectionsTo(sample);
    assert.ok(
      objections.some((objection) => because.test(objection)),
      `${because} in ${JSON.stringify(objections)}`,
    );
  });
}

const allowed: readonly Sample[] = [
  { from: `${cloudevents}/bindings/http/decode.ts`, specifier: "../../formats/json/decode.ts" },
  { from: `${pipeline}/intake.ts`, specifier: "./wrap/wrap.ts" },
  { from: `${pipeline}/wrap/wrap.ts`, specifier: "../contracts.ts" },
  { from: `${pipeline}/queue/disk-thread.ts`, specifier: "node:worker_threads" },
  { from: `${pipeline}/deliver/http/sink.ts`, specifier: "undici" },
  { from: "packages/opentelemetry/src/sdk.ts", specifier: "@opentelemetry/sdk-logs", typeOnly: true },
  { from: "packages/sidecar/test/x.test.ts", specifier: "../../../testing/components.ts" },
];

for (const sample of allowed) {
  test(`allowed: ${sample.from} imports ${sample.specifier}`, () => {
    assert.deepEqual(objectionsTo(sample), []);
  });
}

test("two stages meet only where the flow is put together", async () => {
  const meeting = (from: string): Source[] =>
    ["./wrap/wrap.ts", "./queue/memory.ts"].map((specifier) => sourceOf({ from, specifier }));
  const { findings } = await imports([
    ...meeting(`${pipeline}/intake.ts`),
    ...meeting(`${pipeline}/other.ts`),
  ]).run();
  assert.deepEqual(
    findings.map(({ place }) => place),
    [`${pipeline}/other.ts`],
  );
});

test("the Kafka client is imported in one file", async () => {
  const from = (file: string): Source =>
    sourceOf({ from: `${pipeline}/${file}`, specifier: "@platformatic/kafka" });
  const { findings } = await imports([from("deliver/kafka/client.ts"), from("deliver/kafka/sink.ts")]).run();
  assert.match(findings[0]?.message ?? "", /already imported by .*client\.ts/);
});

test("an import cycle is found even when it is of types", async () => {
  const { findings } = await imports([
    sourceOf({ from: "testing/a.ts", specifier: "./b.ts", typeOnly: true }),
    sourceOf({ from: "testing/b.ts", specifier: "./a.ts" }),
  ]).run();
  assert.match(findings[0]?.message ?? "", /import cycle.*a\.ts -> .*b\.ts -> .*a\.ts/);
});

test("every cycle of a graph is found once, and a graph without one has none", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", ["a"]],
    ["d", ["d"]],
    ["e", ["a"]],
  ]);
  assert.deepEqual(
    findCycles(graph).map((members) => members.toSorted()),
    [["d"], ["a", "b", "c"]],
  );
  assert.deepEqual(
    findCycles(
      new Map([
        ["a", ["b", "c"]],
        ["b", ["c"]],
      ]),
    ),
    [],
  );
});
