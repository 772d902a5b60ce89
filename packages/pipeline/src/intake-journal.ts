import type { FactRecorder, IntakeResult } from "./contracts.ts";
import { facts } from "./facts.ts";

/** Types that are counted by name; each is a time series for as long as the process lives. */
const MAX_TYPES = 100;
/** Names of extension attributes that are told; further ones are counted alone. */
const MAX_EXTENSIONS = 100;
/** A longer type is not kept as a label. */
const MAX_TYPE_CHARS = 128;
const OTHER = "other";

/** Event types are the clients' text, which must not decide how many labels there are, whatever pipelines follow. */
const typesByRecorder = new WeakMap<FactRecorder, Set<string>>();

function typesOf(recorder: FactRecorder): Set<string> {
  const types = typesByRecorder.get(recorder) ?? new Set();
  typesByRecorder.set(recorder, types);
  return types;
}

/** Records what became of the events of committed requests. */
export class IntakeJournal {
  readonly #facts: FactRecorder;
  readonly #types: Set<string>;
  readonly #extensions = new Set<string>();

  constructor(recorder: FactRecorder) {
    this.#facts = recorder;
    this.#types = typesOf(recorder);
  }

  committed(result: IntakeResult): void {
    const { batch, denied, wouldBeDenied, bodiesLeftOut, valuesMasked, maskFailures, refusals } = result;
    if (batch !== undefined) this.#facts.record(facts.eventsAccepted, batch.count);
    for (const [type, count] of denied) {
      this.#facts.record(facts.eventsDenied, count, { type: this.#labelOf(type) });
    }
    for (const [type, count] of wouldBeDenied) {
      this.#facts.record(facts.eventsWouldBeDenied, count, { type: this.#labelOf(type) });
    }
    if (bodiesLeftOut > 0) this.#facts.record(facts.bodiesLeftOut, bodiesLeftOut);
    if (valuesMasked > 0) this.#facts.record(facts.valuesMasked, valuesMasked);
    if (maskFailures > 0) this.#facts.record(facts.maskFailures, maskFailures);
    for (const [name, count] of result.extensionsLeftOut) {
      this.#facts.record(facts.extensionsLeftOut, count);
      this.#tellExtension(name);
    }
    const [first] = refusals;
    if (first !== undefined) {
      const place = `record ${first.index}: ${first.attribute} must be ${first.expected}`;
      this.#facts.record(facts.eventsRefused, refusals.length, {}, place);
    }
  }

  /** A service that gives an illegal value gives it with every event. */
  #tellExtension(name: string): void {
    if (this.#extensions.has(name) || this.#extensions.size >= MAX_EXTENSIONS) return;
    this.#extensions.add(name);
    this.#facts.record(facts.extensionsIllegal, 1, {}, name);
  }

  /** The type, or `other` when that many have been seen before it. */
  #labelOf(type: string): string {
    if (this.#types.has(type)) return type;
    if (this.#types.size >= MAX_TYPES || type.length > MAX_TYPE_CHARS) return OTHER;
    this.#types.add(type);
    return type;
  }
}
