import assert from "node:assert/strict";
import { test } from "node:test";
import type { Loss } from "@coresdk/opentelemetry";
import { type Appended, type Ingested, KeyValues, type Pipeline, type SpanRecord } from "@coresdk/pipeline";
import { logEvent, nothingTaken } from "../../pipeline/test/intake/take-in.ts";
import { LossReporter } from "../src/losses.ts";
import type { Moved } from "../src/session.ts";
import { Transit } from "../src/transit.ts";
import type { TransitItem } from "../src/transit-item.ts";
import { ManualClock } from "./manual-clock.ts";
import { RecordedFacts } from "./recorded-facts.ts";
import { wholePipeline } from "./whole-pipeline.ts";

const resource = { attributes: {} };

function log(eventName: string, size = 1): TransitItem {
  const event = logEvent({ eventName, time: undefined });
  return { kind: "log", event, resource, size };
}

function span(name: string): TransitItem {
  const time = { seconds: 1, nanos: 0 };
  const record: SpanRecord = {
    name,
    kind: "internal",
    status: "unset",
    statusMessage: "",
    startTime: time,
    endTime: time,
    attributes: new KeyValues(),
    traceId: "",
    spanId: "",
    parentSpanId: "",
    flags: 0,
    resource: { attributes: new KeyValues() },
    scope: { name: "", version: "" },
  };
  return { kind: "span", span: record, resource, size: 1 };
}

/** Stands in for the pipeline to inject its faults; the real one is in the end-to-end tests. */
class FaultyPipeline {
  readonly calls: string[] = [];
  appended: Appended = { committed: true, firstSequence: 0 };
  /** Events of one batch that the queue can hold. */
  capacity = Number.POSITIVE_INFINITY;
  broken = false;
  /** Events that a flush does not get delivered. */
  left = 0;
  readonly pipeline: Pick<Pipeline, "emit" | "emitSpan" | "flush" | "close">;

  constructor() {
    const take = async (names: readonly string[]): Promise<Ingested> => {
      this.calls.push(names.join(" "));
      if (this.broken) throw new Error("disk on fire");
      const result = { ...nothingTaken, events: names.length };
      if (names.length > this.capacity) {
        const tooLarge = { committed: false, reason: "too_large", detail: "never fits" } as const;
        return { appended: tooLarge, result };
      }
      return { appended: this.appended, result };
    };
    this.pipeline = {
      emit: (events) => take(events.map(({ eventName }) => eventName)),
      emitSpan: ({ name }) => take([name]),
      flush: async () => ({ remaining: this.left }),
      close: async () => {
        this.calls.push("close");
        return { remaining: 0 };
      },
    };
  }
}

interface Setting {
  readonly transit: Transit;
  readonly pipelines: FaultyPipeline[];
  readonly losses: Loss[];
  readonly clock: ManualClock;
  readonly fatal: ((error: Error) => void)[];
  readonly facts: RecordedFacts;
  /** What each close came to. */
  readonly closed: Moved[];
  /** Makes the next opening fail. */
  failOpening: boolean;
}

function setUp(maxBytes = 1_000): Setting {
  const clock = new ManualClock();
  const facts = new RecordedFacts();
  const losses: Loss[] = [];
  const setting: Setting = {
    clock,
    facts,
    losses,
    pipelines: [],
    fatal: [],
    closed: [],
    failOpening: false,
    transit: new Transit(maxBytes, {
      clock,
      facts,
      durable: false,
      closed: (moved) => setting.closed.push(moved),
      released: () => {},
      losses: new LossReporter((loss) => losses.push(loss), clock, facts),
      openPipeline: async (onFatal) => {
        if (setting.failOpening) throw new Error("the directory is in use");
        const faulty = new FaultyPipeline();
        setting.pipelines.push(faulty);
        setting.fatal.push(onFatal);
        return wholePipeline(faulty.pipeline);
      },
    }),
  };
  return setting;
}

test("events of one turn go on together, in order, and spans keep their place between them", async () => {
  const { transit, pipelines } = setUp();
  for (const item of [log("a"), log("b"), span("s"), log("c"), log("d")]) transit.add(item);
  await transit.flush(1_000);
  assert.deepEqual(pipelines[0]?.calls, ["a b", "s", "c d"]);
});

test("nothing is opened before the first event, nor by a flush or a close without one", async () => {
  const { transit, pipelines } = setUp();
  await transit.flush(1_000);
  await transit.close(1_000);
  assert.equal(pipelines.length, 0);
});

test("what waits for the queue is bounded, and what is beyond is told as full", async () => {
  const { transit, losses } = setUp(10);
  transit.add(log("a", 6));
  transit.add(log("b", 6));
  assert.deepEqual(losses, [
    { reason: "full", count: 1, detail: "6 bytes wait for the queue, queue.maxBytes is 10" },
  ]);
  await transit.flush(1_000);
  transit.add(log("c", 6));
  await transit.flush(1_000);
  assert.equal(losses.length, 1, "there is room again");
});

test("an event that alone is larger than the queue is told as refused, not as one that waiting would help", async () => {
  const { transit, losses, pipelines } = setUp(10);
  transit.add(log("a", 11));
  assert.deepEqual(losses, [
    { reason: "refused", count: 1, detail: "about 11 bytes alone, queue.maxBytes is 10" },
  ]);
  transit.add(log("b", 10));
  await transit.flush(1_000);
  const [faulty] = pipelines;
  assert.ok(faulty !== undefined);
  faulty.capacity = 0;
  transit.add(log("c", 5));
  await transit.flush(1_000);
  assert.deepEqual(faulty.calls, ["b", "c"]);
  await transit.close(1_000);
  assert.equal(losses.length, 1, "the second is told with the next call for its reason");
});

test("events that are too large for the queue together go one after the other, and only one that is alone is lost", async () => {
  const { transit, losses, pipelines } = setUp();
  transit.add(log("a"));
  await transit.flush(1_000);
  const [faulty] = pipelines;
  assert.ok(faulty !== undefined);
  faulty.capacity = 2;
  for (const name of ["b", "c", "d", "e", "f"]) transit.add(log(name));
  await transit.flush(1_000);
  assert.deepEqual(faulty.calls, ["a", "b c d e f", "b c", "d e f", "d", "e f"]);
  assert.deepEqual(losses, []);
  faulty.capacity = 0;
  transit.add(log("g"));
  transit.add(log("h"));
  await transit.flush(1_000);
  assert.deepEqual(faulty.calls.slice(6), ["g h", "g", "h"]);
  assert.deepEqual(losses, [{ reason: "refused", count: 1, detail: "never fits" }]);
});

test("a queue that cannot be opened costs the events that wait for it, and is tried again after five seconds", async () => {
  const setting = setUp();
  const { transit, pipelines, losses, clock } = setting;
  setting.failOpening = true;
  transit.add(log("a"));
  await transit.flush(1_000);
  assert.deepEqual(losses, [
    { reason: "failed", count: 1, detail: "the queue could not be opened: the directory is in use" },
  ]);
  setting.failOpening = false;
  transit.add(log("b"));
  await transit.flush(1_000);
  assert.equal(pipelines.length, 0);
  clock.advance(5_000);
  transit.add(log("c"));
  await transit.flush(1_000);
  assert.deepEqual(pipelines[0]?.calls, ["c"]);
});

test("a refusal of the queue and a failure of the pipeline are told, each with its reason", async () => {
  const { transit, pipelines, losses } = setUp();
  transit.add(log("a"));
  await transit.flush(1_000);
  const [faulty] = pipelines;
  assert.ok(faulty !== undefined);
  faulty.appended = { committed: false, reason: "full", retryAfterMs: 1, detail: "the queue is full" };
  transit.add(log("b"));
  transit.add(log("c"));
  await transit.flush(1_000);
  faulty.broken = true;
  transit.add(log("d"));
  await transit.flush(1_000);
  assert.deepEqual(losses, [
    { reason: "full", count: 2, detail: "the queue is full" },
    { reason: "failed", count: 1, detail: "disk on fire" },
  ]);
});

test("after a close the next event opens another pipeline, once the first has let go", async () => {
  const { transit, pipelines } = setUp();
  transit.add(log("a"));
  const closed = transit.close(1_000);
  await closed;
  transit.add(log("b"));
  await transit.flush(1_000);
  assert.deepEqual(
    pipelines.map(({ calls }) => calls),
    [["a", "close"], ["b"]],
  );
});

test("after a thread of the pipeline died, the next event opens another", async () => {
  const { transit, pipelines, fatal, clock } = setUp();
  transit.add(log("a"));
  await transit.flush(1_000);
  fatal[0]?.(new Error("the queue's thread ended"));
  clock.advance(5_000);
  transit.add(log("b"));
  await transit.flush(1_000);
  assert.deepEqual(
    pipelines.map(({ calls }) => calls),
    [["a", "close"], ["b"]],
    "deliveries of the first would go on beside those of the second",
  );
});

test("a resource whose detectors never end holds events back for a while only", async () => {
  const { transit, pipelines, clock } = setUp();
  const pending = {
    attributes: {},
    asyncAttributesPending: true,
    waitForAsyncAttributes: () => new Promise<void>(() => {}),
  };
  transit.add({ ...log("a"), resource: pending });
  const flushed = transit.flush(60_000);
  while (clock.timers < 2) await Promise.resolve();
  clock.advance(10_000);
  assert.equal((await flushed).remaining, 0);
  assert.deepEqual(pipelines[0]?.calls, ["a"]);
});

test("a flush that ends before the events reached the queue counts them as left", async () => {
  const { transit, clock } = setUp();
  const pending = {
    attributes: {},
    asyncAttributesPending: true,
    waitForAsyncAttributes: () => new Promise<void>(() => {}),
  };
  transit.add({ ...log("a"), resource: pending });
  const flushed = transit.flush(1_000);
  while (clock.timers < 2) await Promise.resolve();
  clock.advance(1_000);
  assert.equal((await flushed).remaining, 1);
});

test("what is to be kept open is opened without an event, and again by nothing but its failure", async () => {
  const { transit, pipelines, fatal, clock } = setUp();
  transit.keepOpen();
  assert.deepEqual(await transit.flush(1_000), { remaining: 0, lost: 0, unopened: undefined });
  const [faulty] = pipelines;
  assert.ok(faulty !== undefined);
  faulty.left = 3;
  assert.deepEqual(await transit.flush(1_000), { remaining: 3, lost: 0, unopened: undefined });
  assert.equal(pipelines.length, 1);
  fatal[0]?.(new Error("the queue's thread ended"));
  assert.equal((await transit.flush(1_000)).unopened?.message, "the queue's thread ended");
  clock.advance(5_000);
  await transit.flush(1_000);
  assert.equal(pipelines.length, 2);
  await transit.close(1_000);
  assert.deepEqual(pipelines[1]?.calls, ["close"]);
  assert.deepEqual(await transit.flush(1_000), { remaining: 0, lost: 0, unopened: undefined });
  assert.equal(pipelines.length, 2);
  assert.equal(clock.timers, 0);
});

test("a directory that cannot be opened is told without an event, and tried again until the close", async () => {
  const setting = setUp();
  const { transit, pipelines, losses, clock, facts } = setting;
  setting.failOpening = true;
  transit.keepOpen();
  const message = "the queue could not be opened: the directory is in use";
  assert.equal((await transit.flush(1_000)).unopened?.message, message);
  assert.deepEqual(
    facts.all.map(({ name, labels, detail }) => [name, labels, detail]),
    [["coresdk.pipeline.failures", { where: "opening" }, message]],
  );
  assert.deepEqual(losses, [], "no event is lost");
  clock.advance(5_000);
  await transit.flush(1_000);
  assert.equal(facts.all.length, 2);
  setting.failOpening = false;
  clock.advance(5_000);
  assert.equal((await transit.flush(1_000)).unopened, undefined);
  assert.equal(pipelines.length, 1);

  const other = setUp();
  other.failOpening = true;
  other.transit.keepOpen();
  assert.equal((await other.transit.close(1_000)).unopened?.message, message);
  other.failOpening = false;
  other.clock.advance(60_000);
  await other.transit.flush(1_000);
  assert.equal(other.pipelines.length, 0);
});
