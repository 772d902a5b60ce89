import type { Clock, FactRecorder } from "@coresdk/pipeline";
import { emitterFacts } from "./facts.ts";
import { nameFailure, runGuarded } from "./failure.ts";
import type { Loss } from "./options.ts";
import { asApplicationWork } from "./suppression.ts";

/** The callback is called at the first loss of a reason, then at most this often. */
const CALL_INTERVAL_MS = 1_000;

interface Waiting {
  count: number;
  detail: string;
  cancel: () => void;
}

/**
 * Reports lost events: each is counted, warned of, and told to the application's callback. The callback is
 * held to a rate, so that one which emits an event in its turn, into a queue that is still full, does not
 * call itself for ever.
 */
export class LossReporter {
  readonly #onLoss: ((loss: Loss) => void) | undefined;
  readonly #clock: Clock;
  readonly #facts: FactRecorder;
  readonly #waiting = new Map<Loss["reason"], Waiting>();

  constructor(onLoss: ((loss: Loss) => void) | undefined, clock: Clock, facts: FactRecorder) {
    this.#onLoss = onLoss;
    this.#clock = clock;
    this.#facts = facts;
  }

  report(reason: Loss["reason"], count: number, detail: string): void {
    this.#facts.record(emitterFacts.lost, count, { reason }, detail);
    if (this.#onLoss === undefined) return;
    const waiting = this.#waiting.get(reason);
    if (waiting === undefined) {
      this.#wait(reason);
      this.#call({ reason, count, detail });
    } else {
      waiting.count += count;
      waiting.detail = detail;
    }
  }

  /** Tells the callback at once of what it was not told yet; the end of the emitter. */
  flush(): void {
    for (const [reason, waiting] of [...this.#waiting]) {
      waiting.cancel();
      this.#waiting.delete(reason);
      if (waiting.count > 0) this.#call({ reason, count: waiting.count, detail: waiting.detail });
    }
  }

  #wait(reason: Loss["reason"]): void {
    const cancel = this.#clock.schedule(CALL_INTERVAL_MS, () => {
      const waiting = this.#waiting.get(reason);
      this.#waiting.delete(reason);
      if (waiting === undefined || waiting.count === 0) return;
      this.#wait(reason);
      this.#call({ reason, count: waiting.count, detail: waiting.detail });
    });
    this.#waiting.set(reason, { count: 0, detail: "", cancel });
  }

  #call(loss: Loss): void {
    runGuarded(
      () => asApplicationWork(() => this.#onLoss?.(loss)),
      (how, error) => {
        this.#facts.record(emitterFacts.callbackFailed, 1, {}, `onLoss ${how} ${nameFailure(error)}`);
      },
    );
  }
}
