import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import type { Answer, GuardedEngineOptions, PolicySet } from "../src/contracts.ts";
import { createGuardedEngine } from "../src/guarded-engine.ts";
import { rulePath } from "../src/rule-path.ts";
import { egress, policies, tooDeep } from "./policies.ts";

const allow = rulePath("acme/cloudevents-egress", "allow");

/** For what is to be answered: so that a busy machine does not decide. */
const patient: GuardedEngineOptions = { deadlineMs: 60_000, loadDeadlineMs: 60_000 };

/** What became of an evaluation, in a word. */
function word(answer: Answer | undefined): unknown {
  if (answer?.kind === "value") return answer.value;
  return answer?.kind === "error" ? answer.error.code : answer?.kind;
}

async function evaluateKinds(
  set: PolicySet,
  kinds: readonly string[],
  options = patient,
): Promise<unknown[]> {
  const engine = await createGuardedEngine(set, options);
  const answers = await engine.evaluate(
    "data.t.x",
    kinds.map((kind) => ({ kind })),
  );
  await engine.close();
  return answers.map(word);
}

test("a batch is answered in its order", async () => {
  const engine = await createGuardedEngine(egress, patient);
  const types = ["com.acme.order.created", "other", "io.coresdk.policy.decision"];
  const inputs = types.map((event_type) => ({ event_type, tenant_id: "acme", subject: "s" }));
  assert.deepEqual((await engine.evaluate(allow, inputs)).map(word), [true, false, true]);
  assert.deepEqual(await engine.evaluate(allow, []), []);
  assert.deepEqual(engine.packages, ['data.acme["cloudevents-egress"]']);
  assert.deepEqual(engine.reads(allow).fields, ["event_type", "subject", "tenant_id"]);
  await engine.close();
});

test("batches of one moment each get their own answers, rules and clocks", async () => {
  const engine = await createGuardedEngine(policies("x := input.n\ny := time.now_ns()"), patient);
  const batches = await Promise.all([
    engine.evaluate("data.t.x", [{ n: 1 }, { n: 2 }]),
    engine.evaluate("data.t.y", [{}], { nowNs: 7n }),
    engine.evaluate("data.t.y", [{}]),
    ...Array.from({ length: 50 }, (_, n) => engine.evaluate("data.t.x", [{ n }, { n: -n - 1 }])),
  ]);
  assert.deepEqual(
    batches.slice(0, 3).map((batch) => batch.map(word)),
    [[1, 2], [7], ["clock"]],
  );
  for (const [n, batch] of batches.slice(3).entries()) assert.deepEqual(batch.map(word), [n, -n - 1]);
  await engine.close();
});

test("a batch of many inputs is answered whole", async () => {
  const engine = await createGuardedEngine(policies("x := input.n"), patient);
  const inputs = Array.from({ length: 3_000 }, (_, n) => ({ n }));
  const answers = await engine.evaluate("data.t.x", inputs);
  assert.deepEqual(
    answers.map(word),
    inputs.map(({ n }) => n),
  );
  await engine.close();
});

test("an input that cannot be passed leaves its neighbours alone", async () => {
  const engine = await createGuardedEngine(policies("x := input.n"), patient);
  const inputs = [{ n: 1 }, { n: Number.NaN }, { n: "\ud800" }, { n: 2 }];
  assert.deepEqual((await engine.evaluate("data.t.x", inputs)).map(word), [1, "input", "input", 2]);
  await engine.close();
});

describe("a policy that cannot be loaded rejects", () => {
  test("with its place when it does not compile", async () => {
    await assert.rejects(createGuardedEngine(policies("x if y"), patient), {
      name: "RegoError",
      code: "compile",
      message: /^t\.rego:2:/,
      place: { file: "t.rego", line: 2, column: 6, sourceLine: "x if y" },
    });
  });

  test("in time when the parser does not end", async () => {
    const set = policies("x := 1e2000000000");
    await assert.rejects(createGuardedEngine(set, { loadDeadlineMs: 500 }), { code: "deadline" });
  });

  test("when a signal gives it up, before or while it is loaded", async () => {
    const set = policies("x := 1e2000000000");
    const { signal } = new AbortController();
    await assert.rejects(createGuardedEngine(set, { ...patient, signal: AbortSignal.abort() }), {
      code: "closed",
    });
    const giveUp = new AbortController();
    const loading = createGuardedEngine(set, { ...patient, signal: giveUp.signal });
    giveUp.abort();
    await assert.rejects(loading, { code: "closed" });
    const engine = await createGuardedEngine(policies("x := 1"), { ...patient, signal });
    await engine.close();
  });

  test("when it does not fit into the memory", async () => {
    const documents = [{ file: "data.json", path: [], text: `{"a": "${"x".repeat(4_000_000)}"}` }];
    const limits = { maxMemoryBytes: 3_000_000 };
    await assert.rejects(createGuardedEngine({ modules: [], documents }, { ...patient, limits }), {
      code: "memory",
    });
  });
});

/** Each of these ends with an error, for itself alone. */
const stoppedByLimits: readonly (readonly [string, string, string])[] = [
  ["an endless comprehension", "count([1 | some i in r; some j in r; some k in r; i + j == k]) > 0", "steps"],
  ["a huge range", "count(numbers.range(1, 100000000)) > 0", "memory"],
  ["too deep a call", "deep(1)", "crash"],
  [
    "a huge text",
    'count(replace(concat("", [y | some i in r; y := "aaaaaaaaaaaaaaaaaaaa"]), "a", concat("", [y | some i in r; y := "aaaaaaaaaaaaaaaaaaaa"]))) > 0',
    "memory",
  ],
];

describe("a hostile policy is stopped by a limit, its neighbours are answered", () => {
  for (const [name, bomb, code] of stoppedByLimits) {
    test(name, async () => {
      const set = policies(`r := numbers.range(1, 1000)
${tooDeep}
x := 1 if input.kind == "good"
x := 2 if { input.kind == "bad"; ${bomb} }`);
      assert.deepEqual(await evaluateKinds(set, ["good", "bad", "good", "bad"]), [1, code, 1, code]);
    });
  }
});

/** Each of these takes minutes, in one step. */
const stoppedByDeadline: readonly (readonly [string, string])[] = [
  ["reading a number of two thousand million digits", 'json.unmarshal("1e2000000000") > 1'],
  ["finding all ways through a graph", 'count(graph.reachable_paths(ways, {"1"})) > 0'],
];

describe("a policy that hangs in one step is stopped by the deadline", () => {
  for (const [name, bomb] of stoppedByDeadline) {
    test(name, async () => {
      const set = policies(`nodes := {sprintf("%d", [n]) | some n in numbers.range(1, 14)}
ways := {node: [other | some other in nodes; other != node] | some node in nodes}
x := 1 if input.kind == "good"
x := 2 if { input.kind == "bad"; ${bomb} }`);
      // Nor does it run out of memory before.
      const limits = { maxMemoryBytes: 256 * 1024 * 1024 };
      const engine = await createGuardedEngine(set, { ...patient, deadlineMs: 3_000, limits });
      const evaluate = async (...kinds: string[]): Promise<unknown[]> => {
        const answers = await engine.evaluate(
          "data.t.x",
          kinds.map((kind) => ({ kind })),
        );
        return answers.map(word);
      };
      assert.deepEqual(await evaluate("bad", "good"), ["deadline", 1]);
      // From now on it comes last, so that what it is sent with is not held up.
      assert.deepEqual(await evaluate("bad", "good", "other"), ["deadline", 1, "undefined"]);
      assert.deepEqual(await evaluate("good"), [1]);
      await engine.close();
    });
  }
});

describe("inputs that break the engine leave the others of their batch an answer", () => {
  const rules = `${tooDeep}\nx := 1 if input.kind == "good"\nx := 2 if { input.kind == "bad"; deep(1) }`;
  const evaluateBatch = async (set: PolicySet, kinds: readonly string[], options: GuardedEngineOptions) => {
    const engine = await createGuardedEngine(set, options);
    const inputs = kinds.map((kind, n) => ({ kind, n }));
    for (let round = 0; round < 2; round++) {
      const answers = (await engine.evaluate("data.t.x", inputs)).map(word);
      assert.deepEqual(
        answers,
        kinds.map((kind) => (kind === "good" ? 1 : "crash")),
      );
    }
    await engine.close();
  };

  test("when there are many", async () => {
    await evaluateBatch(policies(rules), [...Array.from({ length: 100 }, () => "bad"), "good"], patient);
  });

  test("when policies are large, which would be loaded again a few times in a deadline at most", async () => {
    const text = JSON.stringify(Array.from({ length: 30_000 }, (_, n) => "x".repeat(90) + n));
    const many = Array.from({ length: 1_000 }, (_, n) => `r${n} if { input.n > ${n}; "x" in data.names }`);
    const set = policies([rules, ...many].join("\n"), [{ file: "data.json", path: ["names"], text }]);
    const kinds = Array.from({ length: 1_500 }, (_, n) => (n < 40 && n % 2 === 1 ? "bad" : "good"));
    await evaluateBatch(set, kinds, { ...patient, deadlineMs: 4_000 });
  });
});

const hangsOnBad =
  'x := input.n if input.kind == "good"\nx := 0 if { input.kind == "bad"; json.unmarshal("1e2000000000") > input.n }';

test("what stands beside inputs that hang is evaluated by other threads, in the time of the batch", async () => {
  const engine = await createGuardedEngine(policies(hangsOnBad), { ...patient, deadlineMs: 3_000 });
  const inputs = Array.from({ length: 300 }, (_, n) => ({
    n,
    kind: [3, 140, 299].includes(n) ? "bad" : "good",
  }));
  const answers = (await engine.evaluate("data.t.x", inputs)).map(word);
  assert.deepEqual(
    answers,
    inputs.map(({ n, kind }) => (kind === "good" ? n : "deadline")),
  );
  await engine.close();
});

test("batches of one moment fail for what they ask themselves, not for others that take all the time", async () => {
  const engine = await createGuardedEngine(policies(hangsOnBad), { ...patient, deadlineMs: 1_000 });
  const bad = Array.from({ length: 8 }, (_, n) => ({ n, kind: "bad" }));
  const batches = await Promise.all(
    [bad, [{ n: 1, kind: "good" }], [...bad, { n: 2, kind: "good" }], [{ n: 3, kind: "good" }]].map(
      (inputs) => engine.evaluate("data.t.x", inputs),
    ),
  );
  const [all, one, , other] = batches.map((answers) => answers.map(word));
  assert.deepEqual([all, one, other], [new Array(8).fill("deadline"), [1], [3]]);
  await engine.close();
});

/** Holds this thread up, as a garbage collection, a large body that is decoded or a stopped machine does. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("the caller's thread is held up for longer than the deadline, and all are answered", async () => {
  const deadlineMs = 100;
  const engine = await createGuardedEngine(policies("x := input.n"), { ...patient, deadlineMs });
  const inputs = Array.from({ length: 1_000 }, (_, n) => ({ n }));
  await engine.evaluate("data.t.x", inputs);
  const under = engine.evaluate("data.t.x", inputs);
  // The first ones have been sent.
  await setImmediate();
  holdUp(deadlineMs * 3);
  assert.deepEqual(
    (await under).map(word),
    inputs.map(({ n }) => n),
  );
  await engine.close();
});

test("while the caller's thread is held up an input that hangs is not stopped, and then in time", async () => {
  const deadlineMs = 1_000;
  const engine = await createGuardedEngine(policies(hangsOnBad), { ...patient, deadlineMs });
  const inputs = Array.from({ length: 300 }, (_, n) => ({ n, kind: n === 2 ? "bad" : "good" }));
  const under = engine.evaluate("data.t.x", inputs);
  await setImmediate();
  holdUp(deadlineMs * 2);
  assert.deepEqual(
    (await under).map(word),
    inputs.map(({ n }) => (n === 2 ? "deadline" : n)),
  );
  await engine.close();
});

test("large inputs are answered after one that hung", async () => {
  const engine = await createGuardedEngine(policies(hangsOnBad), { ...patient, deadlineMs: 1_000 });
  const evaluate = async (kind: string): Promise<unknown[]> => {
    const inputs = Array.from({ length: 40 }, (_, n) => ({ n, kind, pad: "x".repeat(1_000_000) }));
    return (await engine.evaluate("data.t.x", kind === "bad" ? inputs.slice(0, 1) : inputs)).map(word);
  };
  assert.deepEqual(await evaluate("bad"), ["deadline"]);
  assert.deepEqual(
    await evaluate("good"),
    Array.from({ length: 40 }, (_, n) => n),
  );
  await engine.close();
});

test("a close ends the process only when it is done, though a thread says then that it is ready", async () => {
  const script = `
    const { createGuardedEngine } = await import(${JSON.stringify(new URL("../src/guarded-engine.ts", import.meta.url).href)});
    const engine = await createGuardedEngine({ modules: [{ file: "t.rego", text: "package t\\nx := 1" }] });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    await engine.close();
    console.log("closed");`;
  const flags = ["--conditions=coresdk-source", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  assert.equal(stdout, "closed\n");
});

test("what is evaluated right before inputs that hang is answered", async () => {
  const engine = await createGuardedEngine(policies(hangsOnBad), { ...patient, deadlineMs: 3_000 });
  const kinds = ["good", "bad", "bad", "bad", "bad"];
  const answers = await engine.evaluate(
    "data.t.x",
    kinds.map((kind, n) => ({ n, kind })),
  );
  assert.deepEqual(answers.map(word), [0, "deadline", "deadline", "deadline", "deadline"]);
  await engine.close();
});

test("who asks later waits for a batch of calls that hang, not for all of them", async () => {
  const engine = await createGuardedEngine(policies(hangsOnBad), { ...patient, deadlineMs: 2_000 });
  let ended = 0;
  const hanging = Array.from({ length: 20 }, async (_, n) => {
    const answers = await engine.evaluate("data.t.x", [{ n, kind: "bad" }]);
    ended += 1;
    return answers.map(word);
  });
  await setImmediate();
  const later = await engine.evaluate("data.t.x", [{ n: 1, kind: "good" }]);
  assert.deepEqual(later.map(word), [1]);
  assert.ok(ended < 20, `${ended} had ended`);
  assert.deepEqual(await Promise.all(hanging), new Array(20).fill(["deadline"]));
  await engine.close();
});

test("a batch that is answered does not wait for another that hangs", async () => {
  const engine = await createGuardedEngine(policies(hangsOnBad), { ...patient, deadlineMs: 3_000 });
  const ended: string[] = [];
  const evaluate = async (kind: string): Promise<void> => {
    await engine.evaluate("data.t.x", [{ n: 1, kind }]);
    ended.push(kind);
  };
  await Promise.all([evaluate("bad"), evaluate("good")]);
  assert.deepEqual(ended, ["good", "bad"]);
  await engine.close();
});

test("what took too long once is answered the next time, if it does not then", async () => {
  const set = policies(`r := numbers.range(1, 1000)
x := 1 if time.now_ns() > 5
x := 2 if { time.now_ns() <= 5; count([1 | some i in r; some j in r; some k in r; i + j == k]) > 0 }`);
  const engine = await createGuardedEngine(set, patient);
  const evaluate = async (nowNs: bigint): Promise<unknown[]> =>
    (await engine.evaluate("data.t.x", [{ n: 1 }, { n: 2 }], { nowNs })).map(word);
  assert.deepEqual(await evaluate(3n), ["steps", "steps"]);
  assert.deepEqual(await evaluate(9n), [1, 1]);
  assert.deepEqual(await evaluate(9n), [1, 1]);
  await engine.close();
});

test("an answer that is too long is an error in the thread, its neighbours are answered", async () => {
  const set = policies('x := concat("", [y | some i in numbers.range(1, input.n); y := "aaaaaaaaaa"])');
  const engine = await createGuardedEngine(set, { ...patient, limits: { maxAnswerLength: 1_002 } });
  const answers = await engine.evaluate("data.t.x", [{ n: 1 }, { n: 101 }, { n: 100 }]);
  assert.deepEqual(answers.map(word), ["a".repeat(10), "answer", "a".repeat(1_000)]);
  await engine.close();
});

test("a policy that hangs on every input denies a batch of any size, again and again", async () => {
  const engine = await createGuardedEngine(policies('x if json.unmarshal("1e2000000000") > input.n'), {
    ...patient,
    deadlineMs: 300,
  });
  const inputs = Array.from({ length: 2_000 }, (_, n) => ({ n }));
  for (const size of [2_000, 128, 4, 1]) {
    const answers = await engine.evaluate("data.t.x", inputs.slice(0, size));
    assert.deepEqual(answers.map(word), new Array(size).fill("deadline"));
  }
  await engine.close();
});

test("after it was closed, and while it is being closed, every evaluation is an error", async () => {
  const engine = await createGuardedEngine(policies('x if json.unmarshal("1e2000000000") > 1'), patient);
  const under = engine.evaluate("data.t.x", [{}, {}]);
  const waiting = engine.evaluate("data.t.x", [{}]);
  await engine.close();
  assert.deepEqual((await under).map(word), ["closed", "closed"]);
  assert.deepEqual((await waiting).map(word), ["closed"]);
  assert.deepEqual((await engine.evaluate("data.t.x", [{}])).map(word), ["closed"]);
  await engine.close();
});
