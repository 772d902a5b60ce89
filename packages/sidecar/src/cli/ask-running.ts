import { locateSidecar } from "../config/load.ts";
import { askSidecar, type ControlAnswer, ControlError } from "../control/client.ts";
import type { ControlRequest } from "../control/protocol.ts";
import { readInput } from "./input.ts";

/**
 * Asks the running sidecar, which is found through its queue's directory.
 *
 * @param timeoutMs how long its answer may take; without it, for ever
 * @throws ControlError when there is none, or it refuses
 * @throws ConfigError when the configuration does not say where it is
 */
export async function askRunning(
  flags: Readonly<Record<string, unknown>>,
  request: ControlRequest,
  timeoutMs?: number,
): Promise<ControlAnswer> {
  const { dataDir } = locateSidecar(readInput(flags));
  try {
    return await askSidecar(dataDir, request, timeoutMs);
  } catch (error) {
    if (!(error instanceof ControlError) || error.fault !== "missing" || flags["dataDir"] !== undefined)
      throw error;
    // The directory is what the configuration says now, which need not be what the sidecar was started with.
    const hint = "if it was started with another queue.dir, name that with --data-dir";
    throw new ControlError(`${error.message}; ${hint}`, error.fault, { cause: error });
  }
}
