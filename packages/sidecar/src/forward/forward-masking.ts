import { compileMasker, type MaskSettings, type OtlpEncoding } from "@coresdk/pipeline";
import type { Signal } from "../contracts.ts";
import { JsonMasking } from "./mask/json.ts";
import { REQUESTS } from "./mask/messages.ts";
import { ProtobufMasking } from "./mask/protobuf.ts";

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

  /** @throws TypeError that names the setting which is wrong */
  constructor(settings: MaskSettings) {
    const core = compileMasker(settings);
    this.#core = core;
    this.#all = { protobuf: new ProtobufMasking(core, false), json: new JsonMasking(core, false) };
    this.#events = { protobuf: new ProtobufMasking(core, true), json: new JsonMasking(core, true) };
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
    const before = this.#core.failures;
    const masking = eventsOnly ? this.#events : this.#all;
    const message = masking[encoding].mask(request, REQUESTS[signal]);
    return {
      message: message === request ? undefined : message,
      failures: this.#core.failures - before,
    };
  }
}
