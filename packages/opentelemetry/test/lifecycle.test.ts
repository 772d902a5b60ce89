import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Loss, UndeliveredError } from "@coresdk/opentelemetry";
import fc from "fast-check";
import { logEvent } from "../../pipeline/test/intake/take-in.ts";
import { Lifecycle, type ProviderKind } from "../src/lifecycle.ts";
import { LossReporter } from "../src/losses.ts";
import { ManualClock } from "./manual-clock.ts";
import { World } from "./model-pipeline.ts";
import { RecordedFacts } from "./recorded-facts.ts";

const FLUSH_TIMEOUT_MS = 400;

/** Until nothing goes on without the clock. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await nextTurn();
}

class Emitting {
  readonly clock = new ManualClock();
  readonly facts = Object.assign(new RecordedFacts(), {
    warn: (message: string) => void this.warnings.push(message),
  });
  readonly warnings: string[] = [];
  readonly losses: Loss[] = [];
  readonly world: World;
  readonly lifecycle: Lifecycle;
  readonly emitted: string[] = [];
  released = 0;

  constructor(durable = false) {
    this.world = new World(this.clock, durable);
    const losses = new LossReporter((loss) => this.losses.push(loss), this.clock, this.facts);
    this.lifecycle = new Lifecycle(
      { maxBytes: 1_000, flushTimeoutMs: FLUSH_TIMEOUT_MS, durable },
      {
        openPipeline: () => this.world.open(),
        clock: this.clock,
        facts: this.facts,
        losses,
        released: () => this.released++,
      },
    );
    if (durable) this.lifecycle.keepOpen();
  }

  emit(kind: ProviderKind, count = 1, resource: object = {}): void {
    for (let i = 0; i < count; i++) {
      const eventName = `${kind} ${this.emitted.length}`;
      this.emitted.push(eventName);
      this.lifecycle.hear(kind);
      const event = logEvent({ eventName });
      this.lifecycle.add({ kind: "log", event, resource: { attributes: {}, ...resource }, size: 1 }, kind);
    }
  }

  get lost(): number {
    return this.facts.total("coresdk.emitter.lost");
  }

  /** What `onLoss` was told. */
  get told(): readonly (readonly [Loss["reason"], number])[] {
    return this.losses.map(({ reason, count }) => [reason, count]);
  }

  async advance(ms: number): Promise<void> {
    await settle();
    this.clock.advance(ms);
    await settle();
  }

  /** Moves time on until the work is done. */
  async finish<Result>(work: Promise<Result>, stepMs = 50): Promise<Result> {
    let done = false;
    const ended = work.finally(() => {
      done = true;
    });
    ended.catch(() => {});
    for (let i = 0; i < 10_000 && !done; i++) await this.advance(stepMs);
    assert.ok(done, "it goes on for ever");
    return ended;
  }
}

/** Its rejection is looked at later. */
function begun(work: Promise<void>): Promise<void> {
  work.catch(() => {});
  return work;
}

function undelivered(remaining: number): (error: unknown) => boolean {
  return (error) => error instanceof UndeliveredError && error.remaining === remaining;
}

test("events emitted while a shutdown runs are delivered and not told as lost, and the shutdown waits for them", async () => {
  const it = new Emitting();
  it.world.latencyMs = 30;
  it.emit("logs", 3);
  const shutdown = begun(it.lifecycle.shutDown());
  await it.advance(5);
  it.emit("logs", 5);
  await it.finish(shutdown);
  assert.deepEqual(it.world.delivered, it.emitted);
  assert.equal(it.lost, 0);
});

test("events that come one by one while shutdowns run are each delivered once, and none is told as lost", async () => {
  const it = new Emitting();
  it.world.latencyMs = 7;
  it.emit("logs", 5);
  const shutdown = begun(it.lifecycle.shutDown());
  for (let i = 0; i < 40; i++) {
    await it.advance(3);
    it.emit("logs");
  }
  await it.finish(shutdown, 1);
  while (it.lifecycle.waiting + it.world.openPipelines > 0) await it.advance(1);
  await it.advance(1_000);
  assert.deepEqual(it.world.delivered, it.emitted);
  assert.deepEqual(it.told, []);
});

test("the first events of a provider that was silent until another's shutdown are delivered by its own", async () => {
  const it = new Emitting();
  it.world.latencyMs = 30;
  it.emit("spans", 3);
  const first = begun(it.lifecycle.shutDown());
  await it.advance(5);
  it.emit("logs", 5);
  await it.finish(first);
  await it.finish(it.lifecycle.shutDown());
  assert.deepEqual(it.world.delivered, it.emitted);
  assert.equal(it.lost, 0);
});

for (const durable of [false, true]) {
  const queue = durable ? "on disk" : "in memory";
  test(`after any number of shutdowns log records are delivered still, and spans after the second are told (${queue})`, async () => {
    const it = new Emitting(durable);
    it.emit("logs");
    it.emit("spans");
    for (let i = 0; i < 2; i++) await it.finish(it.lifecycle.shutDown());
    it.emit("logs", 2);
    await it.advance(0);
    await it.finish(it.lifecycle.shutDown());
    it.emit("logs");
    await it.advance(1_000);
    assert.deepEqual(it.world.delivered, it.emitted);
    assert.deepEqual(it.told, []);
    it.emit("spans");
    assert.deepEqual(it.told, [["closed", 1]]);
    assert.deepEqual([it.lifecycle.active, it.world.openPipelines], [false, 0]);
  });
}

for (const calls of [2, 3]) {
  test(`of ${calls} shutdowns at once each rejects with the events that are left, which are told once`, async () => {
    const it = new Emitting();
    it.world.latencyMs = Number.POSITIVE_INFINITY;
    it.emit("logs", 5);
    const shutdowns = Array.from({ length: calls }, () => begun(it.lifecycle.shutDown()));
    for (const shutdown of shutdowns) await assert.rejects(it.finish(shutdown), undelivered(5));
    assert.deepEqual(it.told, [["undelivered", 5]]);
    assert.equal(it.lost, 5);
  });
}

test("a second shutdown waits for what was emitted before it, although the first closes already", async () => {
  const it = new Emitting();
  it.world.latencyMs = Number.POSITIVE_INFINITY;
  it.emit("logs", 2);
  const first = begun(it.lifecycle.shutDown());
  await it.advance(5);
  it.emit("logs", 3);
  const second = begun(it.lifecycle.shutDown());
  await assert.rejects(it.finish(first), undelivered(2));
  await assert.rejects(it.finish(second), undelivered(5));
  assert.equal(it.lost, 5);
});

test("forceFlush while a shutdown runs waits for it, and rejects with what it loses", async () => {
  const it = new Emitting();
  it.world.latencyMs = Number.POSITIVE_INFINITY;
  it.emit("logs", 5);
  const shutdown = begun(it.lifecycle.shutDown());
  await it.advance(50);
  const flush = begun(it.lifecycle.flush(undefined));
  await assert.rejects(it.finish(shutdown), undelivered(5));
  await assert.rejects(it.finish(flush), {
    message: "5 events were not delivered in time; they are lost: the queue was in memory",
  });
});

test("forceFlush while a shutdown runs resolves once the receiver has taken everything, not before", async () => {
  const it = new Emitting();
  it.world.latencyMs = 30;
  it.emit("logs", 5);
  const shutdown = begun(it.lifecycle.shutDown());
  await it.advance(5);
  it.emit("logs");
  await it.finish(it.lifecycle.flush(undefined));
  assert.deepEqual(it.world.delivered, it.emitted);
  await it.finish(shutdown);
});

test("forceFlush with a shorter time than the shutdown under way rejects when that is over", async () => {
  const it = new Emitting();
  it.world.latencyMs = Number.POSITIVE_INFINITY;
  it.emit("logs", 5);
  const shutdown = begun(it.lifecycle.shutDown());
  const flush = begun(it.lifecycle.flush({ timeoutMillis: 10 }));
  await it.advance(10);
  await assert.rejects(flush, { message: "5 events were not delivered in time; they stay in the queue" });
  await assert.rejects(it.finish(shutdown), undelivered(5));
});

test("what had not reached the queue when the shutdown ended is told as lost once, and is not delivered later", async () => {
  const it = new Emitting();
  it.emit("logs");
  it.emit("logs", 2, { asyncAttributesPending: true, waitForAsyncAttributes: () => new Promise(() => {}) });
  await assert.rejects(it.finish(it.lifecycle.shutDown()), undelivered(2));
  await it.advance(60_000);
  assert.deepEqual(it.world.delivered, it.emitted.slice(0, 1));
  assert.deepEqual(it.told, [["undelivered", 2]]);
});

for (const [what, commitMs, commitFails] of [
  ["is refused then", 3_000, false],
  ["fails then", 60_000, true],
  ["has no answer before", 60_000, false],
] as const) {
  test(`a batch that is on its way into the queue when the shutdown ends, and ${what}, is told as lost once`, async () => {
    const it = new Emitting();
    it.world.commitMs = commitMs;
    it.world.commitFails = commitFails;
    it.emit("logs", 3);
    await assert.rejects(it.finish(begun(it.lifecycle.shutDown())), undelivered(3));
    await it.advance(60_000);
    assert.deepEqual(it.told, [["undelivered", 3]]);
  });
}

test("what did not reach the disk before the shutdown ended is told as lost, and not as kept there", async () => {
  const it = new Emitting(true);
  it.emit("logs");
  await it.advance(0);
  it.emit("logs", 2, { asyncAttributesPending: true, waitForAsyncAttributes: () => new Promise(() => {}) });
  await assert.rejects(it.finish(it.lifecycle.shutDown()), {
    message: "2 events were not delivered in time; they are lost: they had not reached queue.dir",
  });
  assert.equal(it.facts.total("coresdk.emitter.kept"), 0);
});

test("a pipeline that is opened only after the shutdown has ended is closed, before another is opened", async () => {
  const it = new Emitting();
  it.world.openingMs = 10_000;
  it.emit("logs");
  await assert.rejects(it.finish(it.lifecycle.shutDown()), undelivered(1));
  assert.equal(it.released, 0);
  it.world.openingMs = 0;
  it.emit("logs");
  await it.advance(10_000);
  await it.advance(10_000);
  assert.deepEqual(it.world.delivered, it.emitted.slice(1));
  assert.deepEqual([it.world.opened, it.world.openPipelines, it.released], [2, 0, 2]);
});

const detectors = {
  "throws at once": () => {
    throw new Error("detector");
  },
  "gives no promise": () => 5,
  "gives a promise that cannot be awaited": () =>
    new Proxy(Promise.resolve(), {
      get(): never {
        throw new Error("detector");
      },
    }),
  rejects: () => Promise.reject(new Error("detector")),
};
for (const [how, waitForAsyncAttributes] of Object.entries(detectors)) {
  test(`a resource whose waitForAsyncAttributes ${how} costs no event, its own included`, async () => {
    const it = new Emitting();
    it.emit("logs", 1, { asyncAttributesPending: true, waitForAsyncAttributes });
    await settle();
    it.emit("logs", 5);
    await it.finish(it.lifecycle.flush(undefined));
    assert.deepEqual(it.world.delivered, it.emitted);
    await it.finish(it.lifecycle.shutDown());
  });
}

type Step =
  | { readonly emit: ProviderKind; readonly count: number; readonly stuck: boolean }
  | { readonly flush: number }
  | { readonly shutdown: true }
  | { readonly advance: number }
  | { readonly latency: number }
  | { readonly opening: number | "fails" }
  | { readonly commit: number; readonly fails: boolean };

const ms = fc.constantFrom(0, 1, 30, 200, 500, 2_500);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      emit: fc.constantFrom("logs" as const, "spans" as const),
      count: fc.nat(3),
      stuck: fc.nat(9).map((n) => n === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ flush: ms }) },
  { weight: 2, arbitrary: fc.constant({ shutdown: true as const }) },
  { weight: 4, arbitrary: fc.record({ advance: ms }) },
  { weight: 2, arbitrary: fc.record({ latency: fc.constantFrom(0, 1, 30, 500, Number.POSITIVE_INFINITY) }) },
  { weight: 1, arbitrary: fc.record({ opening: fc.constantFrom(0, 30, 5_000, "fails" as const) }) },
  { weight: 1, arbitrary: fc.record({ commit: fc.constantFrom(0, 30, 5_000), fails: fc.boolean() }) },
);

async function run(steps: readonly Step[], durable: boolean): Promise<void> {
  const it = new Emitting(durable);
  const { world, lifecycle } = it;
  const calls: Promise<unknown>[] = [];
  const stuck = { asyncAttributesPending: true, waitForAsyncAttributes: () => new Promise<void>(() => {}) };

  /** Resolved means: all that was emitted before is delivered, or was told. */
  const flush = async (timeoutMillis: number): Promise<void> => {
    const before = [...it.emitted];
    try {
      await lifecycle.flush({ timeoutMillis });
    } catch {
      return;
    }
    const missing = before.filter((name) => !world.delivered.includes(name));
    assert.ok(missing.length <= it.lost, `resolved, and without a word of ${missing.length - it.lost}`);
  };
  const shutDown = async (): Promise<void> => {
    try {
      await lifecycle.shutDown();
    } catch (error) {
      if (error instanceof UndeliveredError && /they are lost/.test(error.message)) {
        assert.ok(error.remaining <= it.lost, "rejects with no more than was told");
      }
    }
  };

  for (const one of steps) {
    if ("emit" in one) it.emit(one.emit, one.count, one.stuck ? stuck : {});
    else if ("flush" in one) calls.push(flush(one.flush));
    else if ("shutdown" in one) calls.push(shutDown());
    else if ("latency" in one) world.setLatency(one.latency);
    else if ("commit" in one) {
      world.commitMs = one.commit;
      world.commitFails = one.fails;
    } else if ("advance" in one) await it.advance(one.advance);
    else {
      world.openingFails = one.opening === "fails";
      world.openingMs = one.opening === "fails" ? 0 : one.opening;
    }
  }
  calls.push(shutDown(), shutDown());
  const ended = Promise.all(calls);
  for (let i = 0; i < 60 && lifecycle.waiting + world.openPipelines > 0; i++) await it.advance(500);
  await it.finish(ended);
  for (let i = 0; i < 12; i++) await it.advance(1_000);

  const { delivered, store } = world;
  const safe = [...delivered, ...store];
  assert.equal(new Set(safe).size, safe.length, "none is delivered twice");
  assert.equal(safe.length + it.lost, it.emitted.length, "each is delivered, on disk, or told as lost, once");
  assert.equal(
    it.losses.reduce((sum, { count }) => sum + count, 0),
    it.lost,
    "onLoss is told of each",
  );
  assert.deepEqual([lifecycle.active, lifecycle.waiting, world.openPipelines], [false, 0, 0]);
}

for (const durable of [false, true]) {
  const queue = durable ? "on disk" : "in memory";
  test(`each event is delivered or told as lost exactly once, whatever the order of calls (${queue})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), (steps) => run(steps, durable)),
      { numRuns: 150, seed: 12 },
    );
  });
}
