import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { run } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";
import { logsRequest, parseLines, postLogs, type Sidecar, startSidecar } from "../daemon/sidecar.ts";

const EVENTS = "cloud_events: { customer_egress_policy: acme/cloudevents-egress }\n";
/** A machine that has much else to do must not make a good policy late. */
const CONFIG = `${EVENTS}policy: { deadline: 10s }\n`;
const HOSTILE_CONFIG = `${EVENTS}policy: { deadline: 1s }\n`;

function moduleOf(rules: string): string {
  return `package acme["cloudevents-egress"]\n\n${rules}\n`;
}

const OK = moduleOf('allow if startswith(input.event_type, "ok.")');

/** A directory with a configuration that asks for a policy, and this one. */
function createSetting(t: TestContext, rego: string | undefined, config = CONFIG): string {
  const cwd = createDirectory(t);
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), config);
  if (rego !== undefined) writePolicy(cwd, rego);
  return cwd;
}

function writePolicy(cwd: string, rego: string): void {
  mkdirSync(join(cwd, "policies"), { recursive: true });
  writeFileSync(join(cwd, "policies", "egress.rego"), rego);
}

/** The types that are stored. */
async function storedTypes(t: TestContext, { cwd }: Sidecar): Promise<string[]> {
  const { stdout } = await run(t, ["tap", "--no-follow"], { cwd });
  return parseLines(stdout).map((event) => String(Reflect.get(event, "type")));
}

interface PolicyDetails {
  readonly state: string;
  readonly reason: string;
  readonly refused: string;
}

async function readPolicy({ admin }: Sidecar): Promise<PolicyDetails> {
  const response = await fetch(`${admin}/readyz?verbose`);
  const { policy }: { policy: PolicyDetails } = Object(await response.json());
  return policy;
}

/** Asks until it is so: the log says the same thing only every ten seconds. */
async function untilPolicy(sidecar: Sidecar, isSo: (policy: PolicyDetails) => boolean): Promise<void> {
  while (!isSo(await readPolicy(sidecar)));
}

async function post(sidecar: Sidecar, ...types: readonly string[]): Promise<void> {
  const response = await postLogs(sidecar.http, ...types.map((type, i) => ({ type, uid: `${type}-${i}` })));
  assert.equal(response.status, 200, await response.text());
}

test("only what the policy allows is stored, the rest is acknowledged and counted by type", async (t) => {
  const sidecar = await startSidecar(t, [], { cwd: createSetting(t, OK) });
  assert.match(sidecar.banner, /policy +acme\/cloudevents-egress in \S+\/policies\n/);
  await post(sidecar, "ok.a", "no.b", "no.b");
  assert.deepEqual(await storedTypes(t, sidecar), ["ok.a"]);
  const metrics = await (await fetch(`${sidecar.admin}/metrics`)).text();
  assert.match(metrics, /coresdk_events_denied\S*\{[^}]*type="no\.b"[^}]*\} 2/);
  const { state, reason } = await readPolicy(sidecar);
  assert.equal(state, "ready");
  assert.match(reason, /allow is undefined/);
  const { stdout } = await run(t, ["status"], { cwd: sidecar.cwd });
  assert.match(stdout, /policy +acme\/cloudevents-egress ready/);
});

test("tap --stage denied shows denied events as they would leave, and only those", async (t) => {
  const sidecar = await startSidecar(t, [], { cwd: createSetting(t, OK) });
  const tapped = run(t, ["tap", "--stage", "denied", "--limit", "2"], { cwd: sidecar.cwd });
  let code: number | string | undefined;
  void tapped.then((ended) => {
    code = ended.code;
  });
  // The reader connects at some time; from then on it sees what is denied.
  while (code === undefined) await post(sidecar, "ok.a", "no.b");
  const { stdout, stderr } = await tapped;
  const types = parseLines(stdout).map((event) => Reflect.get(event, "type"));
  assert.deepEqual([code, types, stderr], [0, ["no.b", "no.b"], ""]);
  assert.ok((await storedTypes(t, sidecar)).every((type) => type === "ok.a"));
});

test("--dry-run lets everything out, and reports what would be denied", async (t) => {
  const sidecar = await startSidecar(t, ["--dry-run"], { cwd: createSetting(t, OK) });
  assert.match(sidecar.banner, /on trial/);
  await post(sidecar, "ok.a", "no.b");
  assert.deepEqual(await storedTypes(t, sidecar), ["ok.a", "no.b"]);
  await sidecar.wait("stderr", /would keep back/);
  const metrics = await (await fetch(`${sidecar.admin}/metrics`)).text();
  assert.match(metrics, /coresdk_events_would_be_denied\S*\{[^}]*type="no\.b"[^}]*\} 1/);
  assert.doesNotMatch(metrics, /coresdk_events_denied\S*\{/);
});

test("policies that do not compile are an error of the configuration, with file, line and column", async (t) => {
  const cwd = createSetting(t, moduleOf("allow if x > 1"));
  for (const args of [[], ["validate"]]) {
    const { code, stderr } = await run(t, args, { cwd });
    assert.equal(code, 78);
    assert.match(stderr, /^policies\/egress\.rego:3:\d+: .*\n {2}3 \| allow if x > 1\n {4}\| +\^\n$/);
  }
});

test("a policy that breaks while the sidecar runs leaves the old one in force, also when the configuration is reloaded", async (t) => {
  const sidecar = await startSidecar(t, [], { cwd: createSetting(t, OK) });
  writePolicy(sidecar.cwd, moduleOf("allow if {"));
  await sidecar.wait("stderr", /could not be loaded: .*egress\.rego:\d+:\d+: /);
  assert.match((await readPolicy(sidecar)).refused, /egress\.rego:\d+:\d+: /);
  // Other settings can change meanwhile.
  writeFileSync(join(sidecar.cwd, "coresdk-sidecar.yaml"), `tenant: acme\n${CONFIG}`);
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /the configuration is reloaded/);
  await post(sidecar, "ok.a", "no.b");
  assert.deepEqual(await storedTypes(t, sidecar), ["ok.a"]);
  // A new policy cannot be asked for out of broken files.
  writeFileSync(join(sidecar.cwd, "coresdk-sidecar.yaml"), CONFIG.replace("acme/", "other/"));
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /the old one stays in force: .*egress\.rego:\d+:\d+: /);
  await post(sidecar, "ok.c", "no.d");
  assert.deepEqual(await storedTypes(t, sidecar), ["ok.a", "ok.c"]);
  writePolicy(sidecar.cwd, moduleOf('allow if input.event_type == "no.d"'));
  await untilPolicy(sidecar, ({ refused }) => refused === "");
  await post(sidecar, "ok.e", "no.d");
  assert.deepEqual(await storedTypes(t, sidecar), ["ok.a", "ok.c", "no.d"]);
});

test("a policy that is asked for or dropped by a reload takes force with it", async (t) => {
  const cwd = createSetting(t, OK, "tenant: acme\n");
  const sidecar = await startSidecar(t, [], { cwd });
  await post(sidecar, "no.1");
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), CONFIG);
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /is reloaded/);
  await post(sidecar, "no.2", "ok.2");
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), "tenant: acme\n");
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /is reloaded[\s\S]*is reloaded/);
  await post(sidecar, "no.3");
  assert.deepEqual(await storedTypes(t, sidecar), ["no.1", "ok.2", "no.3"]);
  assert.equal(await readPolicy(sidecar), undefined);
});

test("without the folder every event is denied, until it is there and once it is gone", async (t) => {
  const sidecar = await startSidecar(t, [], { cwd: createSetting(t, undefined) });
  await sidecar.wait("stderr", /is not there: every event is denied/);
  await post(sidecar, "ok.1");
  assert.equal((await readPolicy(sidecar)).state, "denying");
  writePolicy(sidecar.cwd, OK);
  await untilPolicy(sidecar, ({ state }) => state === "ready");
  await post(sidecar, "ok.2");
  rmSync(join(sidecar.cwd, "policies"), { recursive: true });
  await untilPolicy(sidecar, ({ state }) => state === "denying");
  await post(sidecar, "ok.3");
  assert.deepEqual(await storedTypes(t, sidecar), ["ok.2"]);
  const { stdout } = await run(t, ["status"], { cwd: sidecar.cwd });
  assert.match(stdout, /policy +acme\/cloudevents-egress denying: .* is not there/);
});

const hostile: readonly [name: string, rules: string][] = [
  [
    "endless",
    "r := numbers.range(1, 3000)\nallow if count([1 | some i in r; some j in r; some k in r; i + j == k]) > 0",
  ],
  ["of a call that takes minutes", 'allow if json.unmarshal("1e2000000000") > 1'],
  ["of a huge range", "allow if count(numbers.range(1, 100000000)) > 0"],
];

for (const [name, rules] of hostile) {
  test(`a policy ${name} neither stalls intake nor ends the process, and a good one takes its place`, async (t) => {
    const sidecar = await startSidecar(t, [], { cwd: createSetting(t, moduleOf(rules), HOSTILE_CONFIG) });
    assert.equal((await readPolicy(sidecar)).state, "denying");
    // Each is answered, and denied, though every one of them meets the deadline.
    await Promise.all(Array.from({ length: 4 }, (_, i) => post(sidecar, `ok.${i}`, `ok.${i}.b`)));
    assert.deepEqual(await storedTypes(t, sidecar), []);
    await sidecar.wait("stderr", /gave no decision/);
    writePolicy(sidecar.cwd, OK);
    await untilPolicy(sidecar, ({ state }) => state === "ready");
    await post(sidecar, "ok.good", "no.good");
    assert.deepEqual(await storedTypes(t, sidecar), ["ok.good"]);
    sidecar.child.kill("SIGTERM");
    assert.equal(await sidecar.ended, 0);
  });
}

test("nothing of a denied event is in the log or the store", async (t) => {
  const cwd = createSetting(t, moduleOf('allow := input.subject\nallow := "x" if input.event_type'));
  const sidecar = await startSidecar(t, ["--log-level", "debug"], { cwd });
  const response = await fetch(`${sidecar.http}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: logsRequest({ type: "canary.type", tenant: "canary-tenant", uid: "canary-uid" }),
  });
  assert.equal(response.status, 200);
  await sidecar.wait("stderr", /gave no decision/);
  sidecar.child.kill("SIGTERM");
  assert.equal(await sidecar.ended, 0);
  assert.doesNotMatch(sidecar.stderr() + sidecar.stdout(), /canary/);
});
