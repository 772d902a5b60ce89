/** Where each signal goes: logs through the pipeline, the others to the upstream. */
import type { ExportHandler, Forwarder } from "./contracts.ts";
import type { LogsRoute } from "./logs/route.ts";

/**
 * The handler that the doors call.
 * @param logs `undefined` forwards logs as they are: `cloud_events.enabled: false`
 */
export function createExportHandler(
  forwarder: Pick<Forwarder, "forward">,
  logs: LogsRoute | undefined,
): ExportHandler {
  return (signal, message, encoding) =>
    signal === "logs" && logs !== undefined
      ? logs(message, encoding)
      : forwarder.forward(signal, message, encoding);
}
