import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listVariables } from "../../src/config/environment.ts";
import { listSearchPath } from "../../src/config/find-file.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createDirectory, load, loadError } from "./load.ts";

const FILE = "tenant: file\ncloud_events: { http: { endpoint: 'http://file', batch_size: 2 } }\n";

function endpointOf(config: ReturnType<typeof load>): unknown {
  const [sink] = config.settings.pipeline.sinks;
  return sink?.kind === "http" ? sink.endpoint : undefined;
}

test("a flag goes before a variable, a variable before the file, the file before the default", (t) => {
  const environment = { CORESDK_CLOUD_EVENTS_HTTP_ENDPOINT: "http://variable" };
  const flags = { http: "http://flag" };
  assert.equal(endpointOf(load(t, FILE)), "http://file");
  assert.equal(endpointOf(load(t, FILE, { environment })), "http://variable");
  assert.equal(endpointOf(load(t, FILE, { environment, flags })), "http://flag");
  assert.equal(endpointOf(load(t, "")), undefined);
});

test("a variable sets its key and leaves its neighbours", (t) => {
  const { settings } = load(t, FILE, { environment: { CORESDK_HTTP_ENDPOINT: "http://variable" } });
  const [sink] = settings.pipeline.sinks;
  assert.ok(sink?.kind === "http");
  assert.equal(sink.batchSize, 2);
});

test("the flags of the first page make a whole configuration", (t) => {
  const http = load(t, undefined, { flags: { http: "https://e/in", source: "https://o", batchSize: "9" } });
  const [sink] = http.settings.pipeline.sinks;
  assert.ok(sink?.kind === "http");
  assert.deepEqual(
    [sink.endpoint, sink.batchSize, http.settings.pipeline.wrap.source],
    ["https://e/in", 9, "https://o"],
  );
  const kafka = load(t, FILE, { flags: { kafka: "a:1,b:2", topic: "events" } });
  const [topic] = kafka.settings.pipeline.sinks;
  assert.ok(topic?.kind === "kafka");
  assert.deepEqual([topic.brokers, topic.topic], [["a:1", "b:2"], "events"]);
  assert.match(loadError(t, undefined, { flags: { kafka: "a:1" } }), /kafka\.topic \(--topic\) is missing/);
});

test("every variable is named after its key, with or without CLOUD_EVENTS_", () => {
  const variables = listVariables();
  assert.deepEqual(variables.get("CORESDK_TENANT"), ["tenant"]);
  assert.deepEqual(variables.get("CORESDK_CLOUD_EVENTS_SOURCE"), ["cloud_events", "source"]);
  assert.deepEqual(variables.get("CORESDK_SOURCE"), ["cloud_events", "source"]);
  assert.deepEqual(variables.get("CORESDK_KAFKA_SASL_PASSWORD"), [
    "cloud_events",
    "kafka",
    "sasl",
    "password",
  ]);
  assert.deepEqual(variables.get("CORESDK_LOG_LEVEL"), ["log", "level"]);
  assert.deepEqual(variables.get("CORESDK_POLICY_DIR"), ["policy", "dir"]);
  assert.deepEqual(variables.get("CORESDK_OTEL_ENDPOINT"), ["otel", "endpoint"]);
  assert.equal(variables.get("CORESDK_CONFIG"), undefined);
  const paths = new Map<string, string[]>();
  for (const [name, path] of variables)
    paths.set(path.join("."), [...(paths.get(path.join(".")) ?? []), name]);
  for (const [path, names] of paths)
    assert.equal(names.length, path.startsWith("cloud_events.") ? 2 : 1, path);
});

test("lists and headers are read from variables", (t) => {
  const { settings } = load(t, undefined, {
    environment: {
      CORESDK_KAFKA_BROKERS: "a:1, b:2,",
      CORESDK_KAFKA_TOPIC: "t",
      CORESDK_EXTENSIONS: "severity,authcontext",
      CORESDK_OTEL_ENDPOINT: "http://up:4318",
      CORESDK_OTEL_HEADERS: "Authorization=Bearer%20x,X-A=1",
      CORESDK_KAFKA_TLS: "true",
      CORESDK_KAFKA_TLS_SERVERNAME: "name",
    },
  });
  const [sink] = settings.pipeline.sinks;
  assert.ok(sink?.kind === "kafka");
  assert.deepEqual([sink.brokers, sink.tls?.servername], [["a:1", "b:2"], "name"]);
  assert.deepEqual(settings.pipeline.wrap.extensions, ["severity", "authcontext"]);
  assert.deepEqual(
    settings.upstream?.headers.map(([name, value]) => [name, value.reveal()]),
    [
      ["Authorization", "Bearer x"],
      ["X-A", "1"],
    ],
  );
});

test("the SDK's name for the tenant is read too, an empty variable is none, and a mistyped one is named", (t) => {
  const tenant = (environment: Record<string, string>): unknown =>
    load(t, undefined, { environment }).settings.pipeline.wrap.tenant;
  assert.equal(tenant({ CORESDK_TENANT_ID: "a" }), "a");
  assert.equal(tenant({ CORESDK_TENANT_ID: "a", CORESDK_TENANT: "b" }), "b");
  assert.equal(tenant({ CORESDK_TENANT: "" }), undefined);
  assert.deepEqual(
    load(t, undefined, { environment: { CORESDK_TENNANT: "a", CORESDK_JWKS_URL: "x" } }).warnings,
    ["CORESDK_TENNANT is no variable of the sidecar; did you mean CORESDK_TENANT?"],
  );
});

test("a variable that is like no other is not taken for the nearest", (t) => {
  assert.deepEqual(load(t, undefined, { environment: { CORESDK_NOPE: "4" } }).warnings, []);
});

test("the file is looked for where it is documented, and the first one found is read", async (t) => {
  const name = "coresdk/coresdk-sidecar.yaml";
  for (const XDG_CONFIG_HOME of [undefined, "", "relative", "/x"]) {
    const personal = XDG_CONFIG_HOME === "/x" ? "/x" : join(homedir(), ".config");
    assert.deepEqual(listSearchPath({ XDG_CONFIG_HOME }, "/here"), [
      "/here/coresdk-sidecar.yaml",
      join(personal, name),
      join("/etc", name),
    ]);
  }
  const cwd = createDirectory(t);
  const xdg = createDirectory(t);
  const elsewhere = join(createDirectory(t), "mine.yaml");
  const other = join(createDirectory(t), "other.yaml");
  mkdirSync(join(xdg, "coresdk"));
  const tenantWith = async (flags: object, variables: Record<string, string>): Promise<unknown> => {
    const environment = { XDG_CONFIG_HOME: xdg, ...variables };
    const { settings } = await loadConfig({ flags: { ...flags }, environment, cwd });
    return settings.pipeline.wrap.tenant;
  };
  writeFileSync(join(xdg, "coresdk", "coresdk-sidecar.yaml"), "tenant: xdg\n");
  assert.equal(await tenantWith({}, {}), "xdg");
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), "tenant: here\n");
  assert.equal(await tenantWith({}, {}), "here");
  writeFileSync(elsewhere, "tenant: variable\n");
  assert.equal(await tenantWith({}, { CORESDK_CONFIG: elsewhere }), "variable");
  writeFileSync(other, "tenant: flag\n");
  assert.equal(await tenantWith({ config: other }, { CORESDK_CONFIG: elsewhere }), "flag");
});
