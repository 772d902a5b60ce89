import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { openHttpUpstream, type Upstream } from "../forward/upstreams.ts";
import { type Sidecar, startSidecar } from "./sidecar.ts";

const MAIL = "canary@example.com";

async function setUp(t: TestContext, yaml: string): Promise<{ upstream: Upstream; sidecar: Sidecar }> {
  const upstream = await openHttpUpstream();
  t.after(() => upstream.close());
  const cwd = createDirectory(t);
  writeFileSync(
    join(cwd, "coresdk-sidecar.yaml"),
    `otel: { endpoint: "${upstream.settings.endpoint}", protocol: http/protobuf }\n${yaml}`,
  );
  return { upstream, sidecar: await startSidecar(t, [], { cwd }) };
}

async function post(sidecar: Sidecar, signal: string, body: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${sidecar.http}/v1/${signal}`, { method: "POST", headers, body });
  await response.arrayBuffer();
  return response.status;
}

function spans(name: string): string {
  const attributes = [{ key: "db.password", value: { stringValue: "hunter2" } }];
  return JSON.stringify({
    resourceSpans: [
      { scopeSpans: [{ spans: [{ name, attributes, startTimeUnixNano: "1773930900000000000" }] }] },
    ],
  });
}

function logs(...records: readonly object[]): string {
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] });
}

const other = { body: { stringValue: `mail ${MAIL}` } };
const event = { ...other, eventName: "com.acme.order.created" };

test("what signals names is masked on its way to the upstream, and what is clean keeps its bytes", async (t) => {
  const { upstream, sidecar } = await setUp(t, "masking: { signals: [events, logs, traces] }\n");
  assert.match(
    sidecar.banner,
    /masked +events, logs, traces; forwarded as they came: metrics \(masking\.signals\)\n/,
  );
  const clean = `${logs({ body: { stringValue: "clean" } })}  \n`;
  const metrics = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: MAIL }] }] }] });
  assert.equal(await post(sidecar, "traces", spans(`mail to ${MAIL}`)), 200);
  assert.equal(await post(sidecar, "logs", logs(other, event)), 200);
  assert.equal(await post(sidecar, "logs", clean), 200);
  assert.equal(await post(sidecar, "metrics", metrics), 200);
  assert.equal(await post(sidecar, "traces", '{"resourceSpans":'), 400);
  const came = upstream.came.map(({ message }) => message.toString());
  assert.equal(came.length, 4);
  assert.match(came[0] ?? "", /"name":"mail to \[REDACTED\]"/);
  assert.doesNotMatch(came[0] ?? "", /canary|hunter2/);
  assert.equal(came[1], logs(other).replace(MAIL, "[REDACTED]"));
  assert.equal(came[2], clean);
  assert.equal(came[3], metrics);
  const scraped = await (await fetch(`${sidecar.admin}/metrics`)).text();
  assert.match(scraped, /coresdk_forward_masked_total\{[^}]*signal="traces"[^}]*\} 1/);
});

test("without signals, other records go on as they came, and events alone are masked", async (t) => {
  const { upstream, sidecar } = await setUp(t, "cloud_events: { keep_in_otlp: true }\n");
  assert.match(sidecar.banner, /masked +events; forwarded as they came: logs, traces, metrics/);
  assert.equal(await post(sidecar, "logs", logs(other)), 200);
  assert.equal(await post(sidecar, "logs", logs(event)), 200);
  assert.equal(await post(sidecar, "traces", spans(MAIL)), 200);
  const [first, second, third] = upstream.came.map(({ message }) => message.toString());
  assert.equal(first, logs(other));
  assert.equal(second, logs(event).replace(MAIL, "[REDACTED]"));
  assert.equal(third, spans(MAIL));
});

test("nothing of an event is in the store, the logs or the metrics as it came", async (t) => {
  const { sidecar } = await setUp(t, "log: { level: debug }\n");
  const attributes = [
    { key: "tenant.id", value: { stringValue: "acme" } },
    { key: "user.id", value: { stringValue: MAIL } },
    { key: `of ${MAIL}`, value: { stringValue: "x" } },
  ];
  assert.equal(
    await post(sidecar, "logs", logs({ ...event, attributes }, { ...event, eventName: `${MAIL}\n` })),
    200,
  );
  assert.equal(await post(sidecar, "logs", `{"${MAIL}`), 400);
  const metrics = await (await fetch(`${sidecar.admin}/metrics`)).text();
  const ready = await (await fetch(`${sidecar.admin}/readyz?verbose`)).text();
  const stored = readdirSync(sidecar.dataDir, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(sidecar.dataDir, name)).toString("latin1"))
    .join("\n");
  assert.match(stored, /REDACTED/);
  for (const text of [stored, metrics, ready, sidecar.stdout(), sidecar.stderr()])
    assert.doesNotMatch(text, /canary/);
});
