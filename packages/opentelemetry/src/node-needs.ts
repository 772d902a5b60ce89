/** What some options need of Node.js beyond what the package does. */
import { isBuiltin } from "node:module";

/** As the client says in its `engines`. */
const KAFKA_NEEDS = [22, 22] as const;

/** Why `queue.dir` cannot be used here; reads on from the option's name. */
export function diskQueueFault(): string | undefined {
  // Node.js 22.5 to 22.12 has it behind a flag.
  if (isBuiltin("node:sqlite")) return undefined;
  return `needs Node.js 22.13 or newer for node:sqlite; this is ${process.versions.node}`;
}

/** Why Kafka cannot be used with that Node.js; reads on from the option's name. */
export function kafkaFault(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [neededMajor, neededMinor] = KAFKA_NEEDS;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined;
  return `"kafka" needs Node.js ${KAFKA_NEEDS.join(".")} or newer; this is ${version}`;
}
