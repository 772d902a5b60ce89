/** What a receiver may send before its answer: a hint or two, and signs of life while it works. */
const MAX_RESPONSES = 16;
/** Of their headers, all together; undici bounds those of one response as well. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Counts the informational responses (1xx; RFC 9110, section 15.2) to one request, and tells of one too many. */
export class InformationalLimit {
  readonly #exceeded: () => void;
  #responses = 0;
  #bytes = 0;

  constructor(exceeded: () => void) {
    this.#exceeded = exceeded;
  }

  /** To be called with each. */
  readonly note = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): void => {
    this.#responses += 1;
    for (const [name, value] of Object.entries(headers)) this.#bytes += name.length + String(value).length;
    if (this.#responses > MAX_RESPONSES || this.#bytes > MAX_HEADER_BYTES) this.#exceeded();
  };
}
