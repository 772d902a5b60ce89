import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Kafka, logLevel } from "kafkajs";
import { startBroker } from "./broker.ts";
import { withKafka } from "./find.ts";

const options = withKafka();

test("a broker serves both listeners, keeps its topics over a restart and stops", options, async () => {
  const broker = await startBroker();
  try {
    await broker.createTopic("lasting", 3);
    await broker.down();
    await broker.up();
    const secured = new Kafka({
      brokers: [broker.saslSsl],
      ssl: { ca: [broker.ca] },
      sasl: { mechanism: "scram-sha-512", username: broker.username, password: broker.password },
      logLevel: logLevel.NOTHING,
    }).admin();
    await secured.connect();
    const { topics } = await secured.fetchTopicMetadata({ topics: ["lasting"] });
    await secured.disconnect();
    assert.equal(topics[0]?.partitions.length, 3);
  } finally {
    await broker.stop();
  }
});

test("a broker ends with the process that started it, even when that is killed", options, async () => {
  const module = new URL("./broker.ts", import.meta.url).href;
  const program = `const { startBroker } = await import(${JSON.stringify(module)});
    const broker = await startBroker();
    console.log(broker.pid());
    setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    ["--conditions=coresdk-source", "--input-type=module", "-e", program],
    { stdio: ["ignore", "pipe", "inherit"], cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, "line");
  const pid = Number(line);
  assert.ok(isAlive(pid));
  child.kill("SIGKILL");
  const deadline = Date.now() + 30_000;
  while (isAlive(pid) && Date.now() < deadline) await delay(100);
  assert.equal(isAlive(pid), false, "the broker outlived the process that started it");
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
