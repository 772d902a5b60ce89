/** What costs much is taken in by a thread: what comes of it is the same, and nobody waits for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileMask } from "../../src/compile-mask.ts";
import { OtlpDecodeError } from "../../src/contracts.ts";
import type { Policy } from "../../src/draft.ts";
import { createIntake, type IntakePorts } from "../../src/intake.ts";
import { Secret } from "../../src/secret.ts";
import type { MaskSettings } from "../../src/settings.ts";
import { LARGE_BYTES } from "../../src/thread/task-thread.ts";
import { createThreadedIntake, type ThreadedIntake } from "../../src/threaded-intake.ts";
import { field } from "../otlp/wire-bytes.ts";
import { SenderOfTest } from "../thread/sender-of-test.ts";
import { atOnce, clockOfTest, eventsOf, jsonRequest, portsOf, settingsOf, textsOf } from "./take-in.ts";

const masking: MaskSettings = {
  blockedKeys: [],
  allowKeys: [],
  patterns: [],
  literals: [new Secret("Rumpelstilzchen")],
  categories: {},
};
const EVENTS = 4_000;

/** More than a megabyte. */
const request = jsonRequest(
  Array.from({ length: EVENTS }, (_, i) => ({
    timeUnixNano: `1773930900000000${String(i % 1000).padStart(3, "0")}`,
    eventName: i % 2 === 0 ? "io.coresdk.policy.decision" : "com.acme.order.created",
    attributes: [
      { key: "coresdk.tenant_id", value: { stringValue: `t${i % 3}` } },
      { key: "note", value: { stringValue: i === 7 ? "ask Rumpelstilzchen" : "x".repeat(200) } },
    ],
  })),
);

function repeat(count: number, make: (i: number) => Uint8Array): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function oneRecord(fields: readonly Uint8Array[]): Uint8Array {
  return field(1, field(2, field(2, Buffer.concat([field(12, "e"), ...fields]))));
}

async function withThread(
  changes: Partial<IntakePorts>,
  use: (intake: ThreadedIntake, ports: IntakePorts) => Promise<void>,
): Promise<void> {
  const ports = portsOf({ mask: compileMask(masking), ...changes });
  const settings = { wrap: settingsOf(), masking };
  const intake = createThreadedIntake(createIntake(settings.wrap, ports), settings, ports);
  try {
    await use(intake, ports);
  } finally {
    await intake.close();
  }
}

test("a large request comes out of the thread as it would have come at once, masked likewise", async () => {
  await withThread({}, async (intake, ports) => {
    const inThread = await intake.intakeRequest(request, "json");
    const atOnce = await createIntake(settingsOf(), ports).intakeRequest(request, "json");
    assert.deepEqual(textsOf(inThread), textsOf(atOnce));
    assert.equal(inThread.valuesMasked, 1);
    assert.deepEqual({ ...inThread, batch: undefined }, { ...atOnce, batch: undefined });
  });
});

/** Turns of the event loop until something is done. */
async function countTurns(work: () => unknown): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isDone = true;
  return turns;
}

test("the event loop goes on while a large request is taken in", async () => {
  await withThread({}, async (intake) => {
    const turns = await countTurns(() => intake.intakeRequest(request, "json"));
    assert.ok(turns > 10, `${turns} turns`);
  });
});

/** Requests that hold much for their size, all of them well below what counts as large. */
const dense: readonly (readonly [what: string, request: Uint8Array])[] = [
  ["events", field(1, field(2, Buffer.concat(repeat(5_000, () => field(2, field(12, "e"))))))],
  ["attributes of one event", oneRecord(repeat(5_000, (i) => field(6, field(1, `${i}`))))],
  ["items of a list", oneRecord([field(5, field(5, Buffer.concat(repeat(5_000, () => field(1, "")))))])],
  ["entries of a map", oneRecord([field(5, field(6, Buffer.concat(repeat(5_000, () => field(1, "")))))])],
  [
    "attributes of a resource",
    field(
      1,
      Buffer.concat([
        field(1, Buffer.concat(repeat(5_000, () => field(1, "")))),
        field(2, field(2, field(12, "e"))),
      ]),
    ),
  ],
];

for (const [what, bytes] of dense) {
  test(`the event loop goes on while a small request with many ${what} is taken in`, async () => {
    assert.ok(bytes.length < LARGE_BYTES);
    await withThread({}, async (intake) => {
      const turns = await countTurns(() => intake.intakeRequest(bytes, "protobuf"));
      assert.ok(turns > 10, `${turns} turns`);
    });
  });
}

test("what is small is taken in at once", async () => {
  await withThread({}, async (intake) => {
    const small = oneRecord(repeat(100, (i) => field(6, field(1, `${i}`))));
    assert.equal(atOnce(intake.intakeRequest(small, "protobuf")).batch?.count, 1);
  });
});

test("a large request whose sender has gone is not begun", async () => {
  await withThread({}, async (intake) => {
    const sender = new SenderOfTest();
    sender.leave();
    await assert.rejects(async () => intake.intakeRequest(request, "json", sender), {
      name: "TaskAbandonedError",
      message: "its sender has gone",
    });
  });
});

test("the policy is asked here for what the thread makes, and what it denies stays", async () => {
  const policy: Policy = {
    decide: async ({ count, at }) =>
      Array.from({ length: count }, (_, i) => at(i).event_type === "com.acme.order.created"),
  };
  await withThread({ policy, wantsDenied: () => true }, async (intake) => {
    const result = await intake.intakeRequest(request, "json");
    assert.deepEqual([...result.denied], [["io.coresdk.policy.decision", EVENTS / 2]]);
    assert.equal(eventsOf(result).length, EVENTS / 2);
    assert.equal(result.deniedBatch?.count, EVENTS / 2);
  });
});

test("a neighbour's large request does not wait for those of others that are many times its size", async () => {
  const own = oneRecord([field(5, field(1, "x".repeat(LARGE_BYTES)))]);
  assert.ok(request.length > 10 * own.length);
  await withThread({}, async (intake) => {
    const done: string[] = [];
    const take = async (what: string, bytes: Uint8Array, encoding: "json" | "protobuf"): Promise<void> => {
      await intake.intakeRequest(bytes, encoding, new SenderOfTest());
      done.push(what);
    };
    const huge = ["a", "b", "c", "d"].map((what) => take(what, request, "json"));
    await Promise.all([...huge, take("own", own, "protobuf")]);
    assert.notEqual(done.at(-1), "own", done.join());
    assert.equal(done.length, 5);
  });
});

test("a large request that is none is the sender's fault, as a small one is", async () => {
  await withThread({}, async (intake) => {
    const wrong = Buffer.concat([request.subarray(0, -1), Buffer.from("]")]);
    const small = new Promise((resolve) => resolve(intake.intakeRequest(Buffer.from("]"), "json")));
    await assert.rejects(small, OtlpDecodeError);
    await assert.rejects(async () => intake.intakeRequest(wrong, "json"), OtlpDecodeError);
  });
});

test("a large request with more events than are taken at once is too large, as the thread has it too", async () => {
  const one = field(1, field(2, field(2, field(12, "e"))));
  // Requests in a row are one request.
  const many = Buffer.concat(Array.from({ length: 131_073 }, () => one));
  assert.ok(many.length > LARGE_BYTES);
  await withThread({}, async (intake) => {
    await assert.rejects(async () => intake.intakeRequest(many, "protobuf"), {
      name: "OtlpTooLargeError",
      message: /more than 131072 events in one request$/,
    });
  });
});

test("the bytes of a large request stay the caller's", async () => {
  await withThread({ clock: clockOfTest }, async (intake) => {
    const before = Buffer.from(request);
    await intake.intakeRequest(request, "json");
    assert.deepEqual(Buffer.from(request), before);
  });
});
