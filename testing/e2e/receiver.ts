/** A real HTTP server that takes CloudEvents and remembers what came, byte for byte. */
import { createServer, type IncomingHttpHeaders } from "node:http";

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The events of a structured or batched request, as parsed JSON. */
  readonly events: readonly ReceivedEvent[];
}

/** An event as it stood in the request: JSON, not validated. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject?: string;
  readonly time?: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

/** What to answer a request with: a status, or `"hold"` to leave it without an answer. */
export type Answer = (request: ReceivedRequest, count: number) => number | "hold";

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** The events of all requests answered with 2xx, in the order of arrival. */
  readonly events: readonly ReceivedEvent[];
  /** Resolves once that many events were taken, or that fulfil the condition. */
  until(enough: number | ((events: readonly ReceivedEvent[]) => boolean)): Promise<readonly ReceivedEvent[]>;
  /** Resolves once that many requests came, whatever the answer. */
  untilRequests(count: number): Promise<void>;
  /** Answers from now on. */
  answer(answer: Answer): void;
  close(): Promise<void>;
}

/** Listens on a free port of this machine, or on the given one. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const events: ReceivedEvent[] = [];
  const waiting = new Set<() => void>();
  let answer: Answer = () => 202;
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", () => {
      const body = Buffer.concat(chunks);
      const { method = "", url: path = "", headers } = message;
      const request = {
        method,
        path,
        headers,
        body,
        events: parseEvents(headers["content-type"] ?? "", body),
      };
      requests.push(request);
      const status = answer(request, requests.length);
      if (status !== "hold") {
        if (status >= 200 && status < 300) events.push(...request.events);
        response.writeHead(status).end();
      }
      for (const check of [...waiting]) check();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : 0;

  const wait = (reached: () => boolean): Promise<void> => {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!reached()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  };
  return {
    url: `http://127.0.0.1:${bound}/ingest`,
    port: bound,
    requests,
    events,
    async until(enough) {
      await wait(() => (typeof enough === "number" ? events.length >= enough : enough(events)));
      return events;
    },
    untilRequests: (count) => wait(() => requests.length >= count),
    answer(next) {
      answer = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parseEvents(contentType: string, body: Buffer): readonly ReceivedEvent[] {
  if (!contentType.startsWith("application/cloudevents")) return [];
  const parsed: ReceivedEvent | ReceivedEvent[] = JSON.parse(body.toString("utf8"));
  return Array.isArray(parsed) ? parsed : [parsed];
}
