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

const good = { "egress.rego": moduleOf('allow if input.event_type == "ok"') };

/** Each compiles, is true for what is asked for if it were ever answered, and fails in one of these ways. */
const hostile: readonly [name: string, rules: string, fails: RegExp][] = [
  [
    "endless",
    `${range}allow if count([1 | some i in r; some j in r; some k in r; i + j == k]) > 0`,
    /^(steps|deadline)$/,
  ],
  ["one call that takes minutes", 'allow if json.unmarshal("1e2000000000") > 1', /^deadline$/],
  ["a huge range", "allow if count(numbers.range(1, 100000000)) > 0", /^(memory|deadline)$/],
  [
    "a text that doubles",
    `allow if count(concat("", [x | some i in numbers.range(1, 2000); x := sprintf("%s", [numbers.range(1, 20000)])])) > 0`,
    /^(memory|steps|deadline)$/,
  ],
];

for (const [name, rules, fails] of hostile) {
  test(`a hostile policy takes force, denies every event and can be replaced: ${name}`, {
    timeout: 60_000,
  }, async (t) => {
    const dir = await makeFolder(t, good);
    const { policy, facts: seen } = await openPolicy(t, { dir, deadlineMs: 1_000 });
    await writeFiles(dir, { "egress.rego": moduleOf(rules) });
    await seen.until(
      () => seen.of(facts.policyLoaded).length === 2 || seen.of(facts.policyRefused).length === 1,
    );
    assert.equal(seen.of(facts.policyRefused).length, 0, "what compiles is not refused");
    assert.equal(policy.health().state, "denying");
    assert.match(policy.health().reason, /allow failed: .+: such events are denied$/);
    assert.equal(policy.health().refused, "");
    // One request after the other is answered; nothing hangs, and nothing is let through when the engine starts again.
    for (const types of [["ok", "no"], ["ok"]]) {
      const decisions = await listDecisions(policy, typesOf(...types));
      assert.deepEqual(
        decisions,
        types.map(() => false),
      );
    }
    const failures = seen.of(facts.policyFailures);
    // Nothing of the input is read: one evaluation is for all of a request.
    assert.equal(failures.length, 2);
    for (const { labels } of failures) assert.match(labels["kind"] ?? "", fails);

    await writeFiles(dir, good);
    await seen.seen(facts.policyLoaded, 3);
    assert.deepEqual(await listDecisions(policy, typesOf("ok", "no")), [true, false]);
    assert.deepEqual([policy.health().state, policy.health().refused], ["ready", ""]);
  });
}

test("a policy that recurs does not compile: the one before stays in force, and it is said why", async (t) => {
  const dir = await makeFolder(t, good);
  const { policy, facts: seen } = await openPolicy(t, { dir });
  await writeFiles(dir, { "egress.rego": moduleOf("deeper(n) := deeper(n + 1)\nallow if deeper(1)") });
  await seen.seen(facts.policyRefused);
  assert.equal(policy.health().state, "ready");
  assert.match(policy.health().refused, /egress\.rego:\d+:\d+: the rule depends on itself/);
  assert.deepEqual(await listDecisions(policy, typesOf("ok", "no")), [true, false]);
});

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
