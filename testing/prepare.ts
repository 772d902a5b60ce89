/**
 * Fetches what the tests need beside Node before they start: the jars of a Kafka broker and a Python environment.
 * Tests would do it themselves, while others wait. Makes brokers start faster, too. Ends with 1 when something is
 * missing that must be there.
 */
import { allRequired, type ComponentName, component } from "./components.ts";
import { archiveClasses } from "./kafka/archive.ts";
import { findKafka } from "./kafka/find.ts";

const names: readonly ComponentName[] = [
  "java",
  "maven",
  "python",
  "python packages",
  "npm registry",
  "Node.js 22.0",
  "conformance data",
  "OPA's cases",
];

const missing: string[] = [];
for (const name of names) {
  const answer = await component(name);
  say(name, answer.available ? undefined : `${answer.reason}; ${answer.howToGet}`);
}
const kafka = findKafka();
say("kafka broker", kafka.available ? undefined : kafka.reason);
if (kafka.available) await archiveClasses(kafka.archive);
if (missing.length > 0 && allRequired()) process.exitCode = 1;

function say(name: string, problem: string | undefined): void {
  console.log(
    `${problem === undefined ? "ok      " : "missing "}  ${name}${problem === undefined ? "" : `: ${problem}`}`,
  );
  if (problem !== undefined) missing.push(name);
}
