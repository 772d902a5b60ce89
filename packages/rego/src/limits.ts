import type { EngineLimits } from "./contracts.ts";

const MIB = 1024 * 1024;

const defaults: EngineLimits = {
  // About 20 ms of an endless comprehension, well within a slice of the deadline.
  maxSteps: 100_000,
  maxMemoryBytes: 64 * MIB,
  maxNesting: 12,
  maxModules: 1_000,
  maxModuleBytes: 4 * MIB,
  maxDocumentBytes: 8 * MIB,
  maxInputLength: MIB,
};

/** What `build-wasm.sh` allows the memory to grow to. */
const MOST_MEMORY = 256 * MIB;

/** Fills in what is not set. */
export function completeLimits(limits: Partial<EngineLimits> = {}): EngineLimits {
  const set = Object.entries(limits).filter(([, value]) => value !== undefined);
  const complete = { ...defaults, ...Object.fromEntries(set) };
  return { ...complete, maxMemoryBytes: Math.min(complete.maxMemoryBytes, MOST_MEMORY) };
}
