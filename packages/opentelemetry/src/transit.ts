/**
 * Between the application's call and the queue: events in the order of the calls, copied, bounded by bytes.
 *
 * Its life is a row of sessions. What was emitted before a close belongs to the session that is closed, and is
 * delivered, or counted as left, by that close. What comes later belongs to the next session, whose pipeline is opened
 * once the one before has let go: no event is in two of them, so none is told as lost and delivered all the same.
 */
import { type Moved, type Room, Session, type SessionPorts } from "./session.ts";
import { atRoot } from "./suppression.ts";
import type { TransitItem } from "./transit-item.ts";

const NOTHING: Moved = { remaining: 0, lost: 0, unopened: undefined };

export class Transit {
  readonly #maxBytes: number;
  readonly #ports: SessionPorts;
  readonly #room: Room = { bytes: 0, failedAtMs: Number.NEGATIVE_INFINITY };
  #current: Session | undefined;
  readonly #closing = new Map<Session, Promise<Moved>>();
  #released: Promise<void> = Promise.resolve();

  constructor(maxBytes: number, ports: SessionPorts) {
    this.#maxBytes = maxBytes;
    this.#ports = ports;
  }

  /**
   * Opens the pipeline without waiting for an event, and again when that fails, until it is closed: its queue
   * holds what the last process left. Never throws; a failure is recorded, and told by {@link flush}.
   */
  keepOpen(): void {
    this.#open().keepOpen();
  }

  /** Takes an item, or reports its loss when too much is waiting already. */
  add(item: TransitItem): void {
    const { losses } = this.#ports;
    const { bytes } = this.#room;
    if (item.size > this.#maxBytes) {
      const detail = `about ${item.size} bytes alone, queue.maxBytes is ${this.#maxBytes}`;
      losses.report("refused", 1, detail);
    } else if (bytes + item.size > this.#maxBytes) {
      losses.report("full", 1, `${bytes} bytes wait for the queue, queue.maxBytes is ${this.#maxBytes}`);
    } else {
      this.#open().add(item);
    }
  }

  /** Delivers what is there now, what is being closed among it; resolves with what is left after `timeoutMs`. */
  flush(timeoutMs: number): Promise<Moved> {
    const sessions = [...this.#closing.keys(), ...(this.#current === undefined ? [] : [this.#current])];
    return sumOf(sessions.map((session) => session.flush(timeoutMs)));
  }

  /**
   * Delivers what is there now, then closes the pipeline; an item added later opens another. Resolves with what is left
   * of all that was emitted before, also when another call closes it already.
   */
  close(timeoutMs: number): Promise<Moved> {
    const session = this.#current;
    if (session !== undefined) {
      this.#current = undefined;
      this.#released = session.released;
      const closed = session.close(timeoutMs);
      this.#closing.set(session, closed);
      void closed.then(() => this.#closing.delete(session));
    }
    return sumOf([...this.#closing.values()]);
  }

  /** Events that are not in a queue yet. */
  get waiting(): number {
    let waiting = this.#current?.waiting ?? 0;
    for (const session of this.#closing.keys()) waiting += session.waiting;
    return waiting;
  }

  /** True while there is something that nobody closes yet. */
  get active(): boolean {
    return this.#current?.active === true;
  }

  /** True while something is being closed. */
  get closing(): boolean {
    return this.#closing.size > 0;
  }

  /** Resolves once no pipeline is open that was being closed when this was asked. */
  get released(): Promise<void> {
    return this.#released;
  }

  #open(): Session {
    // Before Node.js 24 a promise keeps the stores of whoever made it, and a session's promises live as long as it does.
    this.#current ??= atRoot(() => new Session(this.#ports, this.#room, this.#released));
    return this.#current;
  }
}

async function sumOf(all: readonly Promise<Moved>[]): Promise<Moved> {
  return (await Promise.all(all)).reduce(
    (sum, { remaining, lost, unopened }) => ({
      remaining: sum.remaining + remaining,
      lost: sum.lost + lost,
      unopened: sum.unopened ?? unopened,
    }),
    NOTHING,
  );
}
