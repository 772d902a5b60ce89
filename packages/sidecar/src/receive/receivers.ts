/** Both doors over one budget. */
import type { Clock, FactRecorder } from "@coresdk/pipeline";
import type { ExportHandler, Receiver } from "../contracts.ts";
import { InFlightBudget } from "./budget.ts";
import type { DoorPorts } from "./door.ts";
import { startGrpcReceiver } from "./grpc/start.ts";
import { startHttpReceiver } from "./http/start.ts";
import { LoopTurns } from "./loop-turns.ts";
import type { ReceiversSettings } from "./settings.ts";

export interface ReceiverPorts {
  readonly clock: Clock;
  readonly facts: FactRecorder;
  /** Whether an export would be accepted now. */
  readonly ready: () => boolean;
}

/** The doors that are open. */
export interface Receivers {
  readonly grpc: Receiver | undefined;
  readonly http: Receiver | undefined;
  /** Why an export would be refused now, whatever the queue takes; `undefined` when it would not. */
  whyFull(): string | undefined;
  /** As {@link Receiver.stopAccepting}, for each door. */
  stopAccepting(): void;
  /** As {@link Receiver.settle}, for each door. */
  settle(deadlineMs: number): Promise<void>;
  /** As {@link Receiver.close}, for each door. */
  close(deadlineMs: number): Promise<void>;
}

/**
 * Opens the doors that the settings ask for; when one cannot be opened, none stays open.
 * @throws when an address cannot be listened on, or a certificate is no good
 */
export async function createReceivers(
  settings: ReceiversSettings,
  handler: ExportHandler,
  ports: ReceiverPorts,
): Promise<Receivers> {
  const budget = new InFlightBudget(settings.maxInFlightBytes);
  const doorPorts: DoorPorts = { ...ports, budget, loop: new LoopTurns(ports.clock) };
  const opened: Receiver[] = [];
  const closeAll = async (deadlineMs: number): Promise<void> => {
    await Promise.all(opened.map((receiver) => receiver.close(deadlineMs)));
  };
  const keep = (receiver: Receiver): Receiver => {
    opened.push(receiver);
    return receiver;
  };
  try {
    const grpc = settings.grpc && keep(await startGrpcReceiver(settings.grpc, handler, doorPorts));
    const http = settings.http && keep(await startHttpReceiver(settings.http, handler, doorPorts));
    return {
      grpc,
      http,
      whyFull() {
        if (opened.some((receiver) => receiver.full())) {
          return "every connection of a door has a request under way";
        }
        return budget.full ? "the requests in flight hold as many bytes as they may" : undefined;
      },
      stopAccepting() {
        for (const receiver of opened) receiver.stopAccepting();
      },
      async settle(deadlineMs) {
        await Promise.all(opened.map((receiver) => receiver.settle(deadlineMs)));
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll(0);
    throw error;
  }
}
