/** Whether a real Kafka broker can be started here, and with what. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { allRequired } from "../components.ts";

/** As in `pom.xml`. */
const KAFKA_VERSION = "4.3.1";
const POM = fileURLToPath(new URL("./pom.xml", import.meta.url));
const CACHE = fileURLToPath(new URL("../../.cache/kafka/", import.meta.url));

export type FoundKafka =
  | {
      readonly available: true;
      readonly classPath: string;
      /** Where an archive of loaded classes is, or would be: see `archive.ts`. */
      readonly archive: string;
    }
  | { readonly available: false; readonly reason: string };

let found: FoundKafka | undefined;

/**
 * Looks for Java 17 and for the jars of a broker, and fetches the jars by Maven into the cache folder when
 * they are not there yet, which takes up to a minute once. When something is missing, the reason says what and how
 * to get it; a test then leaves itself out by that name.
 */
export function findKafka(): FoundKafka {
  found ??= look();
  return found;
}

/**
 * Options for a test that needs a broker: it is left out by name where there is none.
 *
 * @throws Error where nothing may be left out (see `components.ts`)
 */
export function withKafka(): { readonly skip?: string } {
  const kafka = findKafka();
  if (kafka.available) return {};
  if (allRequired()) throw new Error(kafka.reason);
  return { skip: kafka.reason };
}

function look(): FoundKafka {
  if (process.platform === "win32") return missing("the broker's starter needs a POSIX shell");
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = /version "(\d+)/.exec(java.stderr ?? "")?.[1];
  if (version === undefined || Number(version) < 17) {
    return missing(
      `Java 17 or later is not on the PATH (${version === undefined ? "no Java" : `Java ${version}`}): ` +
        "install one, for instance `apt-get install openjdk-17-jre-headless` or from adoptium.net",
    );
  }
  // Another version, or other jars of it, are fetched beside the old ones.
  const jars = join(CACHE, `${KAFKA_VERSION}-tools`);
  if (!hasJars(jars)) {
    const problem = fetchJars(jars);
    if (problem !== undefined) return missing(problem);
  }
  // Java takes an archive only from the very release that made it.
  const release = /version "([\w.+-]+)"/.exec(java.stderr)?.[1] ?? version;
  const archive = join(CACHE, `${KAFKA_VERSION}-java-${release}.jsa`);
  return { available: true, classPath: join(jars, "*"), archive };
}

function missing(reason: string): FoundKafka {
  return { available: false, reason: `no Kafka broker: ${reason}` };
}

function hasJars(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name === `kafka-tools-${KAFKA_VERSION}.jar`);
  } catch {
    return false;
  }
}

/** Test processes run at the same time: each copies into a folder of its own, the first to rename it wins. */
function fetchJars(jars: string): string | undefined {
  mkdirSync(CACHE, { recursive: true });
  const own = mkdtempSync(join(CACHE, "fetch-"));
  try {
    const maven = spawnSync(
      "mvn",
      [
        "-B",
        "-q",
        "-f",
        POM,
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        `-DoutputDirectory=${own}`,
      ],
      { encoding: "utf8", timeout: 300_000 },
    );
    if (maven.error !== undefined) {
      return `Maven is not on the PATH (${maven.error.message}); it fetches the broker's jars, for instance after \`apt-get install maven\``;
    }
    if (maven.status !== 0 || !hasJars(own)) {
      return `Maven could not fetch the broker's jars: ${(maven.stdout + maven.stderr).trim().split("\n")[0] ?? ""}`;
    }
    try {
      renameSync(own, jars);
    } catch (error) {
      if (!hasJars(jars)) throw error;
    }
    return undefined;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
