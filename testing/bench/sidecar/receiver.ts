/** Where the events arrive: an HTTP server that takes CloudEvents batches and counts the events by their ids. */
import { createServer, type IncomingMessage } from "node:http";
import { answerQuestions } from "./worker.ts";

export type ReceiverQuestion =
  | { readonly kind: "url" }
  /** Forgets what came. */
  | { readonly kind: "reset" }
  /** Waits until so many different events have come. */
  | { readonly kind: "await"; readonly events: number }
  /** The events of the last batches, as texts. */
  | { readonly kind: "sample" };

export interface ReceiverAnswer {
  readonly url: string;
  /** Different events. */
  readonly events: number;
  /** Events that came once more. */
  readonly repeated: number;
  readonly sample: readonly string[];
}

/** Nothing new for so long ends the waiting: then something is lost. */
const patienceMs = 20_000;
const keptBatches = 50;

const ids = new Set<string>();
let repeated = 0;
let lastBatches: string[] = [];
let newsAt = performance.now();
let waiting: { readonly events: number; readonly done: () => void } | undefined;

const server = createServer((request, response) => {
  readBody(request).then(
    (body) => {
      take(body);
      response.writeHead(204).end();
    },
    () => response.destroy(),
  );
});

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function take(body: string): void {
  // One event alone comes in structured mode, without an array around it.
  const sent: { readonly id: string } | readonly { readonly id: string }[] = JSON.parse(body);
  for (const { id } of [sent].flat()) {
    if (ids.has(id)) repeated++;
    else ids.add(id);
  }
  lastBatches.push(body);
  if (lastBatches.length === 2 * keptBatches) lastBatches = lastBatches.slice(keptBatches);
  newsAt = performance.now();
  if (waiting !== undefined && ids.size >= waiting.events) waiting.done();
}

async function answer(question: ReceiverQuestion): Promise<ReceiverAnswer> {
  if (question.kind === "reset") {
    ids.clear();
    repeated = 0;
  } else if (question.kind === "await" && ids.size < question.events) {
    newsAt = performance.now();
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (performance.now() - newsAt > patienceMs) done();
      }, 1000);
      const done = (): void => {
        clearInterval(timer);
        waiting = undefined;
        resolve();
      };
      waiting = { events: question.events, done };
    });
  }
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const sample = question.kind === "sample" ? lastBatches.flatMap(eventsIn) : [];
  return { url: `http://127.0.0.1:${port}/events`, events: ids.size, repeated, sample };
}

function eventsIn(batch: string): string[] {
  const sent: unknown = JSON.parse(batch);
  return [sent].flat().map((event) => JSON.stringify(event));
}

server.listen(0, "127.0.0.1", () => answerQuestions(answer));
