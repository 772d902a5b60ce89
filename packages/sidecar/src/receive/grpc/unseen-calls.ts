/**
 * Calls that a client began and that never come to us: Node resets one with too many headers by itself and says so to
 * nobody. What is left to see is how far the numbers of the calls have gone.
 */
import type { Http2Session } from "node:http2";
import type { Clock } from "@coresdk/pipeline";
import type { Connection } from "../connections.ts";

/** How often it is looked at, in ms. */
export const UNSEEN_INTERVAL_MS = 1_000;

/** A few numbers may be left out: some clients begin at 3. */
const MAX_UNSEEN_OF_STRANGER = 3;

/** From one look to the next: a client that gives up calls before it sent them leaves out their numbers too. */
const MAX_UNSEEN_OF_KNOWN = 100;

interface Watched {
  readonly connection: Connection;
  seen: number;
  /** At the last look. */
  unseen: number;
}

/** The sessions of one door. One timer serves all of them. */
export class UnseenCalls {
  readonly #clock: Clock;
  readonly #onTooMany: (connection: Connection) => void;
  readonly #sessions = new Map<Http2Session, Watched>();
  #armed = false;

  /** @param onTooMany called once for a connection, which is forgotten then */
  constructor(clock: Clock, onTooMany: (connection: Connection) => void) {
    this.#clock = clock;
    this.#onTooMany = onTooMany;
  }

  watch(session: Http2Session, connection: Connection): void {
    this.#sessions.set(session, { connection, seen: 0, unseen: 0 });
    session.once("close", () => this.#sessions.delete(session));
    this.#arm();
  }

  /** A call came to us. */
  see(session: Http2Session): void {
    const watched = this.#sessions.get(session);
    if (watched !== undefined) watched.seen += 1;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#clock.schedule(UNSEEN_INTERVAL_MS, () => {
      this.#armed = false;
      this.#look();
      if (this.#sessions.size > 0) this.#arm();
    });
  }

  #look(): void {
    for (const [session, watched] of this.#sessions) {
      // A client's calls have odd numbers that only grow (RFC 9113, section 5.1.1).
      const begun = Math.ceil((session.state.lastProcStreamID ?? 0) / 2);
      const unseen = Math.max(0, begun - watched.seen);
      const more = unseen - watched.unseen;
      watched.unseen = unseen;
      const tooMany = watched.connection.known ? more > MAX_UNSEEN_OF_KNOWN : unseen > MAX_UNSEEN_OF_STRANGER;
      if (!tooMany) continue;
      this.#sessions.delete(session);
      this.#onTooMany(watched.connection);
    }
  }
}
