/** Reads topics with `kafkajs`, which shares no code with the client that writes them. */
import { randomUUID } from "node:crypto";
import { Kafka, type KafkaConfig, type KafkaMessage, logLevel } from "kafkajs";

export interface ReadRecord {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** `null`: a record without a value. */
  readonly value: string | null;
}

/** Reads from the beginning until the condition holds for what was read. */
export async function readUntil(
  connection: Pick<KafkaConfig, "brokers" | "ssl" | "sasl">,
  topic: string,
  enough: (records: readonly ReadRecord[]) => boolean,
): Promise<readonly ReadRecord[]> {
  const records: ReadRecord[] = [];
  const kafka = new Kafka({ ...connection, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: randomUUID() });
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    done.reject(new Error(`read ${records.length} records of ${topic} and more were expected`));
  }, 60_000);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        records.push(readRecord(partition, message));
        if (enough(records)) done.resolve();
      },
    });
    await done.promise;
    return records;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}

/** Reads so many records from the beginning. */
export function readTopic(
  connection: Pick<KafkaConfig, "brokers" | "ssl" | "sasl">,
  topic: string,
  count: number,
): Promise<readonly ReadRecord[]> {
  return readUntil(connection, topic, ({ length }) => length >= count);
}

function readRecord(partition: number, { offset, key, headers, value }: KafkaMessage): ReadRecord {
  const named = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]);
  return {
    partition,
    offset,
    key: key?.toString(),
    headers: Object.fromEntries(named),
    value: value === null ? null : value.toString(),
  };
}
