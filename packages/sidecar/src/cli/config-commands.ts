import type { PolicySettings } from "@coresdk/pipeline";
import { describeDestination } from "../config/describe.ts";
import { createJsonSchema } from "../config/json-schema.ts";
import { loadConfig } from "../config/load.ts";
import { formatConfig } from "../config/print.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { readInput } from "./input.ts";

type Flags = Readonly<Record<string, unknown>>;

/** `validate` */
export async function validate(flags: Flags): Promise<ExitCode> {
  const { settings, file, warnings } = await loadConfig(readInput(flags));
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  const doubt = await findDoubt(settings.pipeline.policy);
  if (doubt !== "") process.stderr.write(`warning: ${doubt}\n`);
  process.stdout.write(`${file ?? "no file, defaults"}: ok; events go to ${describeDestination(settings)}\n`);
  return exitCode.ok;
}

/** What is odd about the policies. Only where there are some is the engine loaded. */
async function findDoubt(policy: PolicySettings | undefined): Promise<string> {
  if (policy === undefined) return "";
  const { checkPolicy } = await import("../policy/check-policy.ts");
  return checkPolicy(policy);
}

/** `config print` */
export async function printConfig(flags: Flags): Promise<ExitCode> {
  const { settings, file, warnings } = await loadConfig(readInput(flags));
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  process.stdout.write(
    `# ${file ?? "no file"}; environment, flags and defaults included\n${formatConfig(settings)}`,
  );
  return exitCode.ok;
}

/** `config schema` */
export function printSchema(): ExitCode {
  process.stdout.write(`${JSON.stringify(createJsonSchema(), null, 2)}\n`);
  return exitCode.ok;
}
