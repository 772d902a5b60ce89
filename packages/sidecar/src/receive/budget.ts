/**
 * What requests hold at once, of both doors together: their bytes (`max_in_flight_bytes`) and their number. What is
 * over it is refused at once, retryably: memory has a bound and no request waits for another's. Connections share it:
 * one alone may hold all of the bytes, but while its requests are still being read it gives way to one that holds less.
 */

/** Requests under way at once; each costs some kilobytes beside its body. */
const MAX_REQUESTS = 1024;

/** A connection may always have so many under way, however many others have. */
const ALWAYS_REQUESTS = 2;

/** An export of a hundred events takes about this much; when there is less room, exports are being refused. */
const ORDINARY_BYTES = 64 * 1024;

/** What one connection holds. */
export class Share {
  bytes = 0;
  requests = 0;
}

export class InFlightBudget {
  readonly maxBytes: number;
  readonly #maxRequests: number;
  readonly #lent = new Set<Lease>();
  #heldBytes = 0;
  #requests = 0;

  constructor(maxBytes: number, maxRequests: number = MAX_REQUESTS) {
    this.maxBytes = maxBytes;
    this.#maxRequests = maxRequests;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get requests(): number {
    return this.#requests;
  }

  /** True when a connection that holds nothing could not have an ordinary request. */
  get full(): boolean {
    const wanted = Math.min(ORDINARY_BYTES, this.maxBytes / 16);
    let held = this.#heldBytes;
    if (held + wanted <= this.maxBytes) return false;
    for (const lease of this.#lent) if (lease.share.bytes > wanted) held -= lease.bytes;
    return held + wanted > this.maxBytes;
  }

  /**
   * Counts a request as under way; false when that would be too many. The fewer are left, the fewer a connection
   * may have, so that those with many leave room for the others.
   */
  enter(share: Share): boolean {
    const most = Math.max(ALWAYS_REQUESTS, (this.#maxRequests - this.#requests) / 2);
    if (share.requests >= most) return false;
    share.requests += 1;
    this.#requests += 1;
    return true;
  }

  leave(share: Share): void {
    share.requests -= 1;
    this.#requests -= 1;
  }

  /** A request's part of its connection's share, empty at first. */
  lease(share: Share = new Share()): Lease {
    return new Lease(this, share);
  }

  /** Takes bytes out of the budget if it has them, or gets them from who holds more than `heldBytes` and these. */
  take(bytes: number, heldBytes: number = this.maxBytes): boolean {
    while (this.#heldBytes + bytes > this.maxBytes) {
      const victim = this.#findRichest(heldBytes + bytes);
      if (victim === undefined) return false;
      victim.revoke();
    }
    this.#heldBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  /** From now on the lease may be revoked. */
  lend(lease: Lease): void {
    this.#lent.add(lease);
  }

  keep(lease: Lease): void {
    this.#lent.delete(lease);
  }

  #findRichest(thanBytes: number): Lease | undefined {
    let richest: Lease | undefined;
    for (const lease of this.#lent) {
      if (lease.bytes === 0 || lease.share.bytes <= thanBytes) continue;
      if (richest === undefined || lease.share.bytes > richest.share.bytes) richest = lease;
    }
    return richest;
  }
}

/** What one request holds of the budget. */
export class Lease {
  readonly share: Share;
  readonly #budget: InFlightBudget;
  #bytes = 0;
  #onRevoked: (() => void) | undefined;

  constructor(budget: InFlightBudget, share: Share) {
    this.#budget = budget;
    this.share = share;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Grows to `bytes` in all, never shrinks; false when the budget has not that much. */
  hold(bytes: number): boolean {
    const more = bytes - this.#bytes;
    if (more <= 0) return true;
    if (!this.#budget.take(more, this.share.bytes)) return false;
    this.share.bytes += more;
    this.#bytes = bytes;
    return true;
  }

  /** Until {@link Lease.keep} the bytes may be taken back for others; `onRevoked` must then let go of what they are. */
  lend(onRevoked: () => void): void {
    this.#onRevoked = onRevoked;
    this.#budget.lend(this);
  }

  keep(): void {
    this.#onRevoked = undefined;
    this.#budget.keep(this);
  }

  revoke(): void {
    const onRevoked = this.#onRevoked;
    this.keep();
    this.release();
    onRevoked?.();
  }

  /** Gives everything back; more than once is harmless. */
  release(): void {
    this.#budget.give(this.#bytes);
    this.share.bytes -= this.#bytes;
    this.#bytes = 0;
  }
}
