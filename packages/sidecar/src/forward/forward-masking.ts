import { compileMasker, type MaskSettings, type OtlpEncoding } from "@coresdk/pipeline/thread";
import type { Signal } from "../contracts.ts";
import { JsonMasking } from "./mask/json.ts";
import { REQUESTS } from "./mask/messages.ts";
import { ProtobufMasking } from "./mask/protobuf.ts";
import { TooManyValuesError, ValueLimit } from "./mask/value-limit.ts";

/**
 * Records, keys, values and other texts that a request may hold to be cheap to mask: a name that was never seen before
 * costs some microseconds.
 */
const MAX_CHEAP = 8_192;

export interface Masked {
  /** `undefined` when nothing was found: the request goes on with the bytes that came. */
  readonly message: Uint8Array | undefined;
  /** Values that were replaced whole because masking them failed. */
  readonly failures: number;
}

/** Masks the requests that go on over OTLP; one a thread. */
export class ForwardMasking {
  readonly #core: ReturnType<typeof compileMasker>;
  readonly #all: Readonly<Record<OtlpEncoding, ProtobufMasking | JsonMasking>>;
  readonly #events: Readonly<Record<OtlpEncoding, ProtobufMasking | JsonMasking>>;
  readonly #limit = new ValueLimit();

  /** @throws TypeError that names the setting which is wrong */
  constructor(settings: MaskSettings) {
    const core = compileMasker(settings);
    const limit = this.#limit;
    this.#core = core;
    this.#all = {
      protobuf: new ProtobufMasking(core, false, limit),
      json: new JsonMasking(core, false, limit),
    };
    this.#events = {
      protobuf: new ProtobufMasking(core, true, limit),
      json: new JsonMasking(core, true, limit),
    };
  }

  /** A text of the upstream's, masked: it may quote what it was sent. */
  text(text: string): string {
    return this.#core.text(text);
  }

  /**
   * @param eventsOnly only log records that are events are masked
   * @throws OtlpDecodeError when the bytes are no request of the signal
   */
  mask(signal: Signal, request: Uint8Array, encoding: OtlpEncoding, eventsOnly: boolean): Masked {
    return this.#mask(signal, request, encoding, eventsOnly, Number.POSITIVE_INFINITY);
  }

  /**
   * As {@link ForwardMasking.mask}, if what the request holds is cheap to mask, whatever it is.
   * @returns `undefined` when it may not be
   */
  maskIfCheap(
    signal: Signal,
    request: Uint8Array,
    encoding: OtlpEncoding,
    eventsOnly: boolean,
  ): Masked | undefined {
    try {
      return this.#mask(signal, request, encoding, eventsOnly, MAX_CHEAP);
    } catch (error) {
      if (error instanceof TooManyValuesError) return undefined;
      throw error;
    }
  }

  #mask(
    signal: Signal,
    request: Uint8Array,
    encoding: OtlpEncoding,
    eventsOnly: boolean,
    mostValues: number,
  ): Masked {
    this.#limit.begin(mostValues);
    const before = this.#core.failures;
    const masking = eventsOnly ? this.#events : this.#all;
    const message = masking[encoding].mask(request, REQUESTS[signal]);
    return {
      message: message === request ? undefined : message,
      failures: this.#core.failures - before,
    };
  }
}
