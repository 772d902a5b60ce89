import { BatchView, batchHeadBytes, writeBatchHeader, writeBatchRow } from "./batch.ts";
import type { Outcome } from "./contracts.ts";
import { createSink, type SinkPorts } from "./deliver/create-sink.ts";
import type { SinkSettings } from "./settings.ts";

/** Sinks read an event's bytes; where its attributes stand in them matters to queue and delivery alone. */
const NO_INDEX = {
  typeAt: 0,
  typeLength: 0,
  subjectAt: 0,
  subjectLength: 0,
  idAt: 0,
  idLength: 0,
  timeAt: 0,
  timeLength: 0,
  flags: 0,
};

/**
 * Sends one event to a sink, once: no queue, no retry. For a command that shows whether a sink takes events.
 *
 * @param event the event in the JSON event format, UTF-8
 * @throws Error when a setting cannot be used; secrets are not in the message
 */
export async function sendOnce(
  settings: SinkSettings,
  event: Uint8Array,
  ports: SinkPorts,
  signal: AbortSignal,
): Promise<Outcome> {
  const head = batchHeadBytes(1);
  const bytes = new Uint8Array(head + event.length);
  const view = new DataView(bytes.buffer);
  writeBatchHeader(view, 1, ports.clock.now());
  writeBatchRow(view, 0, head, event.length, NO_INDEX);
  bytes.set(event, head);
  const sink = createSink(settings, ports);
  try {
    const [outcome] = await sink.send([{ sequence: 0, batch: new BatchView(bytes), index: 0 }], signal);
    if (outcome === undefined) throw new Error("the sink did not say what became of the event");
    return outcome;
  } finally {
    await sink.close();
  }
}
