import { paint, print, traceIdOf } from "./print.ts";
import type { Arrival } from "./receiver.ts";

/** What the service says it emitted. */
export interface Emitted {
  /** Events by type. */
  readonly counts: Readonly<Record<string, number>>;
  readonly traceIds: ReadonlySet<string>;
}

export interface DemoResult {
  readonly emitted: Emitted;
  readonly arrivals: readonly Arrival[];
  /** What the collector got, by signal. */
  readonly forwarded: ReadonlyMap<string, { readonly requests: number; readonly bytes: number }>;
  /** Events that could not be decoded. */
  readonly errors: number;
}

/** Says what came of it all, and what to try next. True when everything arrived. */
export function printSummary({ emitted, arrivals, forwarded, errors }: DemoResult): boolean {
  const arrived: Record<string, number> = {};
  for (const { event } of arrivals) arrived[event.type] = (arrived[event.type] ?? 0) + 1;
  const types = Object.keys(emitted.counts);
  let complete = errors === 0;
  print();
  print(paint("bold", "Arrived"));
  for (const type of types) {
    const [got, sent] = [arrived[type] ?? 0, emitted.counts[type] ?? 0];
    complete &&= got === sent;
    print(`  ${type.padEnd(28)}${paint(got === sent ? "green" : "red", `${got} of ${sent}`)}`);
  }
  const linked = arrivals.filter(({ event }) => emitted.traceIds.has(traceIdOf(event))).length;
  complete &&= linked === arrivals.length && forwarded.has("traces");
  print();
  print(`  ${"types".padEnd(12)}${types.length} of 7`);
  print(`  ${"latency".padEnd(12)}${describeLatency(arrivals)}`);
  print(
    `  ${"traces".padEnd(12)}${linked} of ${arrivals.length} events belong to one of the service's ${emitted.traceIds.size} traces`,
  );
  for (const [signal, { requests, bytes }] of forwarded) {
    print(
      `  ${"forwarded".padEnd(12)}${signal}: ${requests} OTLP ${requests === 1 ? "export" : "exports"}, ${bytes} bytes`,
    );
  }
  print();
  if (!complete) {
    print(paint("red", "Something is missing."));
    return false;
  }
  printNextSteps();
  return complete;
}

/** From the record's own time in the service to its arrival at the webhook. */
function describeLatency(arrivals: readonly Arrival[]): string {
  const all = arrivals
    .map(({ event, atMs }) => Math.max(0, atMs - Date.parse(event.time ?? "")))
    .sort((a, b) => a - b);
  const at = (share: number): string => `${Math.round(all[Math.floor((all.length - 1) * share)] ?? 0)} ms`;
  return `median ${at(0.5)}, longest ${at(1)}, the SDK's own batching of 100 ms included`;
}

function printNextSteps(): void {
  print(paint("bold", "Next"));
  const steps = [
    ["npm run demo -- --watch", "the same, until you end it"],
    ["npx coresdk-sidecar", "your own sidecar: OTLP on 4317 and 4318, events kept here"],
    ["npx coresdk-sidecar tap", "watch what it holds"],
    ["examples/", "programs to copy: receivers, a Kafka consumer, emitting"],
  ];
  for (const [what = "", why = ""] of steps) print(`  ${paint("cyan", what.padEnd(28))}${why}`);
}
