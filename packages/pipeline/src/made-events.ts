/** What intake has made of a request so far. */
import { BatchView, batchHeadBytes, type EncodedBatch } from "./batch.ts";
import type { Decisions, PolicyInput } from "./draft.ts";
import { divideBatches, type Wants } from "./encode/divide-batches.ts";
import { checkBatchSize, type Encoder } from "./encode/encode.ts";
import type { Envelope } from "./envelope.ts";
import { moveToPages } from "./free-bytes.ts";

/** What becomes of the events by the policy's decisions. */
export interface DividedEvents {
  /** Those that may leave; `undefined` when there is none, as for the next. */
  readonly allowed: EncodedBatch | undefined;
  /** The others, when they were asked for. */
  readonly denied: EncodedBatch | undefined;
  /** Places of the others in the request, ascending, and how many they are by type. */
  readonly deniedPlaces: readonly number[];
  readonly deniedTypes: ReadonlyMap<string, number>;
}

const EVERY: Wants = () => true;

/** How events are divided. */
export interface DivideOptions {
  /** What is denied leaves all the same. */
  readonly dryRun: boolean;
  readonly wantsDenied: boolean;
}

/**
 * The events of one request. Those of the slice made last are envelopes; before another slice is made they are encoded,
 * so that of the slices before it nothing lives but the bytes of their events. So a request of one slice is encoded when
 * the policy has decided, and what it denies is not.
 */
export class MadeEvents {
  readonly #encoder: Encoder;
  readonly #acceptedAtMs: number;
  readonly #keepsInputs: boolean;
  #envelopes: Envelope[] = [];
  readonly #parts: BatchView[] = [];
  /** Of the events in the parts; none when nobody asks for them. */
  readonly #inputs: PolicyInput[] = [];
  readonly #places: number[] = [];
  /** Events in the parts, and the bytes of a batch of them. */
  #encoded = 0;
  #bytes: number = batchHeadBytes(0);

  /**
   * @param acceptedAtMs when the request was accepted, in ms since the epoch
   * @param keepsInputs whether there is a policy that may ask for them
   */
  constructor(encoder: Encoder, acceptedAtMs: number, keepsInputs: boolean) {
    this.#encoder = encoder;
    this.#acceptedAtMs = acceptedAtMs;
    this.#keepsInputs = keepsInputs;
  }

  get count(): number {
    return this.#encoded + this.#envelopes.length;
  }

  add(envelope: Envelope): void {
    this.#envelopes.push(envelope);
  }

  /**
   * Encodes the slice made last: there is another one.
   * @throws OtlpTooLargeError when the events come to more than a batch may hold
   */
  endSlice(): void {
    const envelopes = this.#envelopes;
    if (envelopes.length === 0) return;
    const { buffer } = this.#encoder.encode(envelopes, this.#acceptedAtMs);
    const part = new BatchView(moveToPages(new Uint8Array(buffer)));
    this.#parts.push(part);
    this.#bytes += part.byteLength - batchHeadBytes(0);
    checkBatchSize(this.#bytes);
    if (this.#keepsInputs) {
      for (const envelope of envelopes) {
        this.#inputs.push(inputOf(envelope));
        this.#places.push(envelope.draft.index);
      }
    }
    this.#encoded += envelopes.length;
    this.#envelopes = [];
  }

  /** What the policy may read of an event. */
  at(i: number): PolicyInput {
    const envelope = this.#envelopes[i - this.#encoded];
    const input = envelope === undefined ? this.#inputs[i] : inputOf(envelope);
    if (input === undefined) throw new RangeError(`event ${i} of a batch of ${this.count}`);
    return input;
  }

  /**
   * To be called once, at the end.
   * @throws OtlpTooLargeError when the events come to more than a batch may hold
   */
  divide(decisions: Decisions, { dryRun, wantsDenied }: DivideOptions): DividedEvents {
    // An answer that is missing is no permission.
    const isDenied = (i: number): boolean => decisions !== "all" && decisions[i] !== true;
    const deniedPlaces: number[] = [];
    const deniedTypes = new Map<string, number>();
    for (let i = 0; decisions !== "all" && i < this.count; i++) {
      if (!isDenied(i)) continue;
      const type = this.at(i).event_type;
      deniedTypes.set(type, (deniedTypes.get(type) ?? 0) + 1);
      deniedPlaces.push(this.#placeOf(i));
    }
    const wanted = [dryRun || decisions === "all" ? EVERY : (i: number): boolean => !isDenied(i)];
    if (wantsDenied) wanted.push(isDenied);
    const [allowed, denied] = this.#encoded === 0 ? wanted.map(this.#encode) : this.#divideParts(wanted);
    return { allowed, denied, deniedPlaces, deniedTypes };
  }

  #placeOf(i: number): number {
    return this.#places[i] ?? this.#envelopes[i - this.#encoded]?.draft.index ?? 0;
  }

  readonly #encode = (wants: Wants): EncodedBatch | undefined => {
    const envelopes = wants === EVERY ? this.#envelopes : this.#envelopes.filter((_, i) => wants(i));
    return envelopes.length === 0 ? undefined : this.#encoder.encode(envelopes, this.#acceptedAtMs);
  };

  #divideParts(wanted: readonly Wants[]): (EncodedBatch | undefined)[] {
    this.endSlice();
    return divideBatches(this.#parts, this.#acceptedAtMs, wanted);
  }
}

function inputOf({ type, subject, source, draft }: Envelope): PolicyInput {
  return {
    event_type: type,
    subject: subject === "" ? undefined : subject,
    source,
    tenant_id: draft.tenant === "" ? undefined : draft.tenant,
  };
}
