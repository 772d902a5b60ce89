import {
  BatchView,
  createIntake,
  type Segment,
  systemClock,
  systemRandom,
  type TakeLimits,
} from "@coresdk/pipeline";
import type { EventSource } from "../../src/control/tap.ts";

/** An event of a test. */
export interface EventOfTest {
  readonly id: string;
  /** `io.coresdk.test` when left out. */
  readonly type?: string;
  readonly tenant?: string;
  readonly user?: string;
  readonly text?: string;
}

const intake = createIntake(
  {
    source: "/test",
    tenant: undefined,
    extensions: [],
    fixedExtensions: {},
    data: "attributes",
    order: "none",
  },
  { clock: systemClock, random: systemRandom },
);

/** A batch as intake makes it. */
export function createBatch(...events: readonly EventOfTest[]): BatchView {
  const logRecords = events.map(({ id, type = "io.coresdk.test", tenant, user, text }) => {
    const attributes = { "log.record.uid": id, "tenant.id": tenant, "user.id": user, text };
    return {
      eventName: type,
      attributes: Object.entries(attributes).flatMap(([key, value]) =>
        value === undefined ? [] : [{ key, value: { stringValue: value } }],
      ),
    };
  });
  const request = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  const result = intake.intakeRequest(Buffer.from(request), "json");
  if (result instanceof Promise || result.batch === undefined) throw new Error("intake made no batch");
  return new BatchView(new Uint8Array(result.batch.buffer));
}

/** An event source that a test fills by hand. */
export class EventsOfTest implements EventSource {
  readonly #stored: Segment[] = [];
  readonly #watchers = new Set<(segment: Segment) => void>();
  #next = 0;
  /** Called at each reading of the store. */
  onBrowse: () => void = () => {};

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Stores events without telling the watchers, as an append does that began before they came. */
  store(...events: readonly EventOfTest[]): Segment {
    const segment = {
      firstSequence: this.#next,
      batch: createBatch(...events),
      indexes: events.map((_, i) => i),
    };
    this.#next += events.length;
    this.#stored.push(segment);
    return segment;
  }

  /** Stores events and tells the watchers. */
  commit(...events: readonly EventOfTest[]): void {
    const segment = this.store(...events);
    for (const watcher of this.#watchers) watcher(segment);
  }

  /** Deletes what was stored before a sequence, as happens to what every sink has settled. */
  forget(beforeSequence: number): void {
    while ((this.#stored[0]?.firstSequence ?? beforeSequence) < beforeSequence) this.#stored.shift();
  }

  async browse(fromSequence: number, { maxEvents }: TakeLimits): Promise<readonly Segment[]> {
    this.onBrowse();
    let left = maxEvents;
    const page: Segment[] = [];
    for (const segment of this.#stored) {
      const indexes = segment.indexes
        .filter((index) => segment.firstSequence + index >= fromSequence)
        .slice(0, left);
      if (indexes.length > 0) page.push({ ...segment, indexes });
      left -= indexes.length;
    }
    return page;
  }

  watch(listener: (segment: Segment) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }
}
