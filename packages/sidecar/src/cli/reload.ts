import { ConfigError } from "../config/issue.ts";
import { type ControlAnswer, ControlError } from "../control/client.ts";
import { askRunning } from "./ask-running.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";

/** Policies are compiled, and what is under way with the old settings ends first. */
const PATIENCE = { answerMs: 60_000 };

/** `reload`: as SIGHUP, and says what came of it: 78 with the reason when the configuration is refused. */
export async function reload(flags: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const answer = await ask(flags);
  answer.close();
  process.stdout.write(`${String(answer.fields.get("message"))}\n`);
  return exitCode.ok;
}

async function ask(flags: Readonly<Record<string, unknown>>): Promise<ControlAnswer> {
  try {
    return await askRunning(flags, { command: "reload" }, PATIENCE);
  } catch (error) {
    if (error instanceof ControlError && error.fault === "silent") {
      const message = `${error.message}; whether it has reloaded is not known, its log says it`;
      throw new ControlError(message, error.fault, { cause: error });
    }
    if (!(error instanceof ConfigError) || error.issues.every(({ origin }) => origin?.kind === "flag"))
      throw error;
    // In a file that is no YAML not even the way to the sidecar can be found. It would say the same.
    const message = `the configuration is not reloaded, the old one stays in force: ${error.message}`;
    throw new ControlError(message, "configuration", { cause: error });
  }
}
