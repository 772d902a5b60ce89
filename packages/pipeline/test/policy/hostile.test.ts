import assert from "node:assert/strict";
import { test } from "node:test";
import { facts } from "../../src/facts.ts";
import {
  inputOf,
  inputsOf,
  listDecisions,
  makeFolder,
  moduleOf,
  openPolicy,
  typesOf,
  writeFiles,
} from "./rig.ts";

const range = "r := numbers.range(1, 3000)\n";
const nested = `${"[".repeat(40)}1${"]".repeat(40)}`;

/** Each is true for what is asked for, if it were ever answered. */
const hostile: readonly [name: string, rules: string][] = [
  ["endless", `${range}allow if count([1 | some i in r; some j in r; some k in r; i + j == k]) > 0`],
  ["one call that takes minutes", 'allow if json.unmarshal("1e2000000000") > 1'],
  ["a huge range", "allow if count(numbers.range(1, 100000000)) > 0"],
  [
    "a text that doubles",
    `allow if count(concat("", [x | some i in numbers.range(1, 2000); x := sprintf("%s", [numbers.range(1, 20000)])])) > 0`,
  ],
  ["recursion", "deeper(n) := deeper(n + 1)\nallow if deeper(1)"],
];

for (const [name, rules] of hostile) {
  test(`a hostile policy denies in time and can be replaced: ${name}`, { timeout: 60_000 }, async (t) => {
    const good = { "egress.rego": moduleOf('allow if input.event_type == "ok"') };
    const dir = await makeFolder(t, good);
    const { policy, facts: seen } = await openPolicy(t, { dir, deadlineMs: 1_000 });
    await writeFiles(dir, { "egress.rego": moduleOf(rules) });
    // It either takes force and denies, or cannot be loaded and leaves the good one in force.
    await seen.until(
      () => seen.of(facts.policyLoaded).length === 2 || seen.of(facts.policyRefused).length === 1,
    );
    const tookForce = seen.of(facts.policyRefused).length === 0;
    assert.deepEqual(await listDecisions(policy, typesOf("ok", "no")), [!tookForce, false]);
    assert.equal(policy.health().state, tookForce ? "denying" : "ready");
    assert.notEqual(tookForce ? policy.health().reason : policy.health().refused, "");
    await writeFiles(dir, good);
    await seen.seen(facts.policyLoaded, tookForce ? 3 : 2);
    assert.deepEqual(await listDecisions(policy, typesOf("ok", "no")), [true, false]);
    assert.deepEqual([policy.health().state, policy.health().refused], ["ready", ""]);
  });
}

test("a large batch of which every input takes long is denied, each time it is sent", async (t) => {
  const rules = `${range}allow if { input.subject; count([1 | some i in r; some j in r; some k in r; i + j == k]) > 0 }`;
  const dir = await makeFolder(t, { "egress.rego": moduleOf(rules) });
  const { policy, facts: seen } = await openPolicy(t, { dir, deadlineMs: 100 });
  const inputs = Array.from({ length: 5_000 }, (_, i) => inputOf("t", { subject: `tenant/acme/user/${i}` }));
  for (const times of [1, 2]) {
    const decisions = await listDecisions(policy, inputsOf(inputs));
    assert.ok(decisions.length === 5_000 && decisions.every((allowed) => !allowed));
    assert.equal(seen.total(facts.policyFailures), times * 5_000);
  }
});

test("an input on which the policy hangs denies itself alone, in a batch of any size", async (t) => {
  const rules = `allow if input.subject != "bad"
allow if { input.subject == "bad"; json.unmarshal("1e2000000000") > 1 }`;
  const dir = await makeFolder(t, { "egress.rego": moduleOf(rules) });
  const { policy } = await openPolicy(t, { dir, deadlineMs: 4_000 });
  const subjects = Array.from({ length: 1_500 }, (_, i) => (i === 700 ? "bad" : `tenant/acme/user/${i}`));
  const inputs = subjects.map((subject) => inputOf("t", { subject }));
  assert.deepEqual(
    await listDecisions(policy, inputsOf(inputs)),
    subjects.map((subject) => subject !== "bad"),
  );
});

test("a policy nested too deep to be parsed is refused before it is", async (t) => {
  const dir = await makeFolder(t, { "egress.rego": moduleOf(`x := ${nested}\nallow if x`) });
  await assert.rejects(openPolicy(t, { dir }), {
    name: "PolicyLoadError",
    message: /egress\.rego:3:\d+: .*nest/,
  });
});
