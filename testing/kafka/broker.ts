/**
 * A real Kafka broker for tests: one KRaft node with a plain listener and one with SASL_SSL, on free ports.
 *
 * The broker runs under a shell that reads its standard input: when this process ends, however it ends, the
 * shell sees the end of that input, stops the broker and removes its folder.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { createAuthority } from "../certificates.ts";
import { type BrokerPorts, writeConfiguration } from "./configuration.ts";
import { javaFlags } from "./java.ts";

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const TOPIC_TIMEOUT_MS = 120_000;

/** Prints the broker's process id, and leaves standard output to the broker alone, so that its end is seen. */
const GUARD = `
dir="$1"; shift
"$@" 2>&1 &
broker=$!
echo "broker-pid $broker"
exec >/dev/null 2>&1
read -r word
kill -TERM $broker
wait $broker
[ "$word" = keep ] || rm -rf "$dir"
`;

export interface Broker {
  /** `host:port` of the listener without any security. */
  readonly plaintext: string;
  /** `host:port` of the listener with TLS and SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512). */
  readonly saslSsl: string;
  /** The PEM certificate of the authority that signed the broker's. */
  readonly ca: string;
  readonly username: string;
  readonly password: string;
  /** The Java process, for tests that stop or kill it. */
  pid(): number;
  /** Resolves once the topic has a leader for every partition. */
  createTopic(name: string, partitions: number): Promise<void>;
  /** Sets the topic's `max.message.bytes`. */
  limitTopic(name: string, maxMessageBytes: number): Promise<void>;
  /** Resolves once consumer groups find their coordinator, for which the broker makes a topic when first asked. */
  readyForGroups(): Promise<void>;
  /** Stops the broker and keeps its data and ports, for {@link Broker.up}. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Stops the broker and removes all it stored. */
  stop(): Promise<void>;
}

interface Running {
  readonly guard: ChildProcessByStdio<Writable, Readable, null>;
  readonly pid: number;
  readonly ended: Promise<void>;
}

/**
 * Starts a broker; ready when it resolves, in about five seconds.
 *
 * @param flags further ones for Java
 * @throws Error when there is none here (see `find.ts`), or when the broker does not start, with what it logged last
 */
export async function startBroker(flags: readonly string[] = []): Promise<Broker> {
  const java = javaFlags();
  const dir = mkdtempSync(join(tmpdir(), "coresdk-kafka-"));
  const user = { username: "alice", password: randomBytes(12).toString("hex") };
  const authority = await createAuthority();
  const ports = await findPorts();
  writeConfiguration(dir, ports, await authority.server(), authority.ca, user);
  const properties = join(dir, "server.properties");
  const logging = `-Dlog4j2.configurationFile=${join(dir, "log4j2.yaml")}`;
  const scram = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
    "--add-scram",
    `${mechanism}=[name=${user.username},password=${user.password}]`,
  ]);
  // Base64 may begin with a dash, which would be taken for another flag.
  const clusterId = randomBytes(16).toString("base64url").replace(/^-/, "A");
  const format = spawnSync(
    "java",
    [...java, logging, "kafka.tools.StorageTool", "format", "-t", clusterId, "-c", properties, ...scram],
    { encoding: "utf8" },
  );
  if (format.status !== 0) {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`the broker's storage could not be formatted: ${format.stdout}${format.stderr}`);
  }

  const run = (): Promise<Running> =>
    launch(dir, ["java", ...java, ...flags, logging, "kafka.Kafka", properties]);
  let running: Running | undefined = await run();
  const end = async (word: "keep" | "remove"): Promise<void> => {
    const ending = running;
    running = undefined;
    if (ending !== undefined) await halt(ending, word);
  };
  return {
    plaintext: `127.0.0.1:${ports.plaintext}`,
    saslSsl: `127.0.0.1:${ports.saslSsl}`,
    ca: authority.ca,
    ...user,
    pid() {
      if (running === undefined) throw new Error("the broker is down");
      return running.pid;
    },
    createTopic: (name, partitions) => createTopic(`127.0.0.1:${ports.plaintext}`, name, partitions),
    limitTopic: (name, maxBytes) => limitTopic(`127.0.0.1:${ports.plaintext}`, name, maxBytes),
    readyForGroups: () => readyForGroups(`127.0.0.1:${ports.plaintext}`),
    down: () => end("keep"),
    async up() {
      running ??= await run();
    },
    stop: () => end("remove"),
  };
}

async function createTopic(broker: string, topic: string, numPartitions: number): Promise<void> {
  await administer(broker, async (admin) => {
    await admin.createTopics({
      topics: [{ topic, numPartitions, replicationFactor: 1 }],
      waitForLeaders: false,
    });
    await until(`topic ${topic} has no leaders`, () => hasLeaders(admin, topic, numPartitions));
  });
}

/** Its name in kafkajs is not to be had by an import of that name. */
const TOPIC_RESOURCE = 2;

async function limitTopic(broker: string, name: string, maxBytes: number): Promise<void> {
  const configEntries = [{ name: "max.message.bytes", value: String(maxBytes) }];
  await administer(broker, async (admin) => {
    const resources = [{ type: TOPIC_RESOURCE, name, configEntries }];
    await admin.alterConfigs({ validateOnly: false, resources });
  });
}

/** Clients give up on a coordinator after a few attempts, which a broker on a busy machine is slower than. */
async function readyForGroups(broker: string): Promise<void> {
  await administer(broker, (admin) =>
    until("there is no coordinator of consumer groups", async () => {
      const described = await admin.describeGroups(["ready"]).catch(() => undefined);
      return described !== undefined;
    }),
  );
}

async function administer(broker: string, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function until(failure: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + TOPIC_TIMEOUT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(failure);
    await delay(50);
  }
}

/** The broker knows of a topic a little after it was created, and says until then that it does not host it. */
async function hasLeaders(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const leaders = topics[0]?.partitions.filter(({ leader }) => leader >= 0) ?? [];
    return leaders.length === partitions;
  } catch {
    return false;
  }
}

/** Runs the broker under its guard and waits for the line that says it is ready. */
async function launch(dir: string, command: readonly string[]): Promise<Running> {
  const guard = spawn("/bin/sh", ["-c", GUARD, "sh", dir, ...command], {
    stdio: ["pipe", "pipe", "inherit"],
    // Out of the terminal's process group: an interrupt there ends the test, and with it the broker, in order.
    detached: true,
  });
  const lines = createInterface({ input: guard.stdout });
  const last: string[] = [];
  const ended = new Promise<void>((resolve) => lines.once("close", resolve));
  const ready = new Promise<number>((resolve, reject) => {
    let pid = 0;
    const timer = setTimeout(() => fail("did not get ready in time"), START_TIMEOUT_MS);
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`the Kafka broker ${what}; it logged last:\n${last.join("\n")}`));
    };
    lines.on("line", (line) => {
      const named = /^broker-pid (\d+)$/.exec(line);
      if (named !== null) pid = Number(named[1]);
      last.push(line);
      if (last.length > 30) last.shift();
      if (line.includes("Kafka Server started")) {
        clearTimeout(timer);
        resolve(pid);
      }
    });
    lines.once("close", () => fail("ended"));
    guard.once("error", (error) => fail(error.message));
  });
  try {
    const pid = await ready;
    // What holds the event loop is the test, not its broker.
    guard.unref();
    unrefStreams(guard);
    return { guard, pid, ended };
  } catch (error) {
    guard.stdin.end();
    throw error;
  }
}

function unrefStreams(guard: Running["guard"]): void {
  for (const stream of [guard.stdin, guard.stdout]) {
    if ("unref" in stream && typeof stream.unref === "function") stream.unref();
  }
}

/** Asks the guard to stop the broker, and insists after a while. */
async function halt({ guard, pid, ended }: Running, word: "keep" | "remove"): Promise<void> {
  guard.ref();
  if ("ref" in guard.stdout && typeof guard.stdout.ref === "function") guard.stdout.ref();
  const exited = new Promise<void>((resolve) => guard.once("exit", () => resolve()));
  guard.stdin.end(`${word}\n`);
  const timer = setTimeout(() => process.kill(pid, "SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  await exited;
  clearTimeout(timer);
}

/** Three free ports, held at once so that they differ; a broker has to advertise its ports and cannot choose them. */
async function findPorts(): Promise<BrokerPorts> {
  const held = await Promise.all([holdPort(), holdPort(), holdPort()]);
  await Promise.all(held.map(({ release }) => release()));
  const [plaintext, controller, saslSsl] = held.map(({ port }) => port);
  if (plaintext === undefined || controller === undefined || saslSsl === undefined) {
    throw new Error("no free ports for a broker");
  }
  return { plaintext, controller, saslSsl };
}

function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      resolve({ port, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
