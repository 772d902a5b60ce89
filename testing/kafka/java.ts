/** How Java runs for tests: with little memory, compiled quickly rather than well, and with its classes at hand. */
import { existsSync } from "node:fs";
import { findKafka } from "./find.ts";

const FLAGS = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];

/**
 * The flags for a class of Kafka's, without the name of the class.
 *
 * @throws Error where there is no Kafka
 */
export function javaFlags(): string[] {
  const kafka = findKafka();
  if (!kafka.available) throw new Error(kafka.reason);
  return [...FLAGS, ...archiveFlags(kafka.archive), "-cp", kafka.classPath];
}

/** Most of a start is loading classes. Where the archive does not fit, Java does without it and should say nothing. */
function archiveFlags(archive: string): string[] {
  if (!existsSync(archive)) return [];
  return [`-XX:SharedArchiveFile=${archive}`, "-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr"];
}
