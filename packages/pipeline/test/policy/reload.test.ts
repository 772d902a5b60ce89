import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, rename, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { facts } from "../../src/facts.ts";
import { EgressPolicy } from "../../src/policy/egress-policy.ts";
import { systemClock } from "../../src/system.ts";
import { ManualClock, settle } from "../deliver/manual-clock.ts";
import { FactsOfTest, listDecisions, makeFolder, moduleOf, openPolicy, typesOf, writeFiles } from "./rig.ts";

const allowing = (type: string): string => moduleOf(`allow if input.event_type == "${type}"`);

test("a changed policy takes force, and what the old one had decided is forgotten", async (t) => {
  const dir = await makeFolder(t, { "egress.rego": allowing("a") });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [true, false]);
  await writeFiles(dir, { "egress.rego": allowing("b") });
  await seen.seen(facts.policyLoaded, 2);
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [false, true]);
});

test("changed data takes force as a changed policy does", async (t) => {
  const dir = await makeFolder(t, {
    "egress.rego": moduleOf("allow if input.event_type in data.egress.types"),
    "egress/data.json": '{"types": ["a"]}',
  });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [true, false]);
  await writeFiles(dir, { "egress/data.json": '{"types": ["b"]}' });
  await seen.seen(facts.policyLoaded, 2);
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [false, true]);
});

test("files that are written anew with the same contents are not loaded again", async (t) => {
  const dir = await makeFolder(t, { "egress.rego": allowing("a"), "data.json": "{}" });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  await writeFiles(dir, { "data.json": "{}", "egress.rego": moduleOf("allow if {") });
  await seen.seen(facts.policyRefused);
  // What was refused would be refused again; what is in force is so once more.
  await utimes(join(dir, "data.json"), 0, 0);
  await writeFiles(dir, { "egress.rego": moduleOf("allow if {") });
  await writeFiles(dir, { "egress.rego": allowing("a") });
  await seen.until(() => policy.health().refused === "");
  assert.equal(seen.of(facts.policyRefused).length, 1);
  const before = seen.of(facts.policyLoaded).length;
  await utimes(join(dir, "egress.rego"), 0, 0);
  await utimes(join(dir, "data.json"), 1, 1);
  await writeFiles(dir, { "data.json": '{"other": 1}' });
  await seen.seen(facts.policyLoaded, before + 1);
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [true, false]);
});

test("a file that is replaced all the time starves no change, its own neither", async (t) => {
  const dir = await makeFolder(t, { "egress.rego": allowing("a"), "data.json": '{"n": 0}' });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  const writing = new AbortController();
  const write = async (): Promise<void> => {
    for (let n = 1; !writing.signal.aborted; n++) {
      await writeFiles(dir, { ".next": JSON.stringify({ n, last: "c" }) });
      await rename(join(dir, ".next"), join(dir, "data.json"));
    }
  };
  const writes = write();
  try {
    await writeFiles(dir, { "egress.rego": allowing("b") });
    await seen.seen(facts.policyLoaded, 2);
    await writeFiles(dir, { "egress.rego": moduleOf("allow if input.event_type == data.last") });
    await seen.seen(facts.policyLoaded, 4);
  } finally {
    writing.abort();
    await writes;
  }
  assert.deepEqual(seen.of(facts.policyRefused), []);
  assert.deepEqual(await listDecisions(policy, typesOf("b", "c")), [false, true]);
});

test("an exchanged link is seen, as Kubernetes mounts a ConfigMap", async (t) => {
  const dir = await makeFolder(t, {
    "..2026_01/egress.rego": allowing("a"),
    "..2026_02/egress.rego": allowing("b"),
  });
  await symlink("..2026_01", join(dir, "..data"));
  await symlink(join("..data", "egress.rego"), join(dir, "egress.rego"));
  const { policy, facts: seen } = await openPolicy(t, { dir });
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [true, false]);
  await symlink("..2026_02", join(dir, "..data_tmp"));
  await rename(join(dir, "..data_tmp"), join(dir, "..data"));
  await seen.seen(facts.policyLoaded, 2);
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [false, true]);
});

test("a folder that is itself an exchanged link is seen", async (t) => {
  const root = await makeFolder(t, { "v1/egress.rego": allowing("a"), "v2/egress.rego": allowing("b") });
  const dir = join(root, "current");
  await symlink("v1", dir);
  const { policy, facts: seen } = await openPolicy(t, { dir });
  await symlink("v2", join(root, "next"));
  await rename(join(root, "next"), dir);
  await seen.seen(facts.policyLoaded, 2);
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [false, true]);
});

const broken: readonly [name: string, rules: string, place: RegExp][] = [
  ["does not parse", "allow if {", /egress\.rego:\d+:\d+: /],
  ["calls what is not there", "allow if no.such.function(1)", /egress\.rego:3:\d+: there is no function/],
  [
    "has an unsafe variable, which the engine tells only when it evaluates",
    "allow if x > 1",
    /egress\.rego:3:\d+: /,
  ],
];

for (const [name, rules, place] of broken) {
  test(`a set that ${name} leaves the old one in force and says why`, async (t) => {
    const dir = await makeFolder(t, { "egress.rego": allowing("a") });
    const { policy, facts: seen } = await openPolicy(t, { dir });
    await writeFiles(dir, { "egress.rego": moduleOf(rules) });
    const { detail } = await seen.seen(facts.policyRefused);
    assert.match(detail, place);
    assert.match(policy.health().refused, place);
    assert.equal(policy.health().state, "ready");
    assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [true, false]);
    await writeFiles(dir, { "egress.rego": allowing("b") });
    await seen.seen(facts.policyLoaded, 2);
    assert.equal(policy.health().refused, "");
    assert.equal(seen.of(facts.policyRefused).length, 1);
  });

  test(`at the start a set that ${name} is an error with its place`, async (t) => {
    const dir = await makeFolder(t, { "egress.rego": moduleOf(rules) });
    await assert.rejects(openPolicy(t, { dir }), { name: "PolicyLoadError", message: place });
  });
}

test("data that is no JSON is an error at the start", async (t) => {
  const dir = await makeFolder(t, { "egress.rego": allowing("a"), "data.json": "{" });
  await assert.rejects(openPolicy(t, { dir }), { name: "PolicyLoadError", message: /data\.json/ });
});

const empty: readonly [name: string, files: Readonly<Record<string, string>>, reason: RegExp][] = [
  ["an empty folder", {}, /no \.rego file/],
  [
    "another package",
    { "a.rego": "package acme.other\nallow := true" },
    /no package data\.acme\["cloudevents-egress"\]/,
  ],
  [
    "data in the package's place",
    { "a.rego": "package other\nx := 1", "acme/data.json": '{"cloudevents-egress": {"allow": true}}' },
    /no package/,
  ],
];

for (const [name, files, reason] of empty) {
  test(`${name} denies everything, and says so`, async (t) => {
    const { policy, facts: seen } = await openPolicy(t, { dir: await makeFolder(t, files) });
    assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [false, false]);
    assert.equal(policy.health().state, "denying");
    assert.match(policy.health().reason, reason);
    assert.match(seen.of(facts.policyDoubtful)[0]?.detail ?? "", reason);
  });
}

test("a package that lacks the rule may have it in a document, as in OPA, where both make up one tree", async (t) => {
  const { policy } = await openPolicy(t, {
    dir: await makeFolder(t, {
      "a.rego": moduleOf("other := 1"),
      "acme/cloudevents-egress/data.json": '{"allow": true}',
    }),
  });
  assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [true, true]);
});

test("a folder that is not there denies everything until it is, and again when it goes", async (t) => {
  const dir = join(await makeFolder(t), "policies");
  const { policy, facts: seen } = await openPolicy(t, { dir });
  assert.deepEqual(await listDecisions(policy, typesOf("a")), [false]);
  assert.match(policy.health().reason, /is not there: every event is denied/);
  await mkdir(dir);
  await writeFiles(dir, { "egress.rego": allowing("a") });
  await seen.until(() => policy.health().state === "ready");
  assert.deepEqual(await listDecisions(policy, typesOf("a")), [true]);
  await rm(dir, { recursive: true });
  await seen.until(() => policy.health().state === "denying");
  assert.deepEqual(await listDecisions(policy, typesOf("a")), [false]);
});

test("an allow-list that is undefined for the example is in force without a warning, and health says what follows", async (t) => {
  const { policy, facts: seen } = await openPolicy(t, {
    dir: await makeFolder(t, { "egress.rego": allowing("rare") }),
  });
  assert.equal(policy.health().state, "ready");
  assert.match(policy.health().reason, /allow is undefined: events for which it is undefined are denied/);
  assert.match(seen.of(facts.policyLoaded)[0]?.detail ?? "", /allow is undefined/);
  assert.deepEqual(seen.of(facts.policyDoubtful), []);
  assert.deepEqual(await listDecisions(policy, typesOf("rare", "a")), [true, false]);
});

test("a batch is decided by the policy that it began with, whatever takes force meanwhile", async (t) => {
  const slow = `r := numbers.range(1, 100)\nallow if { input.event_type; count([1 | some i in r; some j in r; i == j]) > 0 }`;
  const dir = await makeFolder(t, { "egress.rego": moduleOf(slow) });
  const seen = new FactsOfTest();
  const settings = { dir, package: "acme/cloudevents-egress", deadlineMs: 20_000, dryRun: false };
  const policy = new EgressPolicy(settings, { clock: systemClock, facts: seen });
  t.after(() => policy.close());
  await policy.open();
  await writeFiles(dir, { "egress.rego": allowing("none") });
  const batches: Promise<readonly boolean[]>[] = [];
  // There is a batch under way at any time until the new policy has taken force.
  while (seen.of(facts.policyLoaded).length < 2) {
    const n = batches.length;
    batches.push(listDecisions(policy, typesOf(...Array.from({ length: 5 }, (_, i) => `type ${n}.${i}`))));
    await batches.at(-1);
  }
  const together = await Promise.all(batches);
  for (const decisions of together) assert.equal(new Set(decisions).size, 1);
  assert.deepEqual(await listDecisions(policy, typesOf("a")), [false]);
  assert.equal(seen.total(facts.policyFailures), 0);
});

test("closing waits for the batches under way, which are still decided", async (t) => {
  const dir = await makeFolder(t, { "egress.rego": allowing("a") });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  const decisions = listDecisions(policy, typesOf("a", "b"));
  await policy.close();
  assert.deepEqual(await decisions, [true, false]);
  assert.equal(seen.total(facts.policyFailures), 0);
});

test("closing waits for a large batch for a deadline, not for all of it", async (t) => {
  const dir = await makeFolder(t, {
    "egress.rego": moduleOf(
      'allow if { count([1 | some i in numbers.range(1, 300); i > 0]) > 0; input.event_type != "" }',
    ),
  });
  const clock = new ManualClock();
  const seen = new FactsOfTest();
  const settings = { dir, package: "acme/cloudevents-egress", deadlineMs: 60_000, dryRun: false };
  const policy = new EgressPolicy(settings, { clock, facts: seen });
  await policy.open();
  let decided = false;
  const types = Array.from({ length: 50_000 }, (_, i) => `type ${i}`);
  const decisions = listDecisions(policy, typesOf(...types)).finally(() => {
    decided = true;
  });
  const closing = policy.close();
  assert.equal(decided, false);
  await clock.pass(settings.deadlineMs);
  await closing;
  assert.ok((await decisions).includes(false), "what nobody waits for is not evaluated any more");
  assert.equal(seen.total(facts.policyFailures), 0);
});

test("a package whose name has an empty part is refused before anything is read", () => {
  const settings = { dir: "/nowhere", package: "acme//egress", deadlineMs: 250, dryRun: false };
  assert.throws(
    () => new EgressPolicy(settings, { clock: systemClock, facts: new FactsOfTest() }),
    TypeError,
  );
});

test("a setting of the wrong type, which JavaScript lets through, is refused: a text is no dry run", () => {
  const settings = { dir: "/nowhere", package: "acme/egress", deadlineMs: 250, dryRun: false };
  for (const [wrong, message] of [
    [{ ...settings, dryRun: "false" }, /policy\.dryRun must be a boolean/],
    [{ dir: "/nowhere" }, /policy\.package must be a text/],
    [{ ...settings, dir: undefined }, /policy\.dir must be a text/],
    [null, /policy must be an object/],
  ] as const) {
    assert.throws(
      () => Reflect.construct(EgressPolicy, [wrong, { clock: systemClock, facts: new FactsOfTest() }]),
      { name: "TypeError", message },
    );
  }
});

test("policies that are being loaded when the policy closes take no force, and leave nothing behind", async (t) => {
  const dir = await makeFolder(t, { "egress.rego": allowing("a") });
  const { policy, facts: seen } = await openPolicy(t, { dir });
  const since = policy.health().since;
  await writeFiles(dir, { "egress.rego": allowing("b") });
  await policy.close();
  assert.equal(policy.health().since, since);
  assert.equal(seen.of(facts.policyLoaded).length, 1);
});

test("a trial that was late is repeated until there is an answer, which health then says", async (t) => {
  // Late at first as on a machine without time, by a policy whose end the clock decides.
  const rules = `allow if time.now_ns() >= 1700000005000000000
    allow if { time.now_ns() < 1700000005000000000; json.unmarshal("1e2000000000") > 1 }`;
  const clock = new ManualClock();
  const seen = new FactsOfTest();
  const dir = await makeFolder(t, { "egress.rego": moduleOf(rules) });
  const policy = new EgressPolicy(
    { dir, package: "acme/cloudevents-egress", deadlineMs: 100, dryRun: false },
    { clock, facts: seen },
  );
  t.after(() => policy.close());
  await policy.open();
  assert.deepEqual([policy.health().state, seen.total(facts.policyEvaluations)], ["denying", 3]);
  // The thread answers in its own time; each trial that is late is followed by another.
  for (let turn = 0; policy.health().state === "denying"; turn++) {
    if (turn === 2) clock.step(5_000);
    assert.ok(turn < 100, "no trial had an answer");
    const evaluations = seen.total(facts.policyEvaluations);
    await clock.passUntil(() => seen.total(facts.policyEvaluations) > evaluations);
    await policy.decide(typesOf("a"));
    await settle();
  }
  assert.equal(policy.health().reason, "");
});

/** Makes something of a name in the folder. */
type Spoil = (path: string) => Promise<unknown>;

const spoilt: readonly [name: string, file: string, spoil: Spoil, said: RegExp][] = [
  ["a pipe", "x.rego", (path) => promisify(execFile)("mkfifo", [path]), /x\.rego is no regular file/],
  [
    "a link to a device",
    "x.rego",
    (path) => symlink("/dev/zero", path),
    /x\.rego is a link to a place outside/,
  ],
  ["a link to nowhere", "x.rego", (path) => symlink("nowhere", path), /x\.rego cannot be read: ENOENT/],
  [
    "a link to a folder elsewhere",
    "other",
    (path) => symlink("/", path),
    /other is a link to a place outside/,
  ],
  [
    "a file that is not UTF-8",
    "x.rego",
    (path) => writeFile(path, Buffer.of(0xff)),
    /x\.rego cannot be read/,
  ],
  ["a file of a gigabyte", "data.json", (path) => makeSparse(path, 2 ** 30), /data\.json.* larger than/],
  [
    "a data.yaml, which OPA would read,",
    "data.yaml",
    (path) => writeFile(path, "a: 1"),
    /data\.yaml is not read: write it as data\.json/,
  ],
  [
    "data that are no object",
    "data.json",
    (path) => writeFile(path, "[1]"),
    /data\.json: .*must be an object/,
  ],
];

async function makeSparse(path: string, size: number): Promise<void> {
  await writeFile(path, "");
  await truncate(path, size);
}

for (const [name, file, spoil, said] of spoilt) {
  test(`${name} in the folder leaves the old policies in force, and its removal is seen`, async (t) => {
    const dir = await makeFolder(t, { "egress.rego": allowing("a") });
    const { policy, facts: seen } = await openPolicy(t, { dir });
    await spoil(join(dir, file));
    const { detail } = await seen.seen(facts.policyRefused);
    assert.ok(detail.startsWith(dir), detail);
    assert.match(detail, said);
    assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [true, false]);
    await rm(join(dir, file));
    await writeFiles(dir, { "egress.rego": allowing("b") });
    await seen.seen(facts.policyLoaded, 2);
    assert.deepEqual(await listDecisions(policy, typesOf("a", "b")), [false, true]);
    assert.equal(policy.health().refused, "");
  });
}
