import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { openReceiver } from "../receiver.ts";
import { run } from "./process.ts";

const EVENT = ["--type", "t", "--source", "/s", "--id", "1", "--time", "2026-01-02T03:04:05Z"];

for (const mode of ["structured", "binary"]) {
  test(`what --dry-run prints is what is sent, in ${mode} mode`, async (t) => {
    const { url: endpoint, requests } = await openReceiver(t, 202);
    const url = `${endpoint}?x=1`;
    const args = [
      "send",
      url,
      ...EVENT,
      "--mode",
      mode,
      "--data",
      '{"total":9.5}',
      "--extension",
      "partitionkey=é",
      "--header",
      "X-A: b",
    ];
    const cwd = createDirectory(t);
    const dry = await run(t, [...args, "--dry-run"], { cwd });
    assert.equal(dry.code, 0, dry.stderr);
    assert.equal(requests.length, 0);
    const sent = await run(t, args, { cwd });
    assert.deepEqual([sent.code, sent.stdout], [0, "delivered 1\n"], sent.stderr);
    const [message] = requests;
    assert.ok(message !== undefined);
    const [head = "", body] = dry.stdout.split("\n\n");
    const [line, ...headers] = head.split("\n");
    assert.equal(line, `POST ${message.path} HTTP/1.1`);
    assert.equal(body, message.body.toString());
    for (const header of headers) {
      const [name = "", value] = header.split(/: (.*)/s);
      // The secret value of a header is nobody's but the peer's.
      if (name === "x-a") assert.deepEqual([value, message.headers[name]], ["***", "b"]);
      else assert.equal(message.headers[name], value, name);
    }
  });
}

for (const mode of ["structured", "binary"]) {
  test(`the digits of an integer stay as they were typed, in ${mode} mode`, async (t) => {
    const { url, requests } = await openReceiver(t);
    const cwd = createDirectory(t);
    const data = '{"big":12345678901234567890,"least":-9007199254740993,"small":5}';
    const args = ["send", url, ...EVENT, "--mode", mode, "--data", data];
    const dry = await run(t, [...args, "--dry-run"], { cwd });
    assert.ok(dry.stdout.includes(data), dry.stdout);
    assert.equal((await run(t, args, { cwd })).code, 0);
    assert.ok(requests[0]?.body.toString().includes(data));
  });
}

test("an integer of very many digits is refused", async (t) => {
  const args = ["send", "http://h/", "--dry-run", "--data", "9".repeat(1_001)];
  const { code, stderr } = await run(t, args, { cwd: createDirectory(t) });
  assert.deepEqual([code, stderr], [2, "error: --data: an integer of more than 1000 digits\n"]);
});

test("the configured sink's content mode counts, and --mode goes before it", async (t) => {
  const { url, requests } = await openReceiver(t);
  const cwd = createDirectory(t);
  const file = `cloud_events: { http: { endpoint: "${url}", content_mode: binary } }\n`;
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), file);
  for (const args of [[], ["--mode", "structured"], [url]]) {
    assert.equal((await run(t, ["send", ...args, ...EVENT], { cwd })).code, 0);
  }
  assert.deepEqual(
    requests.map(({ headers }) => headers["ce-type"] !== undefined),
    [true, false, false],
  );
});

test("data comes from standard input, as JSON, text or bytes", async (t) => {
  const { url, requests } = await openReceiver(t);
  const cwd = createDirectory(t);
  await run(t, ["send", url, ...EVENT, "--data", "-"], { cwd, input: "[1,2]" });
  await run(t, ["send", url, ...EVENT, "--data", "-", "--content-type", "text/plain"], { cwd, input: "hi" });
  const data = requests.map(({ body }): unknown => Reflect.get(Object(JSON.parse(body.toString())), "data"));
  assert.deepEqual(data, [[1, 2], "hi"]);
});

test("each attribute of an event has its flag", async (t) => {
  const { url, requests } = await openReceiver(t);
  const cwd = createDirectory(t);
  const more = [
    "--subject",
    "s",
    "--dataschema",
    "https://schemas.example/order",
    "--content-type",
    "text/xml",
  ];
  await run(t, ["send", url, ...EVENT, ...more, "--extension", "sequence=1"], { cwd });
  assert.deepEqual(JSON.parse(requests[0]?.body.toString() ?? ""), {
    specversion: "1.0",
    type: "t",
    source: "/s",
    id: "1",
    time: "2026-01-02T03:04:05Z",
    subject: "s",
    dataschema: "https://schemas.example/order",
    datacontenttype: "text/xml",
    sequence: "1",
  });
  const wrong = await run(t, ["send", url, ...EVENT, "--dataschema", "no uri"], { cwd });
  assert.deepEqual([wrong.code, requests.length], [2, 1]);
  assert.match(wrong.stderr, /dataschema/);
});

test("a receiver that refuses is a failure with its reason", async (t) => {
  const { url } = await openReceiver(t, 422);
  const { code, stderr } = await run(t, ["send", url, ...EVENT], { cwd: createDirectory(t) });
  assert.equal(code, 1);
  assert.match(stderr, /^error: not delivered: .*422/);
});

test("without a destination the event goes to the configuration's sink, with its headers", async (t) => {
  const { url, requests } = await openReceiver(t);
  const environment = { CORESDK_HTTP_ENDPOINT: url, CORESDK_HTTP_HEADERS: "Authorization=Bearer s3cret" };
  const { code, stdout } = await run(t, ["send", ...EVENT], { cwd: createDirectory(t), environment });
  assert.deepEqual([code, stdout], [0, "delivered 1\n"]);
  assert.equal(requests[0]?.headers.authorization, "Bearer s3cret");
});

test("a dry run for Kafka prints topic, key, headers and value", async (t) => {
  const args = [
    "send",
    "--kafka",
    "127.0.0.1:1",
    "--topic",
    "events",
    ...EVENT,
    "--subject",
    "42",
    "--data",
    "1",
    "--dry-run",
  ];
  const { code, stdout } = await run(t, args, { cwd: createDirectory(t) });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^topic: events\nkey: 42\nheader content-type: application\/cloudevents\+json; charset=UTF-8\n/,
  );
  assert.match(stdout, /\nheader ce_type: t\n/);
  assert.match(stdout, /\n\n\{"specversion":"1\.0".*"data":1\}$/);
});
