/**
 * Keeps the young generation of the heap small. Left alone, V8 lets it grow beyond 100 MiB at saturation, where
 * nearly all that it holds is garbage. The size cannot be set once the process runs; how it grows can.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Below this it may still double, both halves counted. A quarter of it costs a tenth of the rate, and saves little. */
const GROWS_BELOW_BYTES = 32 * 1024 * 1024;

/** Takes effect on what the main thread allocates from now on; call it before anything large is loaded. */
export function limitYoungGeneration(): void {
  let factor = 1;
  setGrowth(factor);
  const observer = new PerformanceObserver(() => {
    const wanted = youngBytes() < GROWS_BELOW_BYTES ? 2 : 1;
    if (wanted === factor) return;
    factor = wanted;
    setGrowth(factor);
  });
  observer.observe({ entryTypes: ["gc"] });
}

function setGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
}
