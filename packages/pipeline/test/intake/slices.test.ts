/** A large request is taken in slice by slice: what comes of it is the same whatever the slices are. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Mutator } from "../../../../testing/fuzz/mutator.ts";
import { compileMask } from "../../src/compile-mask.ts";
import type { IntakeResult, OtlpEncoding } from "../../src/contracts.ts";
import type { Policy } from "../../src/draft.ts";
import { createIntake, type IntakePorts } from "../../src/intake.ts";
import type { SliceSize } from "../../src/otlp/decode-logs.ts";
import { attribute, field, fixed64, join, text } from "../otlp/wire-bytes.ts";
import { jsonRequest, portsOf, settingsOf } from "./take-in.ts";

const RUNS = Number(process.env["CORESDK_FUZZ_RUNS"] ?? 2000);

const WHOLE: SliceSize = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const SLICES: readonly SliceSize[] = [
  { ...WHOLE, events: 1 },
  { ...WHOLE, events: 7 },
  { ...WHOLE, events: 1000 },
  { ...WHOLE, bytes: 500 },
];

/** The record at a place: events of many kinds, and records that are none. */
function fieldsOf(i: number): { name: string; time: bigint; pairs: [key: string, value: string][] } {
  const names = ["io.coresdk.policy.decision", "größe.geändert", "", "com.acme.order.created"];
  const pairs: [string, string][] = [
    ["coresdk.tenant_id", `t${i % 3}`],
    ["user.id", i % 5 === 0 ? `someone${i}@example.com` : `u${i}`],
    ["note", "x".repeat(i % 90)],
  ];
  if (i % 7 === 0) pairs.push(["http.request.body.content", "left out"]);
  if (i % 11 === 0) pairs.push(["cloudevents.sampledrate", "no integer"], ["cloudevents.Bad", "x"]);
  if (i % 13 === 0) pairs.push(["password", "geheim"]);
  // Some have no time: their ids are fresh.
  const time = i % 17 === 0 ? 0n : 1_773_930_900_000_000_000n + BigInt(i);
  return { name: i % 29 === 0 ? "a\u0000b" : (names[i % 4] ?? ""), time, pairs };
}

function record(i: number): Uint8Array {
  const { name, time, pairs } = fieldsOf(i);
  const attributes = pairs.map(([key, value]) => attribute(key, text(value)));
  return join(fixed64(1, time), name === "" ? [] : field(12, name), ...attributes);
}

const resource = (name: string): Uint8Array =>
  field(1, field(1, field(1, "service.name"), field(2, text(name))));
const scope = (name: string): Uint8Array => field(1, field(1, name));
const records = (from: number, to: number): Uint8Array =>
  join(...Array.from({ length: to - from }, (_, i) => field(2, record(from + i))));

/** Resources and scopes before, behind and among their records, and in pieces. */
const protobuf = join(
  field(1, resource("before"), field(2, scope("a"), records(0, 40))),
  field(1, field(2, records(40, 130), scope("b")), field(2, records(130, 150)), resource("behind")),
  field(1, resource("only records that are none"), field(2, field(2, new Uint8Array()))),
  field(
    1,
    field(2, records(150, 190), scope("c"), records(190, 200)),
    field(1, field(1, field(1, "service.namespace"), field(2, text("shop")))),
    field(2, records(200, 230)),
    resource("in pieces"),
  ),
);

const json = jsonRequest(
  Array.from({ length: 230 }, (_, i) => {
    const { name, time, pairs } = fieldsOf(i);
    return {
      timeUnixNano: String(time),
      ...(name === "" ? {} : { eventName: name }),
      attributes: pairs.map(([key, stringValue]) => ({ key, value: { stringValue } })),
    };
  }),
  { "service.name": "orders" },
);

const requests: readonly (readonly [OtlpEncoding, Uint8Array])[] = [
  ["protobuf", protobuf],
  ["json", json],
];

const policy: Policy = {
  decide: async ({ count, at }) =>
    Array.from(
      { length: count },
      (_, i) => at(i).event_type !== "com.acme.order.created" || at(i).subject === "tenant/t1/user/u7",
    ),
};

async function takeIn(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  slice: SliceSize,
  changes: Partial<IntakePorts> = {},
): Promise<IntakeResult> {
  const ports = portsOf({ mask: compileMask(undefined), slice, ...changes });
  return createIntake(settingsOf({ source: undefined }), ports).intakeRequest(bytes, encoding);
}

/** Everything of a result, its batches as bytes. */
function shown({ batch, deniedBatch, ...others }: IntakeResult): object {
  const bytesOf = (made: typeof batch): Buffer | undefined => made && Buffer.from(made.buffer);
  return { ...others, batch: bytesOf(batch), deniedBatch: bytesOf(deniedBatch), count: batch?.count };
}

for (const [encoding, bytes] of requests) {
  describe(`a request in ${encoding}`, () => {
    for (const slice of SLICES) {
      const what = slice.events < WHOLE.events ? `${slice.events} events` : `${slice.bytes} bytes`;

      test(`gives the same batch in slices of ${what} as at once`, async () => {
        const atOnce = await takeIn(bytes, encoding, WHOLE);
        assert.ok(atOnce.batch !== undefined && atOnce.batch.count > 100 && atOnce.refusals.length > 3);
        assert.ok(atOnce.rest instanceof Uint8Array && atOnce.otherRecords > 30);
        assert.ok(atOnce.valuesMasked > 10 && atOnce.bodiesLeftOut > 10 && atOnce.extensionsLeftOut.size > 0);
        assert.deepEqual(shown(await takeIn(bytes, encoding, slice)), shown(atOnce));
      });

      test(`is divided by the policy in slices of ${what} as at once, on trial too`, async () => {
        for (const policyDryRun of [false, true]) {
          for (const wanted of [true, false]) {
            const changes = { policy, policyDryRun, wantsDenied: () => wanted };
            const atOnce = await takeIn(bytes, encoding, WHOLE, changes);
            assert.ok((policyDryRun ? atOnce.wouldBeDenied : atOnce.denied).size > 0);
            assert.equal(atOnce.deniedBatch !== undefined, wanted);
            assert.deepEqual(shown(await takeIn(bytes, encoding, slice, changes)), shown(atOnce));
          }
        }
      });
    }

    test("comes to nothing in slices too when everything is denied", async () => {
      const changes = { policy: { decide: () => [] } };
      const atOnce = await takeIn(bytes, encoding, WHOLE, changes);
      assert.equal(atOnce.batch, undefined);
      assert.deepEqual(shown(await takeIn(bytes, encoding, { ...WHOLE, events: 7 }, changes)), shown(atOnce));
    });

    test("damaged in any way is taken or refused in slices as it is at once", async () => {
      const dictionary = [field(1, "x"), field(2, "x"), Buffer.from("scope"), Buffer.from("resource")];
      const mutator = new Mutator(
        31,
        [bytes.subarray(0), encoding === "json" ? json : join(resource("x"))],
        dictionary,
      );
      for (let run = 0; run < RUNS / 20; run++) {
        const damaged = mutator.make();
        const outcome = async (slice: SliceSize): Promise<object | string> => {
          try {
            return shown(await takeIn(damaged, encoding, slice));
          } catch (error) {
            if (!(error instanceof Error)) throw error;
            return error.name;
          }
        };
        assert.deepEqual(await outcome({ ...WHOLE, events: 3 }), await outcome(WHOLE));
      }
    });
  });
}

test("what a request left out that was refused in the end is not counted with the next one", async () => {
  const intake = createIntake(settingsOf(), portsOf({ slice: { ...WHOLE, events: 1 } }));
  const bad = field(
    1,
    field(2, field(2, field(12, "e"), attribute("cloudevents.sampledrate", field(7, "x")))),
  );
  const good = field(1, field(2, field(2, field(12, "e"))));
  assert.throws(() => intake.intakeRequest(join(bad, bad, [10, 200]), "protobuf"), {
    name: "OtlpDecodeError",
  });
  const result = await intake.intakeRequest(good, "protobuf");
  assert.deepEqual(result.extensionsLeftOut, new Map());
});
