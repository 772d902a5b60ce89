import type { Clock, Outcome, Random, Sink, SinkEvent } from "../../contracts.ts";
import type { KafkaSinkSettings } from "../../settings.ts";
import { TimeLimit } from "../time-limit.ts";
import { type ChoosePartition, partitionChooser } from "./choose-partition.ts";
import { type KafkaClient, openClient, type PartitionedRecord } from "./client.ts";
import { explainCode, isMisconfigured, type SendFailure } from "./read-failure.ts";
import { TopicLimit } from "./topic-limit.ts";
import { type KafkaRecord, leastBatchBytes, recordWriter, type WriteRecord } from "./write-record.ts";

/**
 * Of events, in one send. Brokers take a record batch of 1 MiB unless told otherwise, and all events of a send
 * may be of one partition; the rest is for keys and headers.
 */
const MAX_SEND_BYTES = 640 * 1024;
/**
 * A client that has not come back with what became of records after so many time-outs is given up: it tries three times
 * itself, and only its own attempts are known to the broker for what they are.
 */
const RECORDS_PATIENCE = 4;

/** Refusals of a record for what it is. */
const TOO_LARGE = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);
const REJECTED = new Set([
  "INVALID_RECORD",
  "INVALID_TIMESTAMP",
  "POLICY_VIOLATION",
  "INVALID_REQUIRED_ACKS",
]);

const DELIVERED: Outcome = { kind: "delivered" };
const STOPPED: Outcome = { kind: "retry", reason: "stopped", status: "", afterMs: undefined };

export interface KafkaSinkPorts {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Writes events to a Kafka topic (Kafka binding of CloudEvents 1.0); idempotent, acknowledged by all replicas.
 *
 * @throws Error when the password would go over the network in the clear and the settings do not allow it
 */
export function createKafkaSink(settings: KafkaSinkSettings, ports: KafkaSinkPorts): Sink {
  const { name, tls, sasl } = settings;
  if (sasl?.mechanism === "PLAIN" && tls === undefined && sasl.allowPlaintext !== true) {
    throw new Error(`sink ${name}: SASL PLAIN without TLS sends the password in the clear`);
  }
  return new KafkaSink(settings, ports);
}

interface Connected {
  readonly choosePartition: ChoosePartition;
  readonly limit: TopicLimit;
}

/** A record and the least that it takes in a batch. */
interface Written {
  readonly record: KafkaRecord;
  readonly bytes: number;
}

class KafkaSink implements Sink {
  readonly name: string;
  readonly maxEventsPerSend: number;
  readonly maxBytesPerSend = MAX_SEND_BYTES;
  readonly flushIntervalMs: number;
  /** More than one at once breaks the order of a key when a broker fails. */
  readonly maxInFlight = 1;
  readonly keepsSubjects: boolean;
  readonly answersWithinMs: number;
  readonly #settings: KafkaSinkSettings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #write: WriteRecord;
  #client: Promise<KafkaClient> | undefined;
  #connected: Connected | undefined;
  /** Clients that did not come back. */
  #givenUp = 0;

  constructor(settings: KafkaSinkSettings, { clock, random }: KafkaSinkPorts) {
    this.name = settings.name;
    this.maxEventsPerSend = settings.batchSize;
    this.flushIntervalMs = settings.lingerMs;
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.keepsSubjects = settings.key === "subject";
    this.answersWithinMs = settings.timeoutMs;
    this.#write = recordWriter(settings.contentMode, settings.key);
  }

  async send(events: readonly SinkEvent[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const stopped = Promise.withResolvers<Outcome>();
    const stop = (): void => stopped.resolve(STOPPED);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      const ended = stopped.promise.then((outcome) => events.map(() => outcome));
      return await Promise.race([this.#send(events), ended]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#connected = undefined;
    if (client !== undefined) await (await client).close();
  }

  async #send(events: readonly SinkEvent[]): Promise<readonly Outcome[]> {
    const client = await this.#open();
    const partitions = await this.#wait(client.countPartitions());
    if (partitions === undefined) return this.#giveUp(events, 1);
    if (typeof partitions !== "number") {
      this.#giveUpIfBroken(partitions);
      return events.map(() => restOf(partitions));
    }
    this.#connected ??= this.#connect(client);
    const { choosePartition, limit } = this.#connected;
    const written = events.map((event) => this.#prepare(event));
    const largest = written.reduce((most, item) => ("kind" in item ? most : Math.max(most, item.bytes)), 0);
    const maxBytes = await limit.read(largest);

    const outcomes: Outcome[] = [];
    const records: PartitionedRecord[] = [];
    const places: number[] = [];
    for (const [i, item] of written.entries()) {
      if ("kind" in item) {
        outcomes[i] = item;
      } else if (item.bytes > maxBytes) {
        outcomes[i] = tooLarge(item.bytes, maxBytes);
      } else {
        records.push({ ...item.record, partition: choosePartition(item.record.key, partitions) });
        places.push(i);
      }
    }
    if (records.length === 0) return outcomes;
    const sent = await this.#wait(
      client.send(records).then((failure) => ({ failure })),
      RECORDS_PATIENCE,
    );
    if (sent === undefined) return this.#giveUp(events, RECORDS_PATIENCE);
    const { failure } = sent;
    this.#giveUpIfBroken(failure);
    for (const [k, { partition }] of records.entries()) {
      outcomes[places[k] ?? k] = failure === undefined ? DELIVERED : judge(failure, partition);
    }
    return outcomes;
  }

  /** What the work comes to; `undefined` when it takes longer than so many time-outs. */
  async #wait<Result>(work: Promise<Result>, timeOuts = 1): Promise<Result | undefined> {
    const limit = new TimeLimit(this.#clock, this.#settings.timeoutMs * timeOuts);
    try {
      return await limit.wait(work);
    } finally {
      limit.cancel();
    }
  }

  /** The client did not come back; the next send gets another one. */
  #giveUp(events: readonly SinkEvent[], timeOuts: number): readonly Outcome[] {
    void this.close();
    this.#givenUp += 1;
    const reason = `no usable answer within ${this.#settings.timeoutMs * timeOuts} ms`;
    return events.map(() => ({ kind: "retry", reason, status: "", afterMs: undefined }));
  }

  /** The next send gets another client. */
  #giveUpIfBroken(failure: SendFailure | undefined): void {
    if (failure?.isClientBroken === true) void this.close();
  }

  #open(): Promise<KafkaClient> {
    const { brokers } = this.#settings;
    // A client begins with the first one, and may wait for it until it is given up.
    const turn = this.#givenUp % Math.max(brokers.length, 1);
    const inTurn = [...brokers.slice(turn), ...brokers.slice(0, turn)];
    this.#client ??= openClient({ ...this.#settings, brokers: inTurn }).catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  #connect(client: KafkaClient): Connected {
    const choosePartition = partitionChooser((key) => client.hash(key), this.#random.next());
    // What is compressed may fit although it does not look like it: the broker has to say.
    const ask = async (): Promise<number | undefined> =>
      this.#settings.compression === "none" ? client.maxBatchBytes((work) => this.#wait(work)) : undefined;
    return { choosePartition, limit: new TopicLimit(ask, this.#clock) };
  }

  /** The record of an event, or why it will never be one. */
  #prepare(event: SinkEvent): Written | Outcome {
    try {
      const record = this.#write(event);
      return { record, bytes: leastBatchBytes(record) };
    } catch (error) {
      const detail = `it cannot be written as a record: ${error instanceof Error ? error.message : String(error)}`;
      return { kind: "rejected", reason: "rejected", detail, status: "" };
    }
  }
}

function tooLarge(bytes: number, maxBytes: number): Outcome {
  const detail = `its record takes ${bytes} bytes and the topic allows ${maxBytes}`;
  return { kind: "rejected", reason: "too_large", detail, status: "MESSAGE_TOO_LARGE" };
}

/** What a send that failed means for the records of one partition. */
function judge(failure: SendFailure, partition: number): Outcome {
  const error = failure.partitions.get(partition)?.error;
  if (error === undefined) return restOf(failure);
  if (error === "NONE") return DELIVERED;
  const reason = explainCode(error);
  if (TOO_LARGE.has(error)) return { kind: "rejected", reason: "too_large", detail: reason, status: error };
  if (REJECTED.has(error)) return { kind: "rejected", reason: "rejected", detail: reason, status: error };
  if (isMisconfigured(error)) return { kind: "parked", reason, status: error };
  return { kind: "retry", reason, status: error, afterMs: undefined };
}

function restOf({ rest }: SendFailure): Outcome {
  if (rest.kind === "parked") return { kind: "parked", reason: rest.reason, status: rest.status };
  return { kind: "retry", reason: rest.reason, status: rest.status, afterMs: undefined };
}
