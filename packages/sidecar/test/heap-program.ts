/**
 * Makes garbage in both generations as a busy sidecar does, with or without the limits (`limited` as argument), and
 * prints how far the heap grew.
 */
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { getHeapSpaceStatistics } from "node:v8";
import { limitHeapGrowth } from "../src/heap-growth.ts";

/** What such a program prints. */
export interface HeapFigures {
  /** The most that the young generation took, in bytes. */
  readonly youngBytes: number;
  /** How often the old generation was collected. */
  readonly collections: number;
}

function makeObjects(count: number): object[] {
  return Array.from({ length: count }, (_, i) => ({ i, text: `${i}` }));
}

function isMajor(entry: PerformanceEntry): boolean {
  const detail: unknown = "detail" in entry ? entry.detail : undefined;
  if (typeof detail !== "object" || detail === null || !("kind" in detail)) return false;
  return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

async function measure(): Promise<HeapFigures> {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().filter(isMajor).length;
  });
  observer.observe({ entryTypes: ["gc"] });
  const kept: object[][] = [];
  let youngBytes = 0;
  for (let turn = 0; turn < 6000; turn++) {
    // These die old, and five times as many die young.
    kept.push(makeObjects(600));
    makeObjects(3000);
    if (kept.length > 1000) kept.shift();
    await nextTurn();
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    youngBytes = Math.max(youngBytes, young?.space_size ?? 0);
  }
  return { youngBytes, collections };
}

if (process.argv[2] === "limited") limitHeapGrowth();
console.log(JSON.stringify(await measure()));
