import type { Dispatcher } from "undici";
import { InformationalLimit } from "./informational-limit.ts";

/** Read of an answer before its connection is given up. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Kept of the text with which a peer rejects: a secret at the end of what is shown of it is seen whole. */
const MAX_TEXT_BYTES = 8 * 1024;

/** What a peer answered, as far as it was read. */
export interface Response {
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of the body where the status is 4xx, else nothing. */
  readonly text: string;
  /** There was more of it. */
  readonly isCut: boolean;
  /** It was read to its end, and its connection goes on. */
  readonly isWhole: boolean;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const ENOUGH = new Error("the answer is longer than what is read of it");
/** The peer sent informational responses (1xx) without end. */
export const ENDLESS: Error = new Error("informational responses without end");

/**
 * One request's answer, as undici's parser hands it over: nearly all answers are empty, and a stream for them costs
 * as much as the request. It is known from the status line on, whatever becomes of the rest.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Rejects with what undici reports, or with the reason of {@link Exchange.abort}, when no status has come. */
  readonly response: Promise<Response>;
  readonly #settle: Pick<PromiseWithResolvers<Response>, "resolve" | "reject">;
  readonly #informational = new InformationalLimit(() => this.abort(ENDLESS));
  #controller: Dispatcher.DispatchController | undefined;
  #aborted: Error | undefined;
  #status = 0;
  #headers: Headers = {};
  #bytesRead = 0;
  #text: Buffer = Buffer.alloc(0);

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    this.response = promise;
    this.#settle = { resolve, reject };
  }

  /** Ends it, also when it is still waiting for a connection; without effect once it has ended. */
  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#controller?.abort(this.#aborted);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted !== undefined) controller.abort(this.#aborted);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) {
      this.#informational.note({ headers });
      return;
    }
    this.#status = status;
    this.#headers = headers;
  }

  /** Read to its end, so that the connection can be used again, but no further than the limit. */
  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytesRead += chunk.length;
    const room = MAX_TEXT_BYTES - this.#text.length;
    if (this.#status >= 400 && this.#status < 500 && room > 0) {
      this.#text = Buffer.concat([this.#text, chunk.subarray(0, room)]);
    }
    if (this.#bytesRead > MAX_ANSWER_BYTES) this.abort(ENOUGH);
  }

  onResponseEnd(): void {
    this.#end(true);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#status === 0) this.#settle.reject(error);
    else this.#end(false);
  }

  #end(isWhole: boolean): void {
    this.#settle.resolve({
      status: this.#status,
      headers: this.#headers,
      text: this.#text.toString("utf8"),
      isCut: this.#bytesRead > this.#text.length,
      isWhole,
    });
  }
}
