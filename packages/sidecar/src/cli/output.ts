/** What becomes of a command whose output nobody takes. */
import { exitCode } from "./exit-code.ts";

let mayFail = true;

/**
 * A reader that has seen enough (`| head`) is no failure: the rest goes nowhere, and the command ends as it would have.
 * Anything else, such as a full disk, is said in one line, and the process does not end with 0.
 */
export function watchOutput(): void {
  let failed = false;
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (failed || code === "EPIPE") return;
    failed = true;
    process.stderr.write(`error: standard output cannot be written: ${code ?? message}${hintOf(code)}\n`);
  });
  // Where not even this can be said, the exit code is all there is.
  process.stderr.on("error", () => {});
  process.once("exit", (code) => {
    if (failed && mayFail && code === exitCode.ok) process.exitCode = exitCode.failure;
  });
}

/** From now on output that is lost does not make the process fail: its work is another. */
export function allowLostOutput(): void {
  mayFail = false;
}

function hintOf(code: string | undefined): string {
  return code === "ENOSPC" ? ", no space left on the device" : "";
}
