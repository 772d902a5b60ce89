/** A Kafka broker that tells of its cluster and stores what it gets, to put faults into what a real one would tell. */
import { createServer, type Server, type Socket } from "node:net";
import { listen } from "../../../../../testing/listen.ts";
import { int16, int32, int64 } from "./wire.ts";

const PRODUCE = 0;
const METADATA = 3;
const API_VERSIONS = 18;
const INIT_PRODUCER_ID = 22;
const DESCRIBE_CONFIGS = 32;
/** What it numbers its producers with. */
export const PRODUCER = { id: 0x0101010101010101n, epoch: 5 } as const;
const VERSIONS = [
  [PRODUCE, 9],
  [METADATA, 12],
  [API_VERSIONS, 3],
  [INIT_PRODUCER_ID, 4],
  [DESCRIBE_CONFIGS, 4],
] as const;

/** One topic `events`, with one partition or none, of which this broker is the leader. */
export class MetadataBroker implements AsyncDisposable {
  /** What it says its port is; its own unless set. */
  advertisedPort: number | undefined;
  partitions: 0 | 1 = 1;
  /** Whether it says that records can be written to it. */
  takesRecords = true;
  /** Whether it says that anything can be asked of it. */
  offersApis = true;
  /** What it says of the topic's configuration; `undefined`: nobody may ask for it. */
  topicConfig: readonly (readonly [name: string, value: string])[] | undefined;
  /** Whole answers in place of what follows from the above. */
  answer: ((apiKey: number) => Buffer | undefined) | undefined;
  stored = 0;
  port = 0;
  /** Called with the key of each request that comes, and the whole of it. */
  onRequest: (apiKey: number, request: Buffer) => void = () => {};
  /** What an answer waits for. */
  beforeAnswer: ((apiKey: number) => Promise<void>) | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#serve(socket));

  async listen(): Promise<this> {
    this.port = await listen(this.#server);
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    let buffered: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const end = 4 + buffered.readInt32BE(0);
        const key = buffered.readInt16BE(4);
        this.onRequest(key, buffered.subarray(4, end));
        const frame = Buffer.concat([buffered.subarray(8, 12), this.#bodyOf(key)]);
        buffered = buffered.subarray(end);
        const answer = this.answer?.(key) ?? Buffer.concat([int32(frame.length), frame]);
        if (this.beforeAnswer === undefined) socket.write(answer);
        else void this.beforeAnswer(key).then(() => socket.write(answer));
      }
    });
  }

  /** In compact arrays and texts, the length plus one stands in front; a 0 ends what may have tags. */
  #bodyOf(key: number): Buffer {
    switch (key) {
      case API_VERSIONS: {
        const versions = VERSIONS.filter(
          ([api]) => this.offersApis && (this.takesRecords || api !== PRODUCE),
        );
        const entries = versions.flatMap(([api, version]) => [
          int16(api),
          int16(0),
          int16(version),
          Buffer.of(0),
        ]);
        return Buffer.concat([int16(0), Buffer.of(versions.length + 1), ...entries, int32(0), Buffer.of(0)]);
      }
      case METADATA:
        return this.#metadata();
      case INIT_PRODUCER_ID:
        return Buffer.concat([
          Buffer.of(0),
          int32(0),
          int16(0),
          int64(PRODUCER.id),
          int16(PRODUCER.epoch),
          Buffer.of(0),
        ]);
      case DESCRIBE_CONFIGS:
        return this.#configs();
      default:
        this.stored += 1;
        return Buffer.concat([
          Buffer.from([0, 2, 7, ...Buffer.from("events"), 2]),
          int32(0),
          int16(0),
          Buffer.alloc(8),
          Buffer.alloc(16, 0xff),
          Buffer.of(1, 0, 0, 0),
          int32(0),
          Buffer.of(0),
        ]);
    }
  }

  /** The entries, or 29 (TOPIC_AUTHORIZATION_FAILED). */
  #configs(): Buffer {
    const resource = [Buffer.of(2), compact("events")];
    const result =
      this.topicConfig === undefined
        ? [int16(29), Buffer.of(0), ...resource, Buffer.of(1)]
        : [
            int16(0),
            Buffer.of(0),
            ...resource,
            Buffer.of(this.topicConfig.length + 1),
            ...this.topicConfig.flatMap(([name, value]) => [
              compact(name),
              compact(value),
              Buffer.of(0, 1, 0, 1, 3, 0, 0),
            ]),
          ];
    return Buffer.concat([Buffer.of(0), int32(0), Buffer.of(2), ...result, Buffer.of(0, 0)]);
  }

  #metadata(): Buffer {
    const host = Buffer.from("127.0.0.1");
    const port = int32(this.advertisedPort ?? this.port);
    const node = Buffer.concat([int32(1), Buffer.of(host.length + 1), host, port, Buffer.of(0, 0)]);
    const own = Buffer.of(2, 0, 0, 0, 1);
    const partition = Buffer.concat([int16(0), int32(0), int32(1), int32(0), own, own, Buffer.of(1, 0)]);
    const partitions = this.partitions === 1 ? [Buffer.of(2), partition] : [Buffer.of(1)];
    const topic = [int16(0), Buffer.of(7), Buffer.from("events"), Buffer.alloc(16, 1), Buffer.of(0)];
    return Buffer.concat([
      Buffer.of(0),
      int32(0),
      Buffer.of(2),
      node,
      Buffer.of(2, 0x63),
      int32(1),
      Buffer.of(2),
      ...topic,
      ...partitions,
      int32(0),
      Buffer.of(0, 0),
    ]);
  }
}

function compact(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length + 1), Buffer.from(text)]);
}
