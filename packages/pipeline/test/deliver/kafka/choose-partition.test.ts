import assert from "node:assert/strict";
import { test } from "node:test";
import { partitionChooser } from "../../../src/deliver/kafka/choose-partition.ts";
import { openClient } from "../../../src/deliver/kafka/client.ts";

/** Hashes that Kafka's own tests of its Java client name (`Utils.murmur2`), with the sign taken off as it does. */
const JAVA: readonly (readonly [string, number])[] = [
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
];

test("a key's hash is the one of Java clients", async () => {
  const client = await openClient({
    kind: "kafka",
    name: "default",
    brokers: ["127.0.0.1:1"],
    topic: "t",
    tls: undefined,
    sasl: undefined,
    contentMode: "structured",
    key: "subject",
    compression: "none",
    lingerMs: 0,
    batchSize: 1,
    timeoutMs: 1_000,
  });
  const choose = partitionChooser((key) => client.hash(key), 0);
  for (const [key, hash] of JAVA) {
    assert.equal(client.hash(Buffer.from(key)), hash & 0x7fffffff, key);
    for (const partitions of [1, 3, 12]) {
      assert.equal(choose(Buffer.from(key), partitions), (hash & 0x7fffffff) % partitions);
      assert.equal(choose(Buffer.from(key), partitions), (hash & 0x7fffffff) % partitions, "remembered");
    }
  }
  await client.close();
});

test("a key is hashed once, and remembering has a limit", () => {
  let hashed = 0;
  const choose = partitionChooser((key) => {
    hashed += 1;
    return key.length;
  }, 0);
  for (let i = 0; i < 100; i++) choose(Buffer.from("again"), 7);
  assert.equal(hashed, 1);
  for (let i = 0; i < 20_000; i++) choose(Buffer.from(String(i)), 7);
  choose(Buffer.from("again"), 7);
  assert.equal(hashed, 20_002);
});

test("without keys every partition gets its turn", () => {
  for (const random of [0, 0.3, 0.999]) {
    const choose = partitionChooser(() => 0, random);
    const chosen = Array.from({ length: 12 }, () => choose(undefined, 4));
    assert.deepEqual(
      [0, 1, 2, 3].map((partition) => chosen.filter((other) => other === partition).length),
      [3, 3, 3, 3],
    );
  }
});

test("a topic that gets fewer partitions is still hit", () => {
  const choose = partitionChooser(() => 0, 0.9);
  choose(undefined, 100);
  assert.ok(choose(undefined, 2) < 2);
});
