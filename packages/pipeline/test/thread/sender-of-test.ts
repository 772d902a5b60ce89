import type { Sender } from "../../src/contracts.ts";

/** A sender that leaves when it is told to. */
export class SenderOfTest implements Sender {
  readonly connection: object;
  gone = false;
  readonly #callbacks = new Set<() => void>();

  constructor(connection: object = {}) {
    this.connection = connection;
  }

  /** How many wait for it to leave. */
  get watched(): number {
    return this.#callbacks.size;
  }

  onSameConnection(): SenderOfTest {
    return new SenderOfTest(this.connection);
  }

  onGone(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  leave(): void {
    this.gone = true;
    for (const callback of this.#callbacks) callback();
    this.#callbacks.clear();
  }
}
