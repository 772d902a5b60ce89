import { type ExitCode, exitCode } from "./exit-code.ts";

/**
 * Lets the process end with what a command comes to. Node ends with 0 when nothing is left to wait for, whatever a
 * promise still promises; a command that never came to an end has failed.
 */
export async function endWith(command: Promise<ExitCode>): Promise<void> {
  process.exitCode = exitCode.failure;
  process.once("beforeExit", sayUnfinished);
  process.exitCode = await command;
  process.off("beforeExit", sayUnfinished);
}

function sayUnfinished(): void {
  process.stderr.write("error: the command came to no end; this is a defect of coresdk-sidecar\n");
}
