import type { ServerHttp2Stream } from "node:http2";
import { type FramedMessage, MessageReader } from "../../protocol/grpc-message.ts";
import type { Lease } from "../budget.ts";

export type MessageRead =
  | { readonly kind: "message"; readonly message: FramedMessage }
  | { readonly kind: "too_large" }
  | { readonly kind: "no_budget" }
  /** Not one whole message. */
  | { readonly kind: "malformed" }
  /** It was not there in time. */
  | { readonly kind: "late" }
  /** The client cancelled the call, or its connection ended. */
  | { readonly kind: "gone" };

/**
 * Reads the one message of a unary call, within a limit, a time and the doors' budget. After a failure
 * nothing of it is kept.
 */
export function readMessage(
  stream: ServerHttp2Stream,
  maxBytes: number,
  lease: Lease,
  schedule: (callback: () => void) => () => void,
): Promise<MessageRead> {
  return new Promise((resolve) => {
    const reader = new MessageReader(maxBytes);
    let whole = false;
    const stop = (outcome: MessageRead): void => {
      cancel();
      stream.off("data", onData);
      reader.clear();
      resolve(outcome);
    };
    const cancel = schedule(() => stop({ kind: "late" }));
    const onData = (chunk: Buffer): void => {
      const progress = reader.push(chunk);
      if (progress === "too_large" || progress === "malformed") stop({ kind: progress });
      else if (!lease.hold(reader.heldBytes)) stop({ kind: "no_budget" });
      else whole = progress === "complete";
    };
    stream.on("data", onData);
    stream.on("end", () => {
      cancel();
      resolve(whole ? { kind: "message", message: reader.take() } : { kind: "malformed" });
    });
    stream.on("close", () => {
      cancel();
      resolve({ kind: "gone" });
    });
  });
}
