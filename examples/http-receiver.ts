/**
 * Receives CloudEvents over HTTP with nothing but Node: single events in structured and binary mode, and batches.
 *
 *   node http-receiver.ts                  listens on http://127.0.0.1:8080
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { CloudEvent } from "@coresdk/cloudevents";
import { CloudEventError } from "@coresdk/cloudevents";
import { decodeBatch } from "@coresdk/cloudevents/http";

const MAX_BODY_BYTES = 1024 * 1024;

/** Who may send here, and how many requests a minute. */
const SENDERS = new Set(["events.acme.example"]);
const REQUESTS_A_MINUTE = "6000";

/** What is no event at all, or one in a format that is not known here ("HTTP 1.1 Web Hooks", section 2.2). */
const NOT_UNDERSTOOD = new Set<string>(["not_a_cloudevent", "unsupported_media_type"]);

const server = createServer((request, response) => {
  receive(request, response).catch((error: unknown) => {
    // The sender went away in the middle of its request: nobody is left to answer, and it will send again.
    if (request.destroyed && !request.complete) return;
    console.error(error);
    // So that it sends again, when the handler has a fault.
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "OPTIONS") {
    allow(request, response);
    return;
  }
  if (request.method !== "POST") {
    response.writeHead(405, { allow: "POST, OPTIONS" }).end();
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: "close" }).end();
    return;
  }
  try {
    const { events, errors } = decodeBatch({ headers: request.headers, body });
    if (errors.length > 0) {
      // An answer of 4xx sends nothing again: the sender keeps what was turned down as a dead letter.
      response.writeHead(400).end(errors.map(({ message }) => message).join("\n"));
      return;
    }
    for (const event of events) handle(event);
    response.writeHead(204).end();
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
    response.writeHead(NOT_UNDERSTOOD.has(error.code) ? 415 : 400).end(error.message);
  }
}

/** A sender that asks before it sends ("HTTP 1.1 Web Hooks for Event Delivery", section 4) takes silence for a no. */
function allow(request: IncomingMessage, response: ServerResponse): void {
  const origin = String(request.headers["webhook-request-origin"] ?? "").toLowerCase();
  const permission = SENDERS.has(origin)
    ? { "webhook-allowed-origin": origin, "webhook-allowed-rate": REQUESTS_A_MINUTE }
    : {};
  response.writeHead(200, { allow: "POST, OPTIONS", ...permission }).end();
}

/** Delivery is at least once: the same source and id are the same event, and a real handler looks at them. */
function handle(event: CloudEvent): void {
  switch (event.type) {
    case "io.coresdk.policy.decision":
      console.log("decision", event.subject, JSON.stringify(event.data));
      break;
    case "io.coresdk.auth.denied":
      console.log("denied", event.subject, JSON.stringify(event.data));
      break;
    default:
      console.log("event", event.type, event.id);
  }
}

/** The body, or `undefined` when it is larger than what is taken here. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  const address = server.address();
  console.log("listening on", typeof address === "object" ? `http://127.0.0.1:${address?.port}` : address);
});
process.once("SIGTERM", () => server.close());
