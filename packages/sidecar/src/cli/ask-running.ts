import { locateSidecar } from "../config/load.ts";
import {
  askSidecar,
  type ControlAnswer,
  ControlError,
  type Patience,
  usualPatience,
} from "../control/client.ts";
import type { ControlRequest } from "../control/protocol.ts";
import { readInput } from "./input.ts";

/**
 * Asks the running sidecar, which is found through its queue's directory.
 *
 * @throws ControlError when there is none, it does not answer, or it refuses
 * @throws ConfigError when the configuration does not say where it is
 */
export async function askRunning(
  flags: Readonly<Record<string, unknown>>,
  request: ControlRequest,
  patience: Patience = usualPatience,
): Promise<ControlAnswer> {
  const { dataDir } = locateSidecar(readInput(flags));
  try {
    return await askSidecar(dataDir, request, patience);
  } catch (error) {
    if (!(error instanceof ControlError) || error.fault !== "missing" || flags["dataDir"] !== undefined)
      throw error;
    // The directory is what the configuration says now, which need not be what the sidecar was started with.
    const hint = "if it was started with another queue.dir, name that with --data-dir";
    throw new ControlError(`${error.message}; ${hint}`, error.fault, { cause: error });
  }
}
