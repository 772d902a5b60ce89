import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
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

test("a folder of fixtures and its folders: each one that fails is named, and files that are none fail", async (t) => {
  const event = {
    specversion: "1.0",
    id: "1",
    type: "com.acme.order.paid",
    source: "/orders",
    subject: "tenant/acme/user/u1",
    data: {},
  };
  const cwd = createFiles(t, {
    "f/a-right.json": { input: ALLOWED, expect: "allow" },
    "f/b-wrong.json": { input: DENIED, expect: "allow" },
    "f/c-event.json": event,
    "f/d/event.json": { input: event, expect: "deny" },
    "f/d/g/mark.json": `\ufeff${JSON.stringify(ALLOWED)}`,
    "f/e-odd.json": { input: { ...ALLOWED, event_type: 7 }, expect: "maybe" },
    "f/f-foreign.json": { ...ALLOWED, action: "read" },
    "f/g-typo.json": { input: { ...ALLOWED, tenantId: "acme" }, expect: "allow" },
    "f/h-typo.json": { input: ALLOWED, expects: "deny" },
    "f/i-lone.json": { expect: "deny" },
    "f/.hidden.json": "{",
    "f/readme.txt": "",
  });
  symlinkSync("..", join(cwd, "f/d/up"));
  const { code, stdout, stderr } = await policyTest(t, cwd, "p", "--fixtures", "f", "--expect", "allow");
  assert.equal(code, 1);
  assert.equal(
    stdout,
    [
      "ok      allow  f/a-right.json: allow is true",
      "FAILED  deny   f/b-wrong.json: expected allow; allow is undefined",
      "ok      allow  f/c-event.json: allow is true",
      "FAILED  allow  f/d/event.json: expected deny; allow is true",
      "ok      allow  f/d/g/mark.json: allow is true",
      "FAILED  -      f/e-odd.json: event_type must be text",
      'FAILED  -      f/f-foreign.json: "action" is unknown here; there are event_type, subject, source, tenant_id',
      'FAILED  -      f/g-typo.json: "tenantId" is unknown here; did you mean tenant_id?',
      'FAILED  -      f/h-typo.json: "expects" is unknown here; did you mean expect?',
      "FAILED  -      f/i-lone.json: input is missing beside expect",
      "10 inputs, 7 failed",
      "",
    ].join("\n"),
  );
  assert.equal(stderr, "");
});

const noJson: readonly [text: string, place: string][] = [
  ["{", "1:2"],
  ['{\n  "event_type": com.acme\n}', "2:17"],
  ['{\n  "a": 1,\n}', "3:1"],
  ['{"a": "x\ty"}', "1:9"],
  ["{}\n x", "2:2"],
  ["", "1:1"],
];

test("what is no JSON is named with its line and column", async (t) => {
  const names = noJson.map((_, i) => `${i}.json`);
  const cwd = createFiles(t, Object.fromEntries(noJson.map(([text], i) => [`${i}.json`, text])));
  const { code, stdout } = await policyTest(t, cwd, "p", ...names.flatMap((name) => ["--input", name]));
  assert.equal(code, 1);
  const places = stdout.matchAll(/^FAILED {2}- {6}(\d)\.json:(\d+:\d+): is no JSON: [A-Z]/gm);
  assert.deepEqual(
    [...places].map(([, i, place]) => [Number(i), place]),
    noJson.map(([, place], i) => [i, place]),
  );
});

test("each of several inputs is asked about; what can be given once cannot be given twice", async (t) => {
  const cwd = createFiles(t, { "no.json": DENIED, "yes.json": ALLOWED });
  const both = ["p", "--input", "no.json", "--input", "yes.json"];
  const { code, stdout } = await policyTest(t, cwd, ...both, "--expect", "allow");
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^FAILED {2}deny {3}no\.json: .*\nok {6}allow {2}yes\.json: .*\n2 inputs, 1 failed\n$/,
  );
  const twice = await policyTest(t, cwd, ...both, "--expect", "deny", "--expect", "allow");
  assert.equal(twice.code, 2);
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

test("single inputs and folders of them are tested together", async (t) => {
  const cwd = createFiles(t, { "yes.json": ALLOWED, "f/no.json": { input: DENIED, expect: "deny" } });
  const { code, stdout } = await policyTest(t, cwd, "p", "--fixtures", "f", "--input", "yes.json");
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^ok {6}allow {2}yes\.json: .*\nok {6}deny {3}f\/no\.json: .*\n2 inputs, none failed\n$/,
  );
  assert.match((await policyTest(t, cwd, "p")).stderr, /say what to test with/);
});

test("a folder of policies that is not there, is a file or holds none, is what is wrong, not that no package was named", async (t) => {
  const cwd = createFiles(t, { "yes.json": ALLOWED, "empty/readme.txt": "" });
  for (const [folder, wrong] of [
    ["nope", /^error: the policy folder .*nope is not there/],
    ["yes.json", /^error: .*yes\.json is no folder, which is what DIR names/],
    ["empty", /^error: there is no \.rego file in/],
  ] as const) {
    const { code, stderr } = await policyTest(t, cwd, folder, "--input", "yes.json");
    assert.equal(code, 2);
    assert.match(stderr, wrong);
  }
});

/** Files of a policy with these rules, and an input. */
function createPolicy(t: TestContext, rules: string): string {
  return createFiles(t, { "p/egress.rego": `package a\n\n${rules}\n`, "i.json": ALLOWED });
}

test("an answer that is neither true nor false is explained, and denies", async (t) => {
  const cwd = createPolicy(t, 'allow := "yes"');
  const { stdout } = await policyTest(t, cwd, "p", "--input", "i.json");
  assert.match(stdout, /^ok {6}deny {3}i\.json: allow is "yes", which is not true\n/);
});

const failing: readonly [name: string, rules: string, reason: RegExp][] = [
  ["fails", "allow := 1\nallow := 2 if input.source", /egress\.rego:\d+:\d+: /],
  [
    "takes too many steps",
    "r := numbers.range(1, 3000)\nallow if count([1 | some i in r; some j in r; some k in r; i + j == k]) > 0",
    /more steps/,
  ],
  [
    "calls itself",
    "deeper(n) := deeper(n + 1)\nallow if deeper(1)",
    /egress\.rego:3:\d+: the rule depends on itself/,
  ],
  ["has no answer in time", 'allow if json.unmarshal("1e2000000000") > 1', /deadline/],
];

for (const [name, rules, reason] of failing) {
  test(`a policy that ${name} is no denial that was expected`, async (t) => {
    const cwd = createPolicy(t, rules);
    for (const expect of [[], ["--expect", "deny"]]) {
      const { code, stdout, stderr } = await policyTest(t, cwd, "p", "--input", "i.json", ...expect);
      assert.notEqual(code, 0);
      assert.doesNotMatch(stdout, /^ok/m);
      assert.match(stdout + stderr, reason);
    }
  });
}

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
    ["p", "--input", "nowhere.json"],
    ["p", "--input", "yes.json", "--input", "empty"],
    ["p", "--fixtures", "empty"],
    ["nowhere", "--input", "yes.json"],
    ["empty", "--input", "yes.json"],
    ["p", "--input", "yes.json", "--package", "a//b"],
    [],
  ]) {
    assert.equal((await policyTest(t, cwd, ...args)).code, 2, args.join(" "));
  }
});
