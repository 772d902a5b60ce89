import type { Clock, Sink } from "../contracts.ts";
import { Alarm } from "./alarm.ts";
import type { Circuit } from "./circuit.ts";
import type { Journal } from "./journal.ts";

/**
 * Says that a sink is degraded once it has been without an answer for too long: a send that is still under way says
 * nothing, and neither do a few failures.
 *
 * @param ending what is not answered after that says nothing about the sink
 * @returns to be called whenever the circuit may have changed
 */
export function followSilence(
  circuit: Circuit,
  sink: Sink,
  journal: Journal,
  clock: Clock,
  ending: AbortSignal,
): () => void {
  const alarm = new Alarm(clock, () => {
    if (sink.heardAtMs !== undefined) circuit.heard(sink.heardAtMs);
    journal.changed(circuit.listen(clock.elapsed()), circuit.explain(clock));
    follow();
  });
  const follow = (): void => alarm.set(ending.aborted ? Number.POSITIVE_INFINITY : circuit.silentAtMs);
  ending.addEventListener("abort", follow, { once: true });
  return follow;
}
