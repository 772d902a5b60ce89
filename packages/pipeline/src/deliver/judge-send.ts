import type { Circuit, CircuitChange } from "./circuit.ts";
import type { Shipment } from "./entry.ts";
import type { Sorted } from "./sort-outcomes.ts";

/** Tells the circuit what a send says about the sink as a whole. */
export function judgeSend(
  circuit: Circuit,
  { delivered, dead, again, parked }: Sorted,
  shipment: Shipment,
  probe: boolean,
  nowMs: number,
): CircuitChange {
  if (parked !== undefined) return circuit.park(nowMs, probe, parked.reason);
  const retry = again.find(({ why }) => why.kind === "retry")?.why;
  const answers = delivered.length > 0 || dead.length > 0 || again.some(({ why }) => why.kind === "rejected");
  if (retry?.kind !== "retry") return circuit.answered();
  const { afterMs: askedMs, holdsSink, reason } = retry;
  const held = holdsSink === true && askedMs !== undefined ? circuit.hold(nowMs, askedMs) : undefined;
  const change = answers
    ? circuit.answered()
    : circuit.failed(nowMs, { first: shipment.attempts === 1, probe, askedMs, reason });
  return change ?? held;
}
