/** Kafka's own Java clients, from the broker's jars: what every other client is compared with. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { javaFlags } from "./java.ts";

/**
 * Runs one of Kafka's command line tools and returns what it printed.
 *
 * @param mainClass such as `org.apache.kafka.tools.ConsoleProducer`
 * @throws Error when it fails, with the end of what it said
 */
export async function runKafkaTool(mainClass: string, args: readonly string[], input = ""): Promise<string> {
  const tool = spawn("java", [...javaFlags(), "-Dlog4j2.level=error", mainClass, ...args], {
    timeout: 120_000,
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  tool.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  tool.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  tool.stdin.end(input);
  const [code] = await once(tool, "close");
  if (code !== 0) {
    const said = Buffer.concat([...output, ...errors]).toString();
    throw new Error(`${mainClass} ended with ${code}: ${said.slice(-2_000)}`);
  }
  return Buffer.concat(output).toString();
}
