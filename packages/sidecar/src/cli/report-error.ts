import { ConfigError } from "../config/issue.ts";
import { ControlError } from "../control/client.ts";
import { CommandError, type ExitCode, exitCode, UsageError } from "./exit-code.ts";

/** Says on stderr what went wrong, as shortly as it can be said, and gives the exit code that belongs to it. */
export function reportError(error: unknown): ExitCode {
  if (error instanceof UsageError) return say(`error: ${error.message}`, exitCode.usage);
  if (error instanceof ConfigError) {
    const fromFlags = error.issues.every(({ origin }) => origin?.kind === "flag");
    return say(error.message, fromFlags ? exitCode.usage : exitCode.configuration);
  }
  if (error instanceof ControlError && error.fault === "configuration") {
    return say(`error: ${error.message}`, exitCode.configuration);
  }
  if (error instanceof ControlError || error instanceof CommandError) {
    return say(`error: ${error.message}`, exitCode.failure);
  }
  // Nobody expected this one: where it came from is what helps.
  return say(
    `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    exitCode.failure,
  );
}

function say(message: string, code: ExitCode): ExitCode {
  process.stderr.write(`${message}\n`);
  return code;
}
