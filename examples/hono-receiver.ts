/**
 * Receives CloudEvents with Hono. Everything but the last lines also runs on Deno, Bun and in workers.
 *
 *   node hono-receiver.ts                  listens on http://127.0.0.1:8080/events
 */
import { CloudEventError } from "@coresdk/cloudevents";
import { decodeBatch } from "@coresdk/cloudevents/http";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

const app = new Hono();

app.post("/events", bodyLimit({ maxSize: 1024 * 1024 }), async (c) => {
  try {
    const { events, errors } = decodeBatch({ headers: c.req.raw.headers, body: await c.req.arrayBuffer() });
    if (errors.length > 0) return c.text(errors.map(({ message }) => message).join("\n"), 400);
    for (const event of events) console.log(event.type, event.subject, JSON.stringify(event.data));
    return c.body(null, 204);
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
    const isForeign = error.code === "not_a_cloudevent" || error.code === "unsupported_media_type";
    return c.text(error.message, isForeign ? 415 : 400);
  }
});

const server = serve(
  { fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env["PORT"] ?? 8080) },
  ({ port }) => {
    console.log("listening on", `http://127.0.0.1:${port}/events`);
  },
);
process.once("SIGTERM", () => server.close());
