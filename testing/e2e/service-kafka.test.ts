/**
 * A service, the real sidecar and a real Kafka broker; read back with a client that shares nothing with the
 * sidecar's: librdkafka from Python where it is there, else kafkajs.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, type TestContext, test } from "node:test";
import type { KafkaConfig } from "kafkajs";
import { component } from "../components.ts";
import { createDirectory } from "../directory.ts";
import { type Broker, startBroker } from "../kafka/broker.ts";
import { withKafka } from "../kafka/find.ts";
import { readTopic } from "../kafka/read-topic.ts";
import { runKafkaTool } from "../kafka/tools.ts";
import type { ReceivedEvent } from "./receiver.ts";
import { runScript } from "./run-service.ts";
import type { ServiceReport } from "./service-steps.ts";
import { FREE_PORTS, startSidecar } from "./sidecar-process.ts";

const source = "https://orders.acme.com";
const PARTITIONS = 8;

interface Found {
  readonly partition: number;
  readonly key: string | undefined | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string | null;
}

/** How to reach the broker, in the words of each client and of the sidecar's configuration. */
interface Access {
  readonly librdkafka: Readonly<Record<string, string>>;
  readonly kafkajs: Pick<KafkaConfig, "brokers" | "ssl" | "sasl">;
  readonly yaml: string;
}

describe("from a service to Kafka", withKafka(), () => {
  let broker: Broker;
  const dir = createDirectory({ after });
  before(async () => {
    broker = await startBroker();
    await writeFile(join(dir, "ca.pem"), broker.ca);
  });
  after(async () => {
    await broker.stop();
  });

  const plaintext = (): Access => ({
    librdkafka: { "bootstrap.servers": broker.plaintext },
    kafkajs: { brokers: [broker.plaintext] },
    yaml: `brokers: ["${broker.plaintext}"]`,
  });

  const secured = (): Access => {
    const { saslSsl, username, password, ca } = broker;
    return {
      librdkafka: {
        "bootstrap.servers": saslSsl,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": username,
        "sasl.password": password,
        "ssl.ca.location": join(dir, "ca.pem"),
      },
      kafkajs: {
        brokers: [saslSsl],
        ssl: { ca: [ca] },
        sasl: { mechanism: "scram-sha-512", username, password },
      },
      yaml: `brokers: ["${saslSsl}"]
    tls: { ca: ca.pem }
    sasl: { mechanism: SCRAM-SHA-512, username: "\${KAFKA_USERNAME}", password: "\${KAFKA_PASSWORD}" }`,
    };
  };

  /** Runs the service against a sidecar of its own, which delivers to the topic. */
  async function emitTo(
    t: TestContext,
    topic: string,
    { yaml }: Access,
    contentMode: string,
  ): Promise<ServiceReport> {
    await broker.createTopic(topic, PARTITIONS);
    const file = join(dir, `${topic}.yaml`);
    const kafka = `${yaml}\n    topic: ${topic}\n    content_mode: ${contentMode}\n`;
    await writeFile(file, `cloud_events:\n  source: ${source}\n  binding: kafka\n  kafka:\n    ${kafka}`);
    const cwd = createDirectory(t);
    const env = { KAFKA_USERNAME: broker.username, KAFKA_PASSWORD: broker.password };
    const sidecar = await startSidecar({
      cwd,
      args: ["--config", file, "--data-dir", join(cwd, "data"), ...FREE_PORTS],
      env,
    });
    try {
      const otel = {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${sidecar.http}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      };
      const report: ServiceReport = JSON.parse(await runScript("testing/e2e/service-program.ts", otel));
      assert.ok(!sidecar.output().includes(broker.password), "the password is not printed");
      return report;
    } finally {
      assert.equal(await sidecar.stop(), 0, sidecar.output());
    }
  }

  /** The partition that Kafka's own Java producer puts a key on. */
  async function javaPartition(topic: string, key: string): Promise<number | undefined> {
    await broker.createTopic(topic, PARTITIONS);
    const properties = ["parse.key=true", "key.separator=\t"].flatMap((pair) => ["--reader-property", pair]);
    const to = ["--bootstrap-server", broker.plaintext, "--topic", topic];
    await runKafkaTool("org.apache.kafka.tools.ConsoleProducer", [...to, ...properties], `${key}\tv\n`);
    const [record] = await readTopic({ brokers: [broker.plaintext] }, topic, 1);
    return record?.partition;
  }

  const subject = "tenant/acme/user/usr_2xK9";

  test("plaintext, structured: key, partition, headers and value", async (t) => {
    const report = await emitTo(t, "structured", plaintext(), "structured");
    const records = await readBack("structured", plaintext(), 3);
    const decision = records.find(({ headers }) => headers["ce_type"] === "io.coresdk.policy.decision");
    const event: ReceivedEvent = JSON.parse(decision?.value ?? "");
    assert.equal(decision?.key, subject);
    assert.deepEqual(decision.headers, {
      "content-type": "application/cloudevents+json; charset=UTF-8",
      ce_specversion: "1.0",
      ce_id: event.id,
      ce_source: source,
      ce_type: "io.coresdk.policy.decision",
      ce_subject: subject,
      ce_time: "2026-03-19T14:35:00.000000123Z",
      ce_traceparent: `00-${report.traceId}-${report.spanId}-01`,
    });
    assert.deepEqual(event, {
      specversion: "1.0",
      type: "io.coresdk.policy.decision",
      source,
      subject,
      id: event.id,
      time: "2026-03-19T14:35:00.000000123Z",
      datacontenttype: "application/json",
      traceparent: `00-${report.traceId}-${report.spanId}-01`,
      data: {
        tenant_id: "acme",
        user_id: "usr_2xK9",
        action: "orders:create",
        result: "allowed",
        policy_latency_us: 43,
        trace_id: report.traceId,
        span_id: report.spanId,
      },
    });
    const ofUser = records.filter(({ key }) => key === subject);
    assert.deepEqual(
      ofUser.map(({ headers }) => headers["ce_type"]),
      ["io.coresdk.policy.decision", "com.acme.order.created"],
      "one user's events in order, on one partition",
    );
    const partition = await javaPartition("java-structured", subject);
    assert.ok(ofUser.every((record) => record.partition === partition));
    assert.equal(records.find(({ headers }) => headers["ce_type"] === "com.acme.named")?.key, "tenant/acme");
  });

  test("SASL_SSL with SCRAM-SHA-512, binary: key, partition, headers and value", async (t) => {
    const report = await emitTo(t, "binary", secured(), "binary");
    const records = await readBack("binary", secured(), 3);
    const created = records.find(({ headers }) => headers["ce_type"] === "com.acme.order.created");
    assert.equal(created?.key, subject);
    const { ce_id: id = "", ce_time: time = "", ...headers } = created.headers;
    assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(headers, {
      "content-type": "application/json",
      ce_specversion: "1.0",
      ce_source: source,
      ce_type: "com.acme.order.created",
      ce_subject: subject,
      ce_traceparent: `00-${report.traceId}-${report.spanId}-01`,
    });
    assert.deepEqual(JSON.parse(created.value ?? ""), {
      "coresdk.tenant_id": "acme",
      "coresdk.user_id": "usr_2xK9",
      total: 9.5,
      trace_id: report.traceId,
      span_id: report.spanId,
      body: "order 42",
    });
    assert.equal(created.partition, await javaPartition("java-binary", subject));
  });
});

async function readBack(topic: string, access: Access, count: number): Promise<readonly Found[]> {
  const python = await component("python packages");
  if (!python.available) return readTopic(access.kafkajs, topic, count);
  const child = spawn(python.path, [join(import.meta.dirname, "read_kafka.py")], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 120_000,
  });
  const closed = once(child, "close");
  child.stdin.end(JSON.stringify({ connection: access.librdkafka, topic, count, group: randomUUID() }));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  assert.equal(code, 0, errors);
  return output
    .trim()
    .split("\n")
    .map((line): Found => JSON.parse(line));
}
