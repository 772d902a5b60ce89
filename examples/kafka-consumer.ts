/**
 * Consumes CloudEvents from a Kafka topic, whichever content mode they come in.
 *
 *   KAFKA_BROKERS=kafka-1:9092 KAFKA_TOPIC=coresdk-events node kafka-consumer.ts
 *
 * With KAFKA_USERNAME and KAFKA_PASSWORD: SASL_SSL with SCRAM-SHA-512; KAFKA_CA is a PEM file to trust.
 */
import { readFileSync } from "node:fs";
import { CloudEventError } from "@coresdk/cloudevents";
import { decode } from "@coresdk/cloudevents/kafka";
import { Consumer } from "@platformatic/kafka";

const {
  KAFKA_BROKERS = "127.0.0.1:9092",
  KAFKA_TOPIC = "coresdk-events",
  KAFKA_USERNAME,
  KAFKA_PASSWORD,
  KAFKA_CA,
} = process.env;

const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
  clientId: "audit",
  groupId: process.env["KAFKA_GROUP"] ?? "audit-consumer",
  bootstrapBrokers: KAFKA_BROKERS.split(","),
  // A broker that restarts is away for longer than the usual three attempts.
  retries: 60,
  retryDelay: 1_000,
  ...(KAFKA_USERNAME === undefined || KAFKA_PASSWORD === undefined
    ? {}
    : {
        sasl: { mechanism: "SCRAM-SHA-512", username: KAFKA_USERNAME, password: KAFKA_PASSWORD } as const,
        tls: KAFKA_CA === undefined ? {} : { ca: readFileSync(KAFKA_CA, "utf8") },
      }),
});
const stream = await consumer.consume({
  topics: [KAFKA_TOPIC],
  mode: "committed",
  fallbackMode: "earliest",
  autocommit: false,
});
process.once("SIGTERM", () => void stream.close());

for await (const record of stream) {
  try {
    const event = decode(record);
    if (event.type === "io.coresdk.policy.decision")
      console.log("decision", event.subject, JSON.stringify(event.data));
    else if (event.type === "io.coresdk.auth.denied")
      console.log("denied", event.subject, JSON.stringify(event.data));
    else console.log("event", event.type, event.id);
  } catch (error) {
    // A record that is no CloudEvent must not stop the partition: note where it stands, and go on.
    if (!(error instanceof CloudEventError)) throw error;
    console.error(`${record.topic}/${record.partition}@${record.offset}: ${error.message}`);
  }
  // After the work, so that a crash repeats an event and never skips one.
  await record.commit();
}
await consumer.close();
