import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../components.ts";
import type { TestFile } from "./discover.ts";
import type { FileResult } from "./run-file.ts";

/** Seconds that test files took, by path. */
export type Seconds = Readonly<Record<string, number>>;

const memory = join(repositoryRoot, ".cache", "test-seconds.json");

/** What takes long, where no run has said yet how long: the beginnings of paths, the longest first. */
const takeLong = [
  "testing/packaging/",
  "testing/faults/",
  "packages/sidecar/test/daemon/lifecycle",
  "testing/e2e/kafka-delivery",
  "packages/sidecar/test/cli/",
  "packages/sidecar/test/policy/",
  "testing/e2e/service",
  "packages/pipeline/test/mask/growth",
  "packages/sidecar/test/daemon/",
  "examples/",
  "testing/conformance/opa",
  "testing/docs/",
  "testing/kafka/",
  "testing/e2e/",
  "packages/pipeline/test/policy/",
  "packages/pipeline/test/queue/",
  "packages/pipeline/test/mask/",
  "packages/rego/",
  "packages/cloudevents/test/fuzz",
  "testing/",
];

/**
 * The files in the order to start them: a long one that starts last would be waited for alone.
 *
 * @param last what they took the last time
 */
export function longestFirst(files: readonly TestFile[], last: Seconds): TestFile[] {
  const expected = new Map(files.map(({ path }) => [path, last[path] ?? guess(path)]));
  // What is equal keeps its order.
  return files.toSorted((a, b) => (expected.get(b.path) ?? 0) - (expected.get(a.path) ?? 0));
}

/** Above what most files take, and in the order of the list. */
function guess(path: string): number {
  const place = takeLong.findIndex((beginning) => path.startsWith(beginning));
  return place < 0 ? 0 : 10 + takeLong.length - place;
}

/** What files took in earlier runs; empty when there were none. */
export function readSeconds(): Seconds {
  try {
    const read: unknown = JSON.parse(readFileSync(memory, "utf8"));
    const entries = Object.entries(Object(read)).map(([path, value]) => [path, Number(value)] as const);
    return Object.fromEntries(entries.filter(([, seconds]) => seconds >= 0));
  } catch {
    return {};
  }
}

/** Keeps what the files of this run took, beside what others took in earlier ones. */
export function keepSeconds(results: readonly FileResult[]): void {
  const now = results.map(({ file, seconds }) => [file.path, Math.round(seconds * 10) / 10]);
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, JSON.stringify({ ...readSeconds(), ...Object.fromEntries(now) }, undefined, 1));
}
