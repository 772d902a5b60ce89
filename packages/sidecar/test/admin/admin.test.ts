import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { type Admin, type AdminPorts, openAdmin } from "../../src/admin/admin.ts";

const READY: AdminPorts = {
  readiness: () => ({ ready: true, reason: "" }),
  details: async () => ({ sinks: [] }),
  metrics: async () => "a_total 1\n",
};

async function open(t: TestContext, ports: AdminPorts = READY): Promise<{ admin: Admin; base: string }> {
  const admin = await openAdmin({ host: "127.0.0.1", port: 0 }, ports);
  t.after(() => admin.close());
  return { admin, base: `http://127.0.0.1:${admin.address.port}` };
}

async function get(
  url: string,
  init?: RequestInit,
): Promise<readonly [status: number, type: string | null, body: string]> {
  const response = await fetch(url, init);
  return [response.status, response.headers.get("content-type"), await response.text()];
}

test("livez, readyz and metrics answer", async (t) => {
  const { base } = await open(t);
  assert.deepEqual(await get(`${base}/livez`), [200, "text/plain; charset=utf-8", "ok\n"]);
  assert.deepEqual(await get(`${base}/readyz`), [200, "text/plain; charset=utf-8", "ok\n"]);
  assert.deepEqual(await get(`${base}/metrics`), [
    200,
    "text/plain; version=0.0.4; charset=utf-8",
    "a_total 1\n",
  ]);
});

test("readyz is 200 for events while the upstream refuses the rest, and says so", async (t) => {
  const remark = "what is no event may be refused, the upstream fails: ECONNREFUSED";
  const { base } = await open(t, { ...READY, readiness: () => ({ ready: true, reason: "", remark }) });
  assert.deepEqual(await get(`${base}/readyz`), [200, "text/plain; charset=utf-8", `ok; ${remark}\n`]);
});

test("readyz is 503 with the reason while exports are refused, and livez is not", async (t) => {
  const { base } = await open(t, {
    ...READY,
    readiness: () => ({ ready: false, reason: "the queue is full" }),
  });
  assert.deepEqual(await get(`${base}/readyz`), [
    503,
    "text/plain; charset=utf-8",
    "not ready: the queue is full\n",
  ]);
  const [status, type, body] = await get(`${base}/readyz?verbose`);
  assert.deepEqual([status, type], [503, "application/json"]);
  assert.deepEqual(JSON.parse(body), { ready: false, reason: "the queue is full", sinks: [] });
  assert.equal((await get(`${base}/livez`))[0], 200);
});

test("anything else is not there, and nothing is changed over this port", async (t) => {
  const { base } = await open(t);
  assert.equal((await get(`${base}/`))[0], 404);
  assert.equal((await get(`${base}/metrics/../../etc/passwd`))[0], 404);
  assert.equal((await get(`${base}/readyz`, { method: "POST", body: "x" }))[0], 405);
  assert.deepEqual(await get(`${base}/livez`, { method: "HEAD" }), [200, "text/plain; charset=utf-8", ""]);
});

test("a figure that cannot be read is a failure of that answer alone", async (t) => {
  const { base } = await open(t, { ...READY, metrics: () => Promise.reject(new Error("secret detail")) });
  assert.deepEqual(await get(`${base}/metrics`), [500, "text/plain; charset=utf-8", "failed\n"]);
  assert.equal((await get(`${base}/readyz`))[0], 200);
});

test("what is no HTTP does not end it", async (t) => {
  const { admin, base } = await open(t);
  for (const text of [
    "\u0000\u0001\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    `GET /${"x".repeat(20_000)} HTTP/1.1\r\n\r\n`,
    "GET // HTTP/1.1\r\nhost: [\r\nconnection: close\r\n\r\n",
  ]) {
    const socket = connect(admin.address.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.end(text);
    socket.resume();
    await once(socket, "close");
  }
  assert.equal((await get(`${base}/livez`))[0], 200);
});

test("clients that never finish a request, or never read, keep nobody from asking", async (t) => {
  const metrics = "a_total 1\n".repeat(100_000);
  const { admin, base } = await open(t, { ...READY, metrics: async () => metrics });
  const hostile = [];
  for (let i = 0; i < 200; i++) {
    const socket = connect(admin.address.port, "127.0.0.1");
    socket.on("error", () => {});
    // Nothing reads what comes back.
    socket.write(
      i % 2 === 0 ? "GET /livez HTTP/1.1\r\nhost: x\r\nx: " : "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n",
    );
    hostile.push(once(socket, "connect"));
    t.after(() => socket.destroy());
  }
  await Promise.all(hostile);
  assert.equal((await get(`${base}/livez`))[0], 200);
});

test("requests in a row are answered one after the other, and end the connection when there are many", async (t) => {
  const held = Promise.withResolvers<string>();
  let asked = 0;
  const { admin } = await open(t, {
    ...READY,
    metrics: () => {
      asked += 1;
      return held.promise;
    },
  });
  const socket = connect(admin.address.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  socket.write("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_000));
  await once(socket, "close");
  assert.equal(asked, 1);
  held.resolve("");
});

test("an expectation goes round none of this: an unknown one is 417 and ends the connection", async (t) => {
  const { admin } = await open(t);
  for (const [expectation, status] of [
    ["foo", 417],
    ["100-continue", 200],
  ] as const) {
    const socket = connect(admin.address.port, "127.0.0.1");
    socket.on("error", () => {});
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const request = `GET /livez HTTP/1.1\r\nhost: x\r\nexpect: ${expectation}\r\n`;
    socket.write(`${request}\r\n${request}connection: close\r\n\r\n`);
    await once(socket, "close");
    const statuses = [
      ...Buffer.concat(chunks)
        .toString()
        .matchAll(/HTTP\/1\.1 (\d+)/g),
    ].map(([, it]) => it);
    assert.deepEqual(statuses, [String(status)]);
  }
});

test("a taken port is the system's error", async (t) => {
  const { admin } = await open(t);
  await assert.rejects(openAdmin(admin.address, READY), { code: "EADDRINUSE" });
});
