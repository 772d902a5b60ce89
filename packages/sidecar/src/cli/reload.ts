import { ConfigError } from "../config/issue.ts";
import { type ControlAnswer, ControlError } from "../control/client.ts";
import { askRunning } from "./ask-running.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";

/** `reload`: as SIGHUP, and says what came of it: 78 with the reason when the configuration is refused. */
export async function reload(flags: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const answer = await ask(flags);
  answer.close();
  process.stdout.write(`${String(answer.fields.get("message"))}\n`);
  return exitCode.ok;
}

async function ask(flags: Readonly<Record<string, unknown>>): Promise<ControlAnswer> {
  try {
    return await askRunning(flags, { command: "reload" });
  } catch (error) {
    if (!(error instanceof ConfigError) || error.issues.every(({ origin }) => origin?.kind === "flag"))
      throw error;
    // In a file that is no YAML not even the way to the sidecar can be found. It would say the same.
    const message = `the configuration is not reloaded, the old one stays in force: ${error.message}`;
    throw new ControlError(message, "configuration", { cause: error });
  }
}
