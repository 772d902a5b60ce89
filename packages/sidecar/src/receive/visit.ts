/** One request at a door, from its header to the end of its answer. */
import type { Sender } from "@coresdk/pipeline";
import type { InFlightBudget, Lease } from "./budget.ts";
import type { Connection, Connections } from "./connections.ts";

/** What the answer to a request is written on. */
export interface Answer {
  /** It cannot be written any more. */
  readonly destroyed: boolean;
  readonly closed: boolean;
  once(event: "close", listener: () => void): unknown;
  off(event: "close", listener: () => void): unknown;
}

export class Visit implements Sender {
  /** The door takes no more exports. */
  readonly draining: boolean;
  readonly #connection: Connection;
  readonly #answer: Answer;
  readonly #connections: Connections;
  readonly #budget: InFlightBudget;
  #inside = false;
  #reading = false;

  constructor(
    connection: Connection,
    answer: Answer,
    connections: Connections,
    budget: InFlightBudget,
    draining: boolean,
  ) {
    this.#connection = connection;
    this.#answer = answer;
    this.#connections = connections;
    this.#budget = budget;
    this.draining = draining;
  }

  get connection(): object {
    return this.#connection;
  }

  get gone(): boolean {
    return this.#answer.destroyed || this.#answer.closed || this.#connection.left;
  }

  onGone(callback: () => void): () => void {
    const call = (): void => {
      forget();
      callback();
    };
    const forgetLeft = this.#connection.onLeft(call);
    const forget = (): void => {
      forgetLeft();
      this.#answer.off("close", call);
    };
    this.#answer.once("close", call);
    return forget;
  }

  /** No request of its connection was let in yet. */
  get isStranger(): boolean {
    return !this.#connection.known;
  }

  /** Whether the connection is beyond the door's limit. To be asked once the sender may come in: room is made for it. */
  isSurplus(): boolean {
    return this.#connections.isSurplus(this.#connection);
  }

  /**
   * Lets the request in: it counts as under way, and its connection is no idle one, until the answer closes or
   * {@link Visit.leave}. False when too many are under way.
   */
  enter(): boolean {
    if (!this.#budget.enter(this.#connection.share)) return false;
    this.#inside = true;
    this.#reading = true;
    this.#connections.begin(this.#connection);
    this.#answer.once("close", () => this.leave());
    return true;
  }

  /** Its body has come whole, or will not be read on: from now on the connection is not pushed out for it. */
  endReading(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.#connections.endReading(this.#connection);
  }

  /** The request is done with, although its answer may not have been read; more than once is harmless. */
  leave(): void {
    if (!this.#inside) return;
    this.#inside = false;
    this.endReading();
    this.#budget.leave(this.#connection.share);
    this.#connections.end(this.#connection);
  }

  /** What the request is to hold of the doors' budget. */
  lease(): Lease {
    return this.#budget.lease(this.#connection.share);
  }
}
