import type { FactRecorder } from "../contracts.ts";
import { facts } from "../facts.ts";
import type { CircuitChange } from "./circuit.ts";
import type { Verdict } from "./write-letter.ts";

/** Records the facts of one sink, free of what events and peers say. */
export class Journal {
  readonly #facts: FactRecorder;
  readonly #sink: string;
  readonly #labels: { readonly sink: string };

  constructor(recorder: FactRecorder, sink: string) {
    this.#facts = recorder;
    this.#sink = sink;
    this.#labels = { sink };
  }

  sent(durationMs: number): void {
    this.#facts.record(facts.sends, durationMs / 1000, this.#labels);
  }

  delivered(events: number): void {
    if (events > 0) this.#facts.record(facts.delivered, events, this.#labels);
  }

  retried(events: number, reason: string): void {
    this.#facts.record(facts.retried, events, this.#labels, reason);
  }

  /** The verdict's detail may quote the peer, which may quote the event: it stays with the letter. */
  buried(events: number, { reason, lastStatus }: Verdict): void {
    const summary = lastStatus === "" ? reason : `${reason}, last status ${lastStatus}`;
    this.#facts.record(facts.deadLettered, events, { ...this.#labels, reason }, summary);
  }

  changed(change: CircuitChange, reason: string): void {
    if (change === undefined) return;
    const fact = {
      degraded: facts.sinkDegraded,
      parked: facts.sinkParked,
      recovered: facts.sinkRecovered,
      deferred: facts.sinkDeferred,
    };
    this.#facts.record(fact[change], 1, this.#labels, reason);
  }

  /** A stop did not wait for the queue any longer. */
  abandoned(events: number): void {
    if (events === 0) return;
    const why = `the queue did not store in time that ${events} events are done; a restart sends them again`;
    this.failed("stop", new Error(why));
  }

  /** Something failed that nothing was prepared for. */
  failed(part: string, error: unknown): void {
    const detail = `delivery to ${this.#sink}: ${part}: ${error instanceof Error ? error.message : String(error)}`;
    this.#facts.record(facts.failed, 1, { ...this.#labels, part }, detail);
  }
}
