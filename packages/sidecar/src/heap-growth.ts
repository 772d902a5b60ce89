/**
 * Keeps the heap small. Left alone, V8 trades memory for rarer collections as long as there is some: at saturation the
 * young generation grows beyond 100 MiB and the old one to three times what lives in it, nearly all of it garbage.
 * Their sizes cannot be set once the process runs; how they grow can.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Below this the young generation may still double, both halves counted. Half of it was measured and costs more time. */
const YOUNG_GROWS_BELOW_BYTES = 32 * 1024 * 1024;
/** The old generation is collected when it is that much larger than after the last time. */
const OLD_GROWS_BY_PERCENT = 50;

/** Takes effect on what the main thread allocates from now on; call it before anything large is loaded. */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${OLD_GROWS_BY_PERCENT}`);
  // What is young and lives is little, and helpers that wait for a busy core hold up all: on one thread it takes no longer.
  setFlagsFromString("--no-parallel-scavenge");
  let factor = 1;
  setYoungGrowth(factor);
  const observer = new PerformanceObserver(() => {
    const wanted = youngBytes() < YOUNG_GROWS_BELOW_BYTES ? 2 : 1;
    if (wanted === factor) return;
    factor = wanted;
    setYoungGrowth(factor);
  });
  observer.observe({ entryTypes: ["gc"] });
}

function setYoungGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
}
