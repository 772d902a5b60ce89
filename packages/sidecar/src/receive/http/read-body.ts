import type { IncomingMessage } from "node:http";
import { Chunks } from "../../protocol/chunks.ts";
import type { Lease } from "../budget.ts";
import type { Pace } from "../pace.ts";

export type BodyRead =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "too_large" }
  | { readonly kind: "no_budget" }
  /** It came too slowly. */
  | { readonly kind: "late" }
  /** The client went away before it had sent everything. */
  | { readonly kind: "gone" };

/**
 * Reads a request's body whole, within a limit, a pace and the doors' budget. After a failure the rest of the body
 * has not been read and nothing of it is kept.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  lease: Lease,
  pace: Pace,
): Promise<BodyRead> {
  // It had to wait for its turn.
  if (request.destroyed) return Promise.resolve({ kind: "gone" });
  return new Promise((resolve) => {
    const chunks = new Chunks();
    const settle = (outcome: BodyRead): void => {
      lease.keep();
      pace.forget(lease);
      resolve(outcome);
    };
    const stop = (outcome: BodyRead): void => {
      request.off("data", onData);
      request.pause();
      chunks.clear();
      settle(outcome);
    };
    const onData = (chunk: Buffer): void => {
      const total = chunks.byteLength + chunk.length;
      if (total > maxBytes) stop({ kind: "too_large" });
      else if (!lease.hold(total)) stop({ kind: "no_budget" });
      else chunks.push(chunk);
    };
    lease.lend(() => stop({ kind: "no_budget" }));
    pace.watch(lease, () => stop({ kind: "late" }));
    request.on("data", onData);
    request.on("end", () => settle({ kind: "bytes", bytes: chunks.join() }));
    request.on("close", () => settle({ kind: "gone" }));
  });
}

/**
 * Reads what is still to come of a refused request and throws it away, so that a client that is still sending
 * gets to read its answer: closing a socket with unread bytes resets it. Past `maxBytes` it reads no more and
 * lets the client stand still. Calls back when the request ended, or when its time is over.
 */
export function discardBody(
  request: IncomingMessage,
  maxBytes: number,
  schedule: (callback: () => void) => () => void,
  done: () => void,
): void {
  let left = maxBytes;
  let finished = false;
  const finish = (): void => {
    if (finished) return;
    finished = true;
    cancel();
    request.off("data", onData);
    done();
  };
  const onData = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) request.pause();
  };
  const cancel = schedule(finish);
  request.on("data", onData);
  request.once("end", finish);
  request.once("close", finish);
  request.resume();
}
