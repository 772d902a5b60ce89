import type { Outcome, Sink } from "../contracts.ts";
import type { Entry } from "./entry.ts";
import type { Journal } from "./journal.ts";

/** Sends, and makes an attempt to be made again of whatever a broken sink does instead of answering. */
export async function callSink(
  sink: Sink,
  entries: readonly Entry[],
  signal: AbortSignal,
  journal: Journal,
): Promise<readonly Outcome[]> {
  let broken: unknown;
  try {
    const outcomes = await sink.send(entries, signal);
    if (outcomes.length === entries.length) return outcomes;
    broken = `it gave ${outcomes.length} outcomes for ${entries.length} events`;
  } catch (error) {
    broken = error;
  }
  journal.failed("send", broken);
  const retry: Outcome = { kind: "retry", reason: "the sink is broken", status: "", afterMs: undefined };
  return entries.map(() => retry);
}
