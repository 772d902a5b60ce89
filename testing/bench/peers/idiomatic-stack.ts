/**
 * The peer of the row `sidecar http`: the same job done the usual way. Express takes the requests, protobufjs
 * decodes them, the npm package `cloudevents` makes the events, and SQLite keeps each in a row of its own until
 * a receiver has taken it. It keeps the same promise: a request is answered once its events are synced to disk,
 * and a row goes once the batch that held it was answered with 2xx.
 *
 * Arguments: the receiver's URL, the directory of the store, the events a batch.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import express from "express";
import { answerQuestions } from "../sidecar/worker.ts";
import { eventsOf } from "./envelope.ts";

const [receiver = "", folder = "", batchSize = "100"] = process.argv.slice(2);
const source = "https://orders.acme.com";

const database = new DatabaseSync(join(folder, "events.sqlite"));
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
database.exec("CREATE TABLE IF NOT EXISTS events (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL)");
const insert = database.prepare("INSERT INTO events (event) VALUES (?)");
const oldest = database.prepare("SELECT sequence, event FROM events ORDER BY sequence LIMIT ?");
const remove = database.prepare("DELETE FROM events WHERE sequence <= ?");

let wake: () => void = () => {};

const app = express();
app.post("/v1/logs", express.raw({ type: "application/x-protobuf", limit: "64mb" }), (request, response) => {
  const events = eventsOf(request.body, source);
  database.exec("BEGIN");
  for (const event of events) insert.run(JSON.stringify(event));
  database.exec("COMMIT");
  wake();
  response.type("application/x-protobuf").send(Buffer.alloc(0));
});

async function deliver(): Promise<never> {
  for (;;) {
    const rows = oldest.all(Number(batchSize));
    if (rows.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const response = await fetch(receiver, {
      method: "POST",
      headers: { "content-type": "application/cloudevents-batch+json" },
      body: `[${rows.map((row) => row["event"]).join(",")}]`,
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
    });
    await response.arrayBuffer();
    if (response.ok) remove.run(rows.at(-1)?.["sequence"] ?? 0);
    else await delay(1000);
  }
}

const server = app.listen(0, "127.0.0.1", () => {
  answerQuestions(async () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return { origin: `http://127.0.0.1:${port}` };
  });
});
await deliver();
