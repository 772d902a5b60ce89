import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { listen } from "../../../../testing/listen.ts";
import { Engine } from "../../src/daemon/engine.ts";
import { load } from "../config/load.ts";
import { logsRequest } from "./sidecar.ts";

test("what a webhook target granted holds when the configuration is loaded again with another setting", async (t) => {
  const seen: string[] = [];
  let delivered = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    request.resume();
    seen.push(request.method ?? "");
    response.setHeader("WebHook-Allowed-Origin", "*").setHeader("WebHook-Allowed-Rate", "*");
    response.writeHead(request.method === "OPTIONS" ? 200 : 204).end();
    if (request.method === "POST") delivered.resolve();
  });
  const endpoint = `http://127.0.0.1:${await listen(server)}/in`;
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const settingsOf = (timeout: string) =>
    load(
      t,
      `cloud_events: { http: { endpoint: "${endpoint}", timeout: ${timeout}, webhook: { origin: a.example } } }\n`,
    ).settings;
  const before = settingsOf("10s");
  const changed = settingsOf("11s");
  const after = { ...changed, pipeline: { ...changed.pipeline, queue: before.pipeline.queue } };
  const onFatal = (error: Error): never => {
    throw error;
  };
  const engine = await Engine.open(before, { facts: { record: () => {} }, onFatal });
  t.after(() => engine.close(0));
  const request = Buffer.from(logsRequest({ type: "x" }));
  await engine.handle("logs", request, "json");
  await delivered.promise;
  delivered = Promise.withResolvers();
  await engine.replace(after, before);
  await engine.handle("logs", request, "json");
  await delivered.promise;
  assert.deepEqual(seen, ["OPTIONS", "POST", "POST"]);
});
