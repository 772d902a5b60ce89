import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CloudEventEmitter } from "@coresdk/opentelemetry";
import { LoggerProvider } from "@opentelemetry/sdk-logs";
import { startBroker } from "../../testing/kafka/broker.ts";
import { withKafka } from "../../testing/kafka/find.ts";
import { startExample } from "./program.ts";

test(
  "kafka-consumer reads what an emitter in process produced, plain and over SASL_SSL",
  withKafka(),
  async (t) => {
    const broker = await startBroker();
    t.after(() => broker.stop());
    await broker.createTopic("coresdk-events", 3);
    await broker.readyForGroups();
    const dir = await mkdtemp(join(tmpdir(), "coresdk-example-"));
    t.after(() => rm(dir, { recursive: true }));
    await writeFile(join(dir, "ca.pem"), broker.ca);
    const sasl = {
      mechanism: "SCRAM-SHA-512",
      username: broker.username,
      password: broker.password,
    } as const;
    const kafka = { kind: "kafka", topic: "coresdk-events" } as const;
    const bindings = [
      { ...kafka, brokers: [broker.plaintext] },
      { ...kafka, brokers: [broker.saslSsl], tls: { ca: broker.ca }, sasl, contentMode: "binary" },
    ] as const;
    for (const binding of bindings) {
      const emitter = new CloudEventEmitter({ source: "https://orders.acme.com", tenant: "acme", binding });
      const provider = new LoggerProvider({ processors: [emitter] });
      const logger = provider.getLogger("orders");
      logger.emit({ eventName: "io.coresdk.auth.denied", attributes: { "coresdk.auth.result": "denied" } });
      logger.emit({ eventName: "com.acme.order.created" });
      // On a busy machine a broker may take longer than a shutdown waits.
      await emitter.forceFlush({ timeoutMillis: 60_000 });
      await provider.shutdown();
    }
    const secured = {
      KAFKA_BROKERS: broker.saslSsl,
      KAFKA_USERNAME: sasl.username,
      KAFKA_PASSWORD: sasl.password,
      KAFKA_CA: join(dir, "ca.pem"),
    };
    for (const [group, env] of [
      ["plain", { KAFKA_BROKERS: broker.plaintext }],
      ["secured", secured],
    ] as const) {
      const program = startExample(t, "kafka-consumer", { ...env, KAFKA_GROUP: group });
      await program.line(/^denied tenant\/acme {"tenant_id":"acme","result":"denied"}$/);
      await program.line(/^event com\.acme\.order\.created [0-9A-Z]{26}$/);
      program.stop();
      const { code, lines } = await program.ended();
      assert.equal(code, 0, lines.join("\n"));
    }
  },
);
