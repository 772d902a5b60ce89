import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Ran, run } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";

const EGRESS = `package acme["cloudevents-egress"]

allow if {
  startswith(input.event_type, "com.acme.order.")
  input.tenant_id == data.tenant
}
`;

const ALLOWED = { event_type: "com.acme.order.created", source: "/orders", tenant_id: "acme" };
const DENIED = { event_type: "com.acme.internal", source: "/orders", tenant_id: "acme" };

function createFiles(t: TestContext, files: Readonly<Record<string, string | object>> = {}): string {
  const cwd = createDirectory(t);
  const all = { "p/egress.rego": EGRESS, "p/data.json": { tenant: "acme" }, ...files };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return cwd;
}

function policyTest(t: TestContext, cwd: string, ...args: readonly string[]): Promise<Ran> {
  return run(t, ["policy", "test", ...args], { cwd });
}

test("one input: what is decided and why; 1 when it is not what was expected", async (t) => {
  const cwd = createFiles(t, { "yes.json": ALLOWED, "no.json": DENIED });
  const yes = await policyTest(t, cwd, "p", "--input", "yes.json");
  assert.deepEqual(
    [yes.code, yes.stdout],
    [0, "ok      allow  yes.json: allow is true\n1 input, none failed\n"],
  );
  const no = await policyTest(t, cwd, "p", "--input", "no.json", "--expect", "allow");
  assert.equal(no.code, 1);
  assert.equal(no.stdout, "FAILED  deny   no.json: expected allow; allow is undefined\n1 input, 1 failed\n");
  assert.equal((await policyTest(t, cwd, "p", "--input", "no.json", "--expect", "deny")).code, 0);
});

test("a folder of fixtures: each one that fails is named, and files that are none fail", async (t) => {
  const cwd = createFiles(t, {
    "f/a-right.json": { input: ALLOWED, expect: "allow" },
    "f/b-wrong.json": { input: DENIED, expect: "allow" },
    "f/c-event.json": {
      specversion: "1.0",
      id: "1",
      type: "com.acme.order.paid",
      source: "/orders",
      subject: "tenant/acme/user/u1",
      data: {},
    },
    "f/d-broken.json": "{",
    "f/e-odd.json": { input: { ...ALLOWED, event_type: 7 }, expect: "maybe" },
    "f/f-foreign.json": { ...ALLOWED, action: "read" },
    "f/.hidden.json": "{",
    "f/readme.txt": "",
  });
  const { code, stdout, stderr } = await policyTest(t, cwd, "p", "--fixtures", "f", "--expect", "allow");
  assert.equal(code, 1);
  assert.equal(
    stdout,
    [
      "ok      allow  f/a-right.json: allow is true",
      "FAILED  deny   f/b-wrong.json: expected allow; allow is undefined",
      "ok      allow  f/c-event.json: allow is true",
      "FAILED  -      f/d-broken.json: is no JSON",
      "FAILED  -      f/e-odd.json: event_type must be text",
      "ok      allow  f/f-foreign.json: allow is true",
      "6 inputs, 3 failed",
      "",
    ].join("\n"),
  );
  assert.equal(stderr, "warning: f/f-foreign.json: action is nothing that an egress policy gets; left out\n");
});

test("the package is the flag's, else the configuration's, else the only one", async (t) => {
  const cwd = createFiles(t, { "yes.json": ALLOWED, "p/other.rego": "package acme.other\nallow := false\n" });
  const input = ["p", "--input", "yes.json"];
  const unclear = await policyTest(t, cwd, ...input);
  assert.equal(unclear.code, 2);
  assert.match(
    unclear.stderr,
    /--package says which to test: .*data\.acme\.other, data\.acme\["cloudevents-egress"\]/,
  );
  const flag = await policyTest(t, cwd, ...input, "--package", "acme/cloudevents-egress");
  assert.match(flag.stdout, /^ok {6}allow/);
  // Only the key that matters must be right: the secrets of the sidecar are not here.
  const config = "cloud_events: { customer_egress_policy: acme/other, http: { endpoint: '${NOT_SET}' } }\n";
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), config);
  assert.match((await policyTest(t, cwd, ...input)).stdout, /^ok {6}deny .* allow is false/);
  const lacking = await policyTest(t, cwd, ...input, "--package", "acme/nothing");
  assert.equal(lacking.code, 2);
  assert.match(lacking.stderr, /there is no package data\.acme\.nothing in/);
});

test("an answer that is no decision is explained, and denies", async (t) => {
  const odd = (rules: string): string =>
    createFiles(t, { "p/egress.rego": `package a\n\n${rules}\n`, "i.json": ALLOWED });
  const text = await policyTest(t, odd('allow := "yes"'), "p", "--input", "i.json");
  assert.match(text.stdout, /^ok {6}deny {3}i\.json: allow is "yes", which is not true\n/);
  const failing = await policyTest(
    t,
    odd("allow := 1\nallow := 2 if input.source"),
    "p",
    "--input",
    "i.json",
  );
  assert.match(failing.stdout, /deny {3}i\.json: allow failed: egress\.rego:\d+:\d+: /);
  const endless =
    "r := numbers.range(1, 3000)\nallow if count([1 | some i in r; some j in r; some k in r; i + j == k]) > 0";
  const late = await policyTest(t, odd(endless), "p", "--input", "i.json", "--expect", "deny");
  assert.match(late.stdout, /^ok {6}deny {3}i\.json: allow failed: /);
});

test("policies that cannot be loaded end with 78, a wrong command line with 2", async (t) => {
  const cwd = createFiles(t, {
    "yes.json": ALLOWED,
    "bad/egress.rego": "package a\n\nallow if {\n",
    "empty/x.txt": "",
  });
  const bad = await policyTest(t, cwd, "bad", "--input", "yes.json");
  assert.equal(bad.code, 78);
  assert.match(bad.stderr, /^bad\/egress\.rego:\d+:\d+: /);
  for (const args of [
    ["p"],
    ["p", "--input", "yes.json", "--fixtures", "f"],
    ["p", "--input", "yes.json", "--expect", "perhaps"],
    ["p", "--fixtures", "nowhere"],
    ["p", "--fixtures", "empty"],
    ["nowhere", "--input", "yes.json"],
    ["empty", "--input", "yes.json"],
    ["p", "--input", "yes.json", "--package", "a//b"],
    [],
  ]) {
    assert.equal((await policyTest(t, cwd, ...args)).code, 2, args.join(" "));
  }
  assert.equal((await policyTest(t, cwd, "p", "--input", "nowhere.json")).code, 1);
});
