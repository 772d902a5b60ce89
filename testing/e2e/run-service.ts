import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { repositoryRoot } from "../components.ts";
import { cleanEnvironment } from "./sidecar-process.ts";

/**
 * Runs a service to its end and gives what it printed.
 * @throws Error with what it said, when it fails
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(program, args, {
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
  });
  const closed = once(child, "close");
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  if (code !== 0)
    throw new Error(`${program} ${args.join(" ")} ended with ${String(code)}:\n${output}${errors}`);
  return output;
}

/** Runs a TypeScript program of this repository, named from its root. */
export function runScript(script: string, env: Readonly<Record<string, string>>): Promise<string> {
  const args = ["--conditions=coresdk-source", join(repositoryRoot, script)];
  // The SDK's ten seconds for an export are too few where a sidecar and a broker have just started beside others.
  return runProgram(process.execPath, args, { OTEL_EXPORTER_OTLP_TIMEOUT: "60000", ...env });
}
