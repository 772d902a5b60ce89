import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BatchView } from "../../packages/pipeline/src/batch.ts";
import type { Outcome } from "../../packages/pipeline/src/contracts.ts";
import { Secret } from "../../packages/pipeline/src/secret.ts";
import type { KafkaSinkSettings } from "../../packages/pipeline/src/settings.ts";
import { systemRandom } from "../../packages/pipeline/src/system.ts";
import { buildBatch, type EventOfTest } from "../../packages/pipeline/test/build-batch.ts";
import { ManualClock } from "../../packages/pipeline/test/deliver/manual-clock.ts";
import { createAuthority } from "../certificates.ts";
import { type Broker, startBroker } from "../kafka/broker.ts";
import { DELIVERED, deliver, NO_TLS, type OpenSink, openSink, send } from "../kafka/delivery-rig.ts";
import { withKafka } from "../kafka/find.ts";
import { readTopic, readUntil } from "../kafka/read-topic.ts";
import { runKafkaTool } from "../kafka/tools.ts";

describe("delivery to a real Kafka broker", withKafka(), () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(async () => {
    await broker.stop();
  });

  const plain = (settings: Partial<KafkaSinkSettings>): OpenSink =>
    openSink({ brokers: [broker.plaintext], ...settings });
  const secured = (settings: Partial<KafkaSinkSettings>): OpenSink => {
    const password = new Secret(broker.password);
    return openSink({
      brokers: [broker.saslSsl],
      tls: { ...NO_TLS, ca: broker.ca },
      sasl: { mechanism: "SCRAM-SHA-512", username: broker.username, password },
      ...settings,
    });
  };

  test("structured records have the event's bytes, its attributes in headers and its subject as key", async () => {
    await broker.createTopic("structured", 4);
    await using sink = plain({ topic: "structured" });
    const one = { id: "1", type: "com.acme.é", subject: "tenant/acme/user/ü", data: { n: 1, data: [true] } };
    const two = { id: "2" };
    assert.deepEqual(await send(sink, [one, two]), [DELIVERED, DELIVERED]);
    const records = await readTopic({ brokers: [broker.plaintext] }, "structured", 2);
    const first = records.find(({ headers }) => headers["ce_id"] === "1");
    assert.equal(first?.key, "tenant/acme/user/ü");
    assert.deepEqual(first?.headers, {
      "content-type": "application/cloudevents+json; charset=UTF-8",
      ce_specversion: "1.0",
      ce_id: "1",
      ce_source: "/test",
      ce_type: "com.acme.é",
      ce_subject: "tenant/acme/user/ü",
    });
    assert.equal(first?.value, eventText(one));
    const second = records.find(({ headers }) => headers["ce_id"] === "2");
    assert.equal(second?.key, undefined);
    assert.equal(second?.value, eventText(two));
  });

  test("binary records have the data as value, over TLS with SCRAM-SHA-512", async () => {
    await broker.createTopic("binary", 2);
    await using sink = secured({ topic: "binary", contentMode: "binary" });
    const events: EventOfTest[] = [
      { id: "1", subject: "s", data: { n: 1 } },
      { id: "2", subject: "s" },
    ];
    assert.deepEqual(await send(sink, events), [DELIVERED, DELIVERED]);
    const ssl = { ca: [broker.ca] };
    const sasl = {
      mechanism: "scram-sha-512",
      username: broker.username,
      password: broker.password,
    } as const;
    const records = await readTopic({ brokers: [broker.saslSsl], ssl, sasl }, "binary", 2);
    assert.equal(records[0]?.value, '{"n":1}');
    assert.equal(records[0]?.key, "s");
    assert.equal(records[0]?.headers["content-type"], "application/json");
    assert.equal(records[0]?.headers["ce_subject"], "s");
    assert.equal(records[0]?.headers["ce_datacontenttype"], undefined);
    assert.equal(records[1]?.value, null, "an event without data is a record without a value");
  });

  test("SCRAM-SHA-256 and PLAIN log in as well", async () => {
    await broker.createTopic("mechanisms", 1);
    for (const mechanism of ["SCRAM-SHA-256", "PLAIN"] as const) {
      const password = new Secret(broker.password);
      await using sink = secured({
        topic: "mechanisms",
        sasl: { mechanism, username: broker.username, password },
      });
      assert.deepEqual(await send(sink, [{ id: mechanism }]), [DELIVERED]);
    }
  });

  test("a key has the partition that Java clients choose", async () => {
    const keys = ["a", "tenant/acme/user/usr_2xK9", "tenant/äöü", "日本", "x".repeat(300)];
    for (let i = 0; i < 120; i++) keys.push(`user/${i}`);
    await broker.createTopic("ours", 12);
    await broker.createTopic("java", 12);
    await using sink = plain({ topic: "ours" });
    await send(
      sink,
      keys.map((subject, i) => ({ id: String(i), subject })),
    );
    const lines = keys.map((key) => `${key}\tv\n`).join("");
    const properties = ["parse.key=true", "key.separator=\t"].flatMap((pair) => ["--reader-property", pair]);
    const to = ["--bootstrap-server", broker.plaintext, "--topic", "java"];
    await runKafkaTool("org.apache.kafka.tools.ConsoleProducer", [...to, ...properties], lines);
    const connection = { brokers: [broker.plaintext] };
    const ours = await readTopic(connection, "ours", keys.length);
    const java = await readTopic(connection, "java", keys.length);
    const byKey = (records: typeof ours): object =>
      Object.fromEntries(records.map(({ key, partition }) => [key, partition]).toSorted());
    assert.deepEqual(byKey(ours), byKey(java));
  });

  test("records without a key are spread over the partitions", async () => {
    await broker.createTopic("keyless", 4);
    await using sink = plain({ topic: "keyless", key: "none" });
    await send(
      sink,
      Array.from({ length: 20 }, (_, i) => ({ id: String(i), subject: "one" })),
    );
    const records = await readTopic({ brokers: [broker.plaintext] }, "keyless", 20);
    assert.equal(new Set(records.map(({ partition }) => partition)).size, 4);
    assert.ok(records.every(({ key }) => key === undefined));
  });

  test("the key can be another attribute", async () => {
    await broker.createTopic("keys", 1);
    for (const key of ["id", "type", "source"] as const) {
      await using sink = plain({ topic: "keys", key });
      await send(sink, [{ id: "the-id", type: "the.type", subject: "s" }]);
    }
    const records = await readTopic({ brokers: [broker.plaintext] }, "keys", 3);
    assert.deepEqual(
      records.map(({ key }) => key),
      ["the-id", "the.type", "/test"],
    );
  });

  test("each compression is read by Java's consumer", async () => {
    const compressions = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
    const wanted: string[] = [];
    for (const compression of compressions) {
      const topic = `compressed-${compression}`;
      await broker.createTopic(topic, 1);
      await using sink = plain({ topic, compression });
      const events = Array.from({ length: 20 }, (_, i) => ({
        id: `${compression}-${i}`,
        data: "again ".repeat(50),
      }));
      await send(sink, events);
      wanted.push(...events.map(eventText));
    }
    const from = ["--bootstrap-server", broker.plaintext, "--include", "compressed-.*", "--from-beginning"];
    const limits = ["--max-messages", String(wanted.length), "--timeout-ms", "30000"];
    const text = await runKafkaTool("org.apache.kafka.tools.consumer.ConsoleConsumer", [...from, ...limits]);
    assert.deepEqual(text.trim().split("\n").sort(), wanted.sort());
  });

  test("an event too large for the topic becomes a dead letter and its neighbours are delivered", async () => {
    await broker.createTopic("large", 1);
    // Random text, so that compression does not make it small.
    const large = Buffer.from(Array.from({ length: 2_000_000 }, () => 33 + Math.random() * 90)).toString(
      "latin1",
    );
    for (const [round, compression] of (["none", "gzip"] as const).entries()) {
      await using running = deliver(plain({ topic: "large", compression }));
      await running.append({ id: "1" }, { id: "2", data: large.replaceAll(/["\\]/g, "x") }, { id: "3" });
      assert.deepEqual(await running.delivery.flush(30_000), { remaining: 0 });
      const [letter] = await running.queue.deadLetters(10);
      assert.equal(letter?.reason, "too_large");
      assert.equal(letter?.lastStatus, "MESSAGE_TOO_LARGE");
      assert.match(Buffer.from(letter?.event ?? []).toString("latin1", 0, 100), /"id":"2"/);
      const records = await readTopic({ brokers: [broker.plaintext] }, "large", 2 * (round + 1));
      assert.deepEqual(
        records
          .slice(-2)
          .map(({ headers }) => headers["ce_id"])
          .sort(),
        ["1", "3"],
      );
    }
  });

  test("an event that the topic's limit was raised for is delivered", async () => {
    await broker.createTopic("raised", 1);
    await broker.limitTopic("raised", 100_000);
    const clock = new ManualClock();
    await using sink = openSink({ brokers: [broker.plaintext], topic: "raised" }, clock);
    const large = { id: "1", data: "x".repeat(200_000) };
    assert.equal((await send(sink, [large]))[0]?.kind, "rejected");
    await broker.limitTopic("raised", 1_000_000);
    await clock.pass(2_000);
    assert.deepEqual(await send(sink, [large]), [DELIVERED]);
  });

  test("a partition that turns down its records leaves the others' delivered", async () => {
    await broker.createTopic("partly", 2);
    await using sink = plain({ topic: "partly", compression: "gzip" });
    const noise = (): string => Buffer.from(systemRandom.fill(new Uint8Array(500_000))).toString("base64");
    const large = Array.from({ length: 3 }, (_, i) => ({ id: `large-${i}`, subject: "big", data: noise() }));
    const small = Array.from({ length: 30 }, (_, i) => ({ id: `small-${i}`, subject: `user/${i}` }));
    const events = [...large, ...small];
    const outcomes = await send(sink, events);
    assert.deepEqual([...new Set(outcomes.map(({ kind }) => kind))].sort(), ["delivered", "rejected"]);
    assert.ok(
      outcomes.slice(0, 3).every((outcome) => outcome.kind === "rejected" && outcome.reason === "too_large"),
    );
    const delivered = events.filter((_event, i) => outcomes[i]?.kind === "delivered").map(({ id }) => id);
    const records = await readTopic({ brokers: [broker.plaintext] }, "partly", delivered.length);
    assert.deepEqual(
      records.map(({ headers }) => headers["ce_id"]),
      delivered,
    );
  });

  test("a wrong password or authority parks the sink, and the reason says which", async () => {
    await broker.createTopic("guarded", 1);
    const wrong = new Secret("not-the-password");
    await using intruder = secured({
      topic: "guarded",
      sasl: { mechanism: "SCRAM-SHA-512", username: broker.username, password: wrong },
    });
    const [password] = await send(intruder, [{ id: "1" }]);
    assert.equal(password?.kind, "parked");
    assert.match(reasonOf(password), /user name or password/);
    assert.doesNotMatch(JSON.stringify(password), /not-the-password/);

    const { ca } = await createAuthority("another");
    await using stranger = secured({ topic: "guarded", tls: { ...NO_TLS, ca } });
    const [authority] = await send(stranger, [{ id: "1" }]);
    assert.equal(authority?.kind, "parked");
    assert.match(reasonOf(authority), /certificate/);

    const withoutTls = { brokers: [broker.saslSsl], topic: "guarded", tls: undefined };
    for (const open of [plain(withoutTls), secured(withoutTls)]) {
      await using sink = open;
      const [tls] = await send(sink, [{ id: "1" }]);
      assert.equal(tls?.kind, "parked");
      assert.match(reasonOf(tls), /requires TLS/);
    }
  });

  test("a topic that is not there yet is waited for", async () => {
    await using running = deliver(plain({ topic: "later" }));
    await running.append({ id: "1" });
    await running.until(() => running.delivery.health().consecutiveFailures > 0);
    assert.match(running.delivery.health().reason, /topic does not exist/);
    await broker.createTopic("later", 1);
    assert.deepEqual(await running.delivery.flush(30_000), { remaining: 0 });
  });

  test("a broker that is not there is a retry with a readable reason", async () => {
    await using sink = plain({ brokers: ["127.0.0.1:1"], topic: "nowhere" });
    const [outcome] = await send(sink, [{ id: "1" }]);
    assert.equal(outcome?.kind, "retry");
    assert.match(reasonOf(outcome), /connection refused/);
  });

  test("a broker that hangs does not keep a sink from closing", async () => {
    await broker.createTopic("hanging", 1);
    const sink = plain({ topic: "hanging" });
    await send(sink, [{ id: "1" }]);
    const stop = new AbortController();
    process.kill(broker.pid(), "SIGSTOP");
    try {
      const sending = send(sink, [{ id: "2" }], stop.signal);
      stop.abort();
      const [outcome] = await sending;
      assert.equal(outcome?.kind, "retry");
      await sink.close();
    } finally {
      process.kill(broker.pid(), "SIGCONT");
    }
  });

  test("a broker stopped, killed and started again loses nothing and keeps each key's order", async () => {
    await broker.createTopic("restarted", 3);
    await using running = deliver(plain({ topic: "restarted", timeoutMs: 5_000 }));
    const keys = ["a", "b", "c", "d"];
    const users = new Set(["a", "b"]);
    let sent = 0;
    const append = async (): Promise<void> => {
      const events = keys.map((subject) => ({
        id: `${subject}-${sent}`,
        subject,
        ordered: users.has(subject),
      }));
      sent += 1;
      await running.append(...events);
    };
    const feed = async (rounds: number): Promise<void> => {
      for (let i = 0; i < rounds; i++) await append();
    };
    await feed(200);
    await running.until(() => running.delivered >= 100);
    const downs: (() => Promise<void>)[] = [
      () => broker.down(),
      async () => {
        process.kill(broker.pid(), "SIGKILL");
        await broker.down();
      },
    ];
    for (const down of downs) {
      const stopping = down();
      await feed(200);
      await stopping;
      await feed(100);
      await broker.up();
    }
    await feed(100);
    assert.deepEqual(await running.delivery.flush(90_000), { remaining: 0 });
    assert.deepEqual(await running.queue.deadLetters(10), []);

    const wanted = sent * keys.length;
    const ids = (records: readonly { readonly headers: Readonly<Record<string, string>> }[]): string[] =>
      records.map(({ headers }) => headers["ce_id"] ?? "");
    const records = await readUntil(
      { brokers: [broker.plaintext] },
      "restarted",
      (read) => new Set(ids(read)).size === wanted,
    );
    for (const key of keys) {
      const numbers = [...new Set(ids(records.filter((record) => record.key === key)))].map((id) =>
        Number(id.slice(2)),
      );
      assert.deepEqual(
        numbers,
        Array.from({ length: sent }, (_, i) => i),
        `the order of ${key}`,
      );
    }
  });
});

function eventText(event: EventOfTest): string {
  const batch = new BatchView(new Uint8Array(buildBatch([event]).buffer));
  return Buffer.from(batch.event(0)).toString();
}

function reasonOf(outcome: Outcome | undefined): string {
  return outcome?.kind === "parked" || outcome?.kind === "retry" ? outcome.reason : "";
}
