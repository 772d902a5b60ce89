import { BatchView } from "../../src/batch.ts";
import type { SinkEvent } from "../../src/contracts.ts";
import { buildBatch, type EventOfTest } from "../build-batch.ts";

/** Events as a sink gets them. */
export function sinkEvents(...events: readonly EventOfTest[]): readonly SinkEvent[] {
  const batch = new BatchView(new Uint8Array(buildBatch(events).buffer));
  return events.map((_event, index) => ({ sequence: index, batch, index }));
}
