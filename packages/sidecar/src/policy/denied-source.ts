import type { BatchView, Segment } from "@coresdk/pipeline";
import type { EventSource } from "../control/tap.ts";

/** Denied events as a reader of `tap` sees events: nothing is stored, and each reader counts from its own first. */
export function createDeniedSource(
  watchDenied: (listener: (denied: BatchView) => void) => () => void,
): EventSource {
  return {
    browse: () => Promise.resolve([]),
    watch(listener: (segment: Segment) => void) {
      let firstSequence = 0;
      return watchDenied((batch) => {
        const indexes = Array.from({ length: batch.count }, (_, i) => i);
        listener({ firstSequence, batch, indexes });
        firstSequence += batch.count;
      });
    },
  };
}
