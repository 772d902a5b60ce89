import type { ServerHttp2Stream } from "node:http2";
import { type FramedMessage, MessageReader } from "../../protocol/grpc-message.ts";
import type { Lease } from "../budget.ts";
import type { Pace } from "../pace.ts";

export type MessageRead =
  | { readonly kind: "message"; readonly message: FramedMessage }
  | { readonly kind: "too_large" }
  | { readonly kind: "no_budget" }
  /** Not one whole message. */
  | { readonly kind: "malformed" }
  /** It was not there in time, or came too slowly. */
  | { readonly kind: "late" }
  /** The client cancelled the call, or its connection ended. */
  | { readonly kind: "gone" };

/**
 * Reads the one message of a unary call, within a limit, a time, a pace and the doors' budget. After a failure
 * nothing of it is kept.
 */
export function readMessage(
  stream: ServerHttp2Stream,
  maxBytes: number,
  lease: Lease,
  pace: Pace,
  schedule: (callback: () => void) => () => void,
): Promise<MessageRead> {
  return new Promise((resolve) => {
    const reader = new MessageReader(maxBytes);
    let whole = false;
    const settle = (outcome: MessageRead): void => {
      cancel();
      lease.keep();
      pace.forget(lease);
      resolve(outcome);
    };
    const stop = (outcome: MessageRead): void => {
      stream.off("data", onData);
      reader.clear();
      settle(outcome);
    };
    const cancel = schedule(() => stop({ kind: "late" }));
    const onData = (chunk: Buffer): void => {
      const progress = reader.push(chunk);
      if (progress === "too_large" || progress === "malformed") stop({ kind: progress });
      else if (!lease.hold(reader.heldBytes)) stop({ kind: "no_budget" });
      else whole = progress === "complete";
    };
    lease.lend(() => stop({ kind: "no_budget" }));
    pace.watch(lease, () => stop({ kind: "late" }));
    stream.on("data", onData);
    stream.on("end", () => {
      settle(whole ? { kind: "message", message: reader.take() } : { kind: "malformed" });
    });
    stream.on("close", () => settle({ kind: "gone" }));
  });
}
