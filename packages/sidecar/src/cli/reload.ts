import { locateSidecar } from "../config/load.ts";
import { askSidecar } from "../control/client.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { readInput } from "./input.ts";

/** `reload`: as SIGHUP, and says what came of it. A refused configuration is a failure with its reason. */
export async function reload(flags: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const { dataDir } = locateSidecar(readInput(flags));
  const answer = await askSidecar(dataDir, { command: "reload" });
  answer.close();
  process.stdout.write(`${String(answer.fields.get("message"))}\n`);
  return exitCode.ok;
}
