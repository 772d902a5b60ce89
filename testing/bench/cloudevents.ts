/**
 * `@coresdk/cloudevents` against the npm package `cloudevents` and against the floor: `JSON.parse` or
 * `JSON.stringify` of the same bytes, with nothing around it.
 *
 * Everybody starts from what a server or a client hands over: HTTP bodies as text, Kafka values and headers as
 * Buffers. The peer's Kafka binding takes text only; what turns Buffers into text for it is part of its work, as
 * it is of its users'. Where the peer has no function for a step (batch encode), it is left out. It has none for
 * the JSON format by itself either: there its reader of structured messages stands in.
 */
import { type CloudEvent, createEvent } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";
import { HTTP, Kafka, CloudEvent as PeerEvent } from "cloudevents";
import { createCorpus } from "./corpus.ts";
import {
  type CompareOptions,
  type Contender,
  type Figure,
  keep,
  measureRow,
  type Row,
  type Target,
} from "./measure.ts";

const CORPUS_SIZE = 1000;
const BATCH_SIZE = 50;

const DECODE_ROWS = ["json", "json batch", "http structured", "http batch", "kafka structured"] as const;

/** What `--check` asks for. */
export const targets: readonly Target[] = [
  { name: "create", peer: "cloudevents", atLeast: 4 },
  { name: "json decode", peer: "cloudevents", atLeast: 6 },
  { name: "http structured decode", peer: "cloudevents", atLeast: 6 },
  { name: "http binary decode", peer: "cloudevents", atLeast: 6 },
  { name: "kafka binary decode", peer: "cloudevents", atLeast: 4 },
  ...DECODE_ROWS.map((name) => ({ name: `${name} decode`, peer: "floor", atLeast: 0.6 })),
  { name: "json encode", peer: "floor", atLeast: 0.75 },
];

/** Work on one item of a list at a time, over and over. */
function cycling<T>(items: readonly T[], work: (item: T) => unknown): (n: number) => void {
  let next = 0;
  return (n) => {
    for (let i = 0; i < n; i++) {
      const item = items[next];
      next = next + 1 === items.length ? 0 : next + 1;
      if (item !== undefined) keep(work(item));
    }
  };
}

function peer<T>(items: readonly T[], work: (item: T) => unknown): Contender {
  return { peer: "cloudevents", run: cycling(items, work) };
}

/** The peer as a reader: as it is, and with what our readers do beside, which is to validate the event. */
function readers<T>(items: readonly T[], read: (item: T) => unknown): Contender[] {
  return [
    peer(items, read),
    { peer: "cloudevents, validated", run: cycling(items, (item) => validated(read(item))) },
  ];
}

function validated(event: unknown): unknown {
  if (!(event instanceof PeerEvent)) throw new TypeError("one event of the peer's");
  event.validate();
  return event;
}

function floor<T>(items: readonly T[], work: (item: T) => unknown): Contender {
  return { peer: "floor", run: cycling(items, work) };
}

function inBatches<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH_SIZE) }, (_, i) =>
    items.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE),
  );
}

function textOf(value: string | Uint8Array | null | undefined): string {
  return typeof value === "string" ? value : "";
}

/** A record as a consumer gets it. */
function consumed(record: kafka.KafkaRecord): { value: Buffer; headers: Record<string, Buffer> } {
  const headers = Object.entries(record.headers).map(([name, value]) => [name, Buffer.from(value)] as const);
  return { value: Buffer.from(textOf(record.value)), headers: Object.fromEntries(headers) };
}

/** What a user of the peer writes between the client and its `Kafka.toEvent`. */
function forPeer(record: {
  value: Buffer;
  headers: Record<string, Buffer>;
}): Parameters<typeof Kafka.toEvent>[0] {
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, value]) => [name, value.toString()]),
  );
  const message = { headers, value: record.value.toString(), body: undefined };
  return message;
}

/** The rows, by name and contender; nothing runs before it is asked to. */
export function createRows(): readonly Row[] {
  const corpus = createCorpus(CORPUS_SIZE);
  const inits = corpus.map(({ init }) => init);
  const events = corpus.map(({ event }) => event);
  const peerEvents = events.map((event) => new PeerEvent({ ...event }, false));
  const data = events.map((event) => event.data);
  const texts = events.map((event) => json.encode(event));
  const batches = inBatches(events);
  const batchTexts = batches.map((batch) => json.encode(batch));
  return [
    {
      name: "create",
      ours: cycling(inits, createEvent),
      peers: [peer(inits, (init) => new PeerEvent(init))],
    },
    {
      name: "json encode",
      ours: cycling(events, (event) => json.encode(event)),
      peers: [peer(peerEvents, String), floor(events, (event) => JSON.stringify(event))],
    },
    {
      name: "json decode",
      ours: cycling(texts, (text) => json.decode(text)),
      peers: [
        ...readers(texts, (body) => HTTP.toEvent({ headers: STRUCTURED, body })),
        floor(texts, (text) => JSON.parse(text)),
      ],
    },
    {
      name: "json batch encode",
      ours: cycling(batches, (batch) => json.encode(batch)),
      peers: [floor(batches, (batch) => JSON.stringify(batch))],
    },
    {
      name: "json batch decode",
      ours: cycling(batchTexts, (text) => json.decodeBatch(text)),
      peers: [
        peer(batchTexts, (body) => HTTP.toEvent({ headers: BATCH, body })),
        floor(batchTexts, (text) => JSON.parse(text)),
      ],
    },
    ...httpRows(events, peerEvents, data, batches),
    ...kafkaRows(events, peerEvents, data),
  ];
}

/** The peer knows its media types without parameters alone. */
const STRUCTURED = { "content-type": "application/cloudevents+json" };
const BATCH = { "content-type": "application/cloudevents-batch+json" };

function httpRows(
  events: readonly CloudEvent[],
  peerEvents: readonly PeerEvent<unknown>[],
  data: readonly unknown[],
  batches: readonly (readonly CloudEvent[])[],
): Row[] {
  const structured = events.map((event) => ({ headers: STRUCTURED, body: http.encode(event).body }));
  const batched = batches.map((batch) => ({ headers: BATCH, body: http.encode(batch).body }));
  const binary = events.map((event) => http.encode(event, { mode: "binary" }));
  const forPeerHttp = binary.map(({ headers, body }) => ({ headers, body }));
  return [
    {
      name: "http structured encode",
      ours: cycling(events, (event) => http.encode(event)),
      peers: [
        peer(peerEvents, (event) => HTTP.structured(event)),
        floor(events, (event) => JSON.stringify(event)),
      ],
    },
    {
      name: "http structured decode",
      ours: cycling(structured, (message) => http.decode(message)),
      peers: [
        ...readers(structured, (message) => HTTP.toEvent(message)),
        floor(structured, (message) => JSON.parse(message.body)),
      ],
    },
    {
      name: "http binary encode",
      ours: cycling(events, (event) => http.encode(event, { mode: "binary" })),
      peers: [peer(peerEvents, (event) => HTTP.binary(event)), floor(data, (value) => JSON.stringify(value))],
    },
    {
      name: "http binary decode",
      ours: cycling(binary, (message) => http.decode(message)),
      peers: [
        ...readers(forPeerHttp, (message) => HTTP.toEvent(message)),
        floor(binary, (message) => JSON.parse(textOf(message.body))),
      ],
    },
    {
      name: "http batch encode",
      ours: cycling(batches, (batch) => http.encode(batch)),
      peers: [floor(batches, (batch) => JSON.stringify(batch))],
    },
    {
      name: "http batch decode",
      ours: cycling(batched, (message) => http.decodeBatch(message)),
      peers: [
        peer(batched, (message) => HTTP.toEvent(message)),
        floor(batched, (message) => JSON.parse(message.body)),
      ],
    },
  ];
}

function kafkaRows(
  events: readonly CloudEvent[],
  peerEvents: readonly PeerEvent<unknown>[],
  data: readonly unknown[],
): Row[] {
  const structured = events.map((event) => consumed(kafka.encode(event)));
  const binary = events.map((event) => consumed(kafka.encode(event, { mode: "binary" })));
  return [
    {
      name: "kafka structured encode",
      ours: cycling(events, (event) => kafka.encode(event, { keyFrom: "subject" })),
      peers: [
        peer(peerEvents, (event) => Kafka.structured(event)),
        floor(events, (event) => JSON.stringify(event)),
      ],
    },
    {
      name: "kafka structured decode",
      ours: cycling(structured, (record) => kafka.decode(record)),
      peers: [
        ...readers(structured, (record) => Kafka.toEvent(forPeer(record))),
        floor(structured, (record) => JSON.parse(record.value.toString())),
      ],
    },
    {
      name: "kafka binary encode",
      ours: cycling(events, (event) => kafka.encode(event, { mode: "binary", keyFrom: "subject" })),
      peers: [
        peer(peerEvents, (event) => Kafka.binary(event)),
        floor(data, (value) => JSON.stringify(value)),
      ],
    },
    {
      name: "kafka binary decode",
      ours: cycling(binary, (record) => kafka.decode(record)),
      peers: [
        ...readers(binary, (record) => Kafka.toEvent(forPeer(record))),
        floor(binary, (record) => JSON.parse(record.value.toString())),
      ],
    },
  ];
}

/** Runs the rows whose name contains `filter` and gives a figure for each row and peer. */
export async function rows(filter = "", options: CompareOptions = {}): Promise<Figure[]> {
  return createRows()
    .filter((row) => row.name.includes(filter))
    .flatMap((row) => measureRow(row, options));
}
