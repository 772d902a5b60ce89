import assert from "node:assert/strict";
import { test } from "node:test";
import { facts } from "../../src/facts.ts";
import { FailureTable } from "../../src/policy/failure-table.ts";
import { ManualClock } from "../deliver/manual-clock.ts";
import { inputOf, inputsOf, listDecisions, makeFolder, moduleOf, openPolicy, typesOf } from "./rig.ts";

test("an event leaves exactly when allow is true; each type is asked for once", async (t) => {
  const dir = await makeFolder(t, {
    "egress.rego": moduleOf('allow if startswith(input.event_type, "ok.")'),
  });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  const before = seen.total(facts.policyEvaluations);
  const inputs = typesOf("ok.a", "no.a", "ok.b", "ok.a", "no.a");
  assert.deepEqual(await listDecisions(policy, inputs), [true, false, true, true, false]);
  assert.equal(seen.total(facts.policyEvaluations) - before, 3);
  // What is known is decided at once, whoever the event is about.
  assert.deepEqual(policy.decide(inputsOf([inputOf("no.a", { subject: undefined })])), [false]);
  assert.equal(policy.decide(typesOf("ok.a", "ok.b")), "all");
  assert.equal(seen.total(facts.policyEvaluations) - before, 3);
  assert.equal(seen.total(facts.policyFailures), 0);
});

test("a policy that reads the subject is asked for each subject, absent ones included", async (t) => {
  const dir = await makeFolder(t, {
    "egress.rego": moduleOf('allow if input.subject == "s"\nallow if not input.subject'),
  });
  const { policy } = await openPolicy(t, { dir });
  const inputs = inputsOf(["s", "other", undefined].map((subject) => inputOf("t", { subject })));
  assert.deepEqual(await listDecisions(policy, inputs), [true, false, true]);
});

test("a policy that reads the time is asked for every event, with the pipeline's clock", async (t) => {
  const dir = await makeFolder(t, {
    "egress.rego": moduleOf("allow if time.now_ns() > 1700000000000000000"),
  });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  const before = seen.total(facts.policyEvaluations);
  assert.deepEqual(await listDecisions(policy, typesOf("a", "a")), [true, true]);
  assert.deepEqual(await listDecisions(policy, typesOf("a")), [true]);
  assert.equal(seen.total(facts.policyEvaluations) - before, 3);
});

const denying: readonly [name: string, rules: string, kind: string | undefined][] = [
  ["false", "allow := false", undefined],
  ["undefined", 'allow if input.event_type == "other"', undefined],
  ["the text true", 'allow := "true"', "not_boolean"],
  ["the number 1", "allow := 1", "not_boolean"],
  ["an object", 'allow := {"allow": true}', "not_boolean"],
  ["null", "allow := null", "not_boolean"],
  ["a set that holds true", "allow contains true", "not_boolean"],
  ["two values at once", "allow := true if input.event_type\nallow := false if input.source", "evaluation"],
];

for (const [name, rules, kind] of denying) {
  test(`what is not exactly true denies: ${name}`, async (t) => {
    const { policy, facts: seen } = await openPolicy(t, {
      dir: await makeFolder(t, { "egress.rego": moduleOf(rules) }),
    });
    assert.deepEqual(await listDecisions(policy, typesOf("secret.type", "secret.type")), [false, false]);
    const failures = seen.of(facts.policyFailures);
    assert.deepEqual(
      failures.map(({ labels }) => labels["kind"]),
      kind === undefined ? [] : [kind],
    );
    // Nothing of an event gets into a log.
    for (const { detail } of seen.all) assert.doesNotMatch(detail, /secret/);
  });
}

test("an error is asked for again, a decision is not", async (t) => {
  const rules =
    'allow := true if input.event_type == "ok"\nallow := input.source if input.event_type == "ok.not"\nallow := "x" if input.event_type == "ok.not"';
  const { policy, facts: seen } = await openPolicy(t, {
    dir: await makeFolder(t, { "egress.rego": moduleOf(rules) }),
  });
  const before = seen.total(facts.policyEvaluations);
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(await listDecisions(policy, typesOf("ok", "ok.not")), [true, false]);
  }
  assert.equal(seen.total(facts.policyEvaluations) - before, 4);
  assert.equal(seen.total(facts.policyFailures), 3);
});

test("each place at which a policy fails is reported, and kept in its health with how often and when", async (t) => {
  const rules = ["a", "b"].map(
    (type) => `allow := 1 if input.event_type == "${type}"\nallow := 2 if input.event_type == "${type}"`,
  );
  const { policy, facts: seen } = await openPolicy(t, {
    dir: await makeFolder(t, { "egress.rego": moduleOf(rules.join("\n")) }),
  });
  await listDecisions(policy, typesOf("a", "b", "c"));
  await listDecisions(policy, typesOf("b"));
  const reported = seen.of(facts.policyFailures).map(({ detail }) => detail);
  assert.match(reported[0] ?? "", /^evaluation at egress\.rego:\d+:\d+$/);
  assert.deepEqual([reported.length, new Set(reported).size], [3, 2]);
  const { failures } = policy.health();
  assert.deepEqual(
    failures.map(({ reason, count }) => [reason, count]),
    [
      [reported[0], 1],
      [reported[1], 2],
    ],
  );
  for (const { firstAt, lastAt } of failures) assert.ok(Date.parse(firstAt) <= Date.parse(lastAt));
});

test("reasons without end are told apart up to some number", () => {
  const table = new FailureTable(new ManualClock());
  for (let i = 0; i < 1_000; i++) table.count(table.reasonOf("evaluation", `a.rego:${i}:1`), 1);
  const listed = table.list();
  assert.ok(listed.length < 50, `${listed.length} reasons`);
  assert.equal(listed[0]?.reason, "evaluation at a.rego:0:1");
  assert.equal(listed.at(-1)?.reason, "evaluation at other places");
  assert.equal(
    listed.reduce((sum, { count }) => sum + count, 0),
    1_000,
  );
});

test("more events than one message should hold are decided all the same", async (t) => {
  const dir = await makeFolder(t, { "egress.rego": moduleOf('allow if endswith(input.subject, "7")') });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  const inputs = Array.from({ length: 5_000 }, (_, i) => inputOf("t", { subject: `tenant/acme/user/${i}` }));
  const decisions = await listDecisions(policy, inputsOf(inputs));
  assert.equal(decisions.filter((allowed) => allowed).length, 500);
  assert.equal(seen.total(facts.policyFailures), 0);
});
