/** The one file that knows the Kafka client; it is loaded when a sink first connects. */
import { Socket } from "node:net";
import type {
  Admin,
  BaseOptions,
  ClusterMetadata,
  Producer,
  SASLCustomAuthenticator,
} from "@platformatic/kafka";
import type { KafkaSinkSettings } from "../../settings.ts";
import { tlsOptions } from "../tls.ts";
import { checkServerMessage, type ScramStep } from "./check-scram.ts";
import { FrameLimit, MissingTlsError } from "./limit-frames.ts";
import { readFailure, type SendFailure } from "./read-failure.ts";
import type { KafkaRecord } from "./write-record.ts";

/**
 * Attempts after the first, inside the client. An idempotent producer would go on for ever without a number
 * above 1, and a wrong password then never be reported.
 */
const RETRIES = 2;
const RETRY_DELAY_MS = 250;
const MAX_MESSAGE_BYTES = "max.message.bytes";
/** An address that does not answer within this time is taken for dead, whatever the request's own time. */
const MAX_CONNECT_MS = 10_000;
/** How long connections may take to end in order. */
const CLOSE_GRACE_MS = 1_000;

export interface PartitionedRecord extends KafkaRecord {
  readonly partition: number;
}

/** What a sink needs of a Kafka client. Failures are values. */
export interface KafkaClient {
  /** The number of the topic's partitions; asked again every few seconds. */
  countPartitions(): Promise<number | SendFailure>;
  /**
   * The largest record batch that the topic takes, in bytes; `undefined` when the broker does not tell.
   *
   * @param limit gives up waiting for the broker, with `undefined`
   */
  maxBatchBytes(limit: LimitWait): Promise<number | undefined>;
  /** Sends the records; `undefined` when all are stored. */
  send(records: readonly PartitionedRecord[]): Promise<SendFailure | undefined>;
  /** The hash by which Java clients choose a partition, not negative. */
  hash(key: Buffer): number;
  close(): Promise<void>;
}

/** Waits for some work, or until its time is over: then it comes to `undefined`. */
export type LimitWait = <Result>(work: Promise<Result>) => Promise<Result | undefined>;

/** Beside its modules it has a file that it reads when it is loaded; a bundle has the modules alone. */
async function loadClient(): Promise<KafkaModule> {
  try {
    return await import("@platformatic/kafka");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the Kafka client cannot be loaded (${why}): keep @coresdk/* external when bundling`, {
      cause,
    });
  }
}

/** Makes a client; nothing is connected yet. */
export async function openClient(settings: KafkaSinkSettings): Promise<KafkaClient> {
  const kafka = await loadClient();
  const { topic } = settings;
  const frames = new FrameLimit();
  const options = { ...connectionOptions(settings, kafka), context: frames };
  const unfollow = followConnections(kafka, frames);
  const producer = new kafka.Producer({
    ...options,
    idempotent: true,
    acks: kafka.ProduceAcks.ALL,
    compression: settings.compression,
  });
  const nameOf = (code: number): string => kafka.protocolErrorsCodesById[code] ?? `error ${code}`;
  const explain = (error: unknown): SendFailure => {
    const failure = readFailure(error, nameOf);
    // The client says no more than that the connection closed.
    const fault = frames.takeFault();
    if (fault === undefined) return failure;
    const kind = fault instanceof MissingTlsError ? "parked" : "retry";
    return { ...failure, rest: { kind, reason: fault.message, status: "" } };
  };
  /** What the client comes to, or that it never will. */
  const unlessBroken = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([work, frames.failed.then((): never => throwBroken())]);
  const hash = (key: Buffer): number => kafka.compatibilityPartitioner({ topic }, key);
  let offersApis = false;
  /** Those that are still asked something. */
  const admins = new Set<Admin>();
  return {
    hash,
    async countPartitions() {
      // What the client got over, with another broker, is no fault of this attempt.
      frames.takeFault();
      try {
        // Where there is none the client would ask again at once, and for ever.
        offersApis ||= (await unlessBroken(producer.listApis())).length > 0;
        if (!offersApis) return brokenBy("the broker offers nothing that can be asked of it");
        const metadata = await unlessBroken(producer.metadata({ topics: [topic] }));
        const wrong = faultOfMetadata(metadata, topic);
        if (wrong !== undefined) return brokenBy(wrong);
        return metadata.topics.get(topic)?.partitionsCount ?? 1;
      } catch (error) {
        return explain(error);
      }
    },
    async maxBatchBytes(limit) {
      const admin = new kafka.Admin(options);
      admins.add(admin);
      try {
        const resource = { resourceType: kafka.ConfigResourceTypes.TOPIC, resourceName: topic };
        const configurationKeys = [MAX_MESSAGE_BYTES];
        const found = await limit(
          unlessBroken(admin.describeConfigs({ resources: [{ ...resource, configurationKeys }] })),
        );
        // Some brokers answer with more than they were asked for.
        const entry = found?.[0]?.configs.find(({ name }) => name === MAX_MESSAGE_BYTES);
        return readLimit(entry?.value ?? "");
      } catch {
        // Most users may not ask for this. The broker's own check is then the only one.
        return undefined;
      } finally {
        admins.delete(admin);
        await closeClient(admin);
      }
    },
    async send(records) {
      const messages = records.map(({ key, value, headers, partition }) => ({
        topic,
        partition,
        headers,
        ...(key === undefined ? {} : { key }),
        ...(value === null ? {} : { value }),
      }));
      try {
        await unlessBroken(producer.send({ messages }));
        return undefined;
      } catch (error) {
        return explain(error);
      }
    },
    async close() {
      await Promise.all([producer, ...admins].map(closeClient));
      unfollow();
    },
  };
}

/** A limit of anything but a positive number would make every event one that is too large: it counts as none. */
function readLimit(text: string): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  return Number(text) || undefined;
}

/** Whoever caught it knows the broker's answer by then. */
function throwBroken(): never {
  throw new TypeError("the client failed on an answer");
}

/** A failure after which another client is needed: this one remembers what it was told. */
function brokenBy(reason: string): SendFailure {
  return { partitions: new Map(), rest: { kind: "retry", reason, status: "" }, isClientBroken: true };
}

/** What makes no sense in what a broker tells of the cluster, and would make the client fail; `undefined` for nothing. */
function faultOfMetadata({ brokers, topics }: ClusterMetadata, topic: string): string | undefined {
  for (const { host, port } of brokers.values()) {
    if (host === "" || port < 0 || port > 65_535) return "a broker names another one without an address";
  }
  const found = topics.get(topic);
  if (found === undefined) return undefined;
  if (found.partitionsCount === 0) return "the broker knows no partition of the topic";
  for (let i = 0; i < found.partitionsCount; i++) {
    if (found.partitions[i] === undefined) return "the broker does not tell of every partition of the topic";
  }
  return undefined;
}

type KafkaModule = typeof import("@platformatic/kafka");

function connectionOptions(
  { brokers, tls, sasl, timeoutMs }: KafkaSinkSettings,
  kafka: KafkaModule,
): BaseOptions {
  return {
    clientId: "coresdk-cloudevents",
    bootstrapBrokers: [...brokers],
    timeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectTimeout: Math.min(timeoutMs, MAX_CONNECT_MS),
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
    ...(sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: sasl.mechanism,
            username: sasl.username,
            password: sasl.password.reveal(),
            ...(sasl.mechanism === "PLAIN"
              ? {}
              : { authenticate: scramAuthenticator(kafka, SCRAM_HASHES[sasl.mechanism]) }),
          },
        }),
  };
}

/**
 * Looks after every connection that is made with this limit as its context, until the returned function is called. The
 * client has no limit of its own, and tells of its connections over this channel alone, for the whole process.
 */
function followConnections(kafka: KafkaModule, frames: FrameLimit): () => void {
  const { end: begun } = kafka.connectionsConnectsChannel;
  const follow = (message: unknown): void => {
    if (typeof message !== "object" || message === null || !("connection" in message)) return;
    const { connection } = message;
    if (!(connection instanceof kafka.Connection) || connection.context !== frames) return;
    // One that breaks during a login reports it twice, and the client listens once. Nobody's error ends the process.
    if (!connection.listeners("error").includes(ignoreError)) connection.on("error", ignoreError);
    // There is none when the attempt failed at once.
    if (connection.socket instanceof Socket) frames.limit(connection.socket);
  };
  begun.subscribe(follow);
  return () => void begun.unsubscribe(follow);
}

/** Whoever waits for the connection is told as well. */
function ignoreError(): void {}

type AuthenticateApi = Parameters<SASLCustomAuthenticator>[2];

const SCRAM_HASHES = { "SCRAM-SHA-256": "SHA-256", "SCRAM-SHA-512": "SHA-512" } as const;

/** The client's own login, which verifies the server's signature, behind a check of what it is given. */
function scramAuthenticator(kafka: KafkaModule, hash: "SHA-256" | "SHA-512"): SASLCustomAuthenticator {
  return (_mechanism, connection, authenticate, username, password, _token, callback) => {
    const steps: ScramStep[] = ["first", "final"];
    const checked: AuthenticateApi = Object.assign(
      (...[on, bytes, answer]: Parameters<AuthenticateApi>): void =>
        authenticate(on, bytes, (error, response) => {
          const step = steps.shift();
          const fault =
            error === null && step !== undefined && response !== undefined
              ? checkServerMessage(step, response.authBytes)
              : undefined;
          if (fault === undefined) answer?.(error, response);
          else answer?.(new kafka.AuthenticationError(`The broker sent ${fault}.`));
        }),
      { async: authenticate.async, key: authenticate.key, version: authenticate.version },
    );
    const { authenticate: login, defaultCrypto } = kafka.saslScramSha;
    login(checked, connection, hash, username ?? "", password ?? "", defaultCrypto, callback);
  };
}

/** Ends the connections in order, or cuts them when a broker does not let them end. */
async function closeClient(client: Admin | Producer): Promise<void> {
  const sockets = [...client.connections].map(([, connection]) => connection.socket);
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLOSE_GRACE_MS);
  await Promise.race([client.close().catch(() => undefined), late]);
  clearTimeout(timer);
  for (const socket of sockets) socket?.destroy();
}
