import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Dispatcher } from "../src/dispatcher.ts";
import { RegoError } from "../src/errors.ts";
import { completeLimits } from "../src/limits.ts";
import { engineCode } from "../src/wasm-module.ts";
import { HANGS, SimulatedThreads, type TimedInput } from "./simulated-threads.ts";

const DEADLINE_MS = 256;
/** As many evaluations share one deadline. */
const TOGETHER = 128;
const SHARE_MS = DEADLINE_MS / TOGETHER;

/** What became of each input of a call: its number, or why not. */
type Words = readonly (number | string | undefined)[];

class Engine {
  readonly threads = new SimulatedThreads();
  readonly #dispatcher: Dispatcher;

  constructor() {
    const limits = completeLimits();
    const start = { code: engineCode(), policies: { modules: [] }, limits, isStrict: false };
    const settings = { start, deadlineMs: DEADLINE_MS, loadDeadlineMs: 1_000 };
    this.#dispatcher = new Dispatcher(settings, this.threads, () => this.threads.now);
  }

  async evaluate(inputs: readonly TimedInput[]): Promise<Words> {
    const answers = await this.#dispatcher.evaluate("data.t.x", inputs, undefined);
    return answers.map((answer) => (answer instanceof RegoError ? answer.code : Number(answer)));
  }

  close(): Promise<void> {
    return this.#dispatcher.close();
  }
}

let last = 0;

/** Inputs that nobody has asked before, of which each takes so long. */
function inputsOf(durationsMs: readonly number[]): readonly TimedInput[] {
  return durationsMs.map((ms) => ({ n: ++last, ms }));
}

function same(count: number, ms: number): readonly TimedInput[] {
  return inputsOf(new Array<number>(count).fill(ms));
}

function numbersOf(inputs: readonly TimedInput[]): Words {
  return inputs.map(({ n }) => n);
}

const heldUp = fc.array(fc.constantFrom(0, 0, 10, 300, 10_000), { minLength: 1, maxLength: 20 });

function heldUpInTurn(times: readonly number[]): () => number {
  let turn = 0;
  return () => times[turn++ % times.length] ?? 0;
}

/** Calls of one moment, while the caller's thread is held up for so long in turn. */
async function askTogether(durations: readonly (readonly number[])[], times: readonly number[]) {
  const engine = new Engine();
  engine.threads.heldUpMs = heldUpInTurn(times);
  const inputs = durations.map(inputsOf);
  const answers = await Promise.all(inputs.map((call) => engine.evaluate(call)));
  return { engine, inputs, answers };
}

test("the caller's thread is held up again and again, and nothing fails for that", async () => {
  const duration = fc.double({ min: 0, max: SHARE_MS, noNaN: true });
  const calls = fc.array(fc.array(duration, { maxLength: 700 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(calls, heldUp, async (durations, times) => {
      const { inputs, answers } = await askTogether(durations, times);
      assert.deepEqual(answers, inputs.map(numbersOf));
    }),
    { seed: 3, numRuns: 60 },
  );
});

test("a call that is alone and held up once is answered whole", async () => {
  for (const size of [128, 129, 300, 1_000]) {
    const engine = new Engine();
    let times = 1;
    engine.threads.heldUpMs = () => (times-- > 0 ? DEADLINE_MS * 3 : 0);
    const inputs = same(size, 0.02);
    assert.deepEqual(await engine.evaluate(inputs), numbersOf(inputs));
  }
});

test("inputs that are slower than their share have more batches, as long as these get on", async () => {
  const engine = new Engine();
  const inputs = same(200, SHARE_MS * 1.5);
  assert.deepEqual(await engine.evaluate(inputs), numbersOf(inputs));
});

test("what was not sent when answers alone had used up the time is in the next batches, however many", async () => {
  const engine = new Engine();
  engine.threads.isUnwatched = true;
  const inputs = same(2_000, 30);
  assert.deepEqual(await engine.evaluate(inputs), numbersOf(inputs));
});

test("whatever calls ask, each ends, what is answered is right, and each input costs its patience three times at most", async () => {
  const duration = fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: 0, max: SHARE_MS, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(10, 63, 65, 100, 200, HANGS) },
  );
  const calls = fc.array(fc.array(duration, { maxLength: 300 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(calls, heldUp, async (durations, times) => {
      const { engine, inputs, answers } = await askTogether(durations, times);
      for (const [call, words] of answers.entries()) {
        for (const [index, word] of words.entries()) {
          const { n, ms } = inputs[call]?.[index] ?? { n: 0, ms: 0 };
          assert.ok(word === "deadline" || (word === n && ms < HANGS));
        }
      }
      const quick = durations.flat().filter((ms) => ms < DEADLINE_MS / 4);
      const slow = durations.flat().length - quick.length;
      const most = 2 * quick.reduce((sum, ms) => sum + ms, 0) + slow * 3 * DEADLINE_MS;
      assert.ok(engine.threads.workedMs <= most + 12 * DEADLINE_MS, `${engine.threads.workedMs} ms`);
    }),
    { seed: 11, numRuns: 60 },
  );
});

test("a call of any size that hangs on everything has three batches", async () => {
  for (const size of [1, 5, 128, 5_000]) {
    const engine = new Engine();
    assert.deepEqual(await engine.evaluate(same(size, HANGS)), new Array(size).fill("deadline"));
    assert.ok(engine.threads.workedMs <= 3 * DEADLINE_MS + 1e-6, `${engine.threads.workedMs} ms`);
  }
});

test("some that hang take no answer from the others of their call, wherever they stand", async () => {
  const place = fc.uniqueArray(fc.nat(299), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(place, async (places) => {
      const engine = new Engine();
      const inputs = inputsOf(Array.from({ length: 300 }, (_, n) => (places.includes(n) ? HANGS : 0.05)));
      const expected = inputs.map(({ n, ms }) => (ms === HANGS ? "deadline" : n));
      assert.deepEqual(await engine.evaluate(inputs), expected);
    }),
    { seed: 17, numRuns: 60 },
  );
});

for (const [others, ms] of [
  [1, 0.5],
  [4, 1],
  [4, 1.9],
  [8, 0.5],
  [8, 1],
  [11, 1.5],
] as const) {
  test(`a large call of ${ms} ms each is answered while ${others} others always have one under way that hangs`, async () => {
    const engine = new Engine();
    let isEnded = false;
    let hung = 0;
    const hang = async (): Promise<void> => {
      for (; !isEnded; hung++) assert.deepEqual(await engine.evaluate(same(1, HANGS)), ["deadline"]);
    };
    const inputs = same(3_000, ms);
    const large = engine.evaluate(inputs).finally(() => {
      isEnded = true;
    });
    const hanging = Array.from({ length: others }, hang);
    assert.deepEqual(await large, numbersOf(inputs));
    await Promise.all(hanging);
    assert.ok(hung >= others);
  });
}

test("small calls are answered in between large ones, however many these are", async () => {
  const engine = new Engine();
  const { threads } = engine;
  const small: Promise<void>[] = [];
  const ask = async (): Promise<void> => {
    const begun = threads.now;
    const inputs = same(1, 0.02);
    assert.deepEqual(await engine.evaluate(inputs), numbersOf(inputs));
    // What is left of a batch, and a message.
    const most = DEADLINE_MS + 2 * TOGETHER;
    assert.ok(threads.now - begun <= most, `${threads.now - begun} ms`);
  };
  const sizes = [4_000, 5_000, 6_000];
  const large: Promise<Words>[] = [];
  let messages = 0;
  threads.meanwhile = () => {
    messages++;
    const size = messages % 3 === 0 ? sizes.pop() : undefined;
    if (size !== undefined) large.push(engine.evaluate(same(size, 1)));
    if (messages % 5 === 0) small.push(ask());
  };
  await engine.evaluate(same(3_000, 1));
  for (const answers of await Promise.all(large)) assert.ok(answers.every((word) => word !== "deadline"));
  await Promise.all(small);
  assert.ok(small.length > 20);
});

test("a call comes to its end beside newcomers that use up the time of each batch", async () => {
  for (const ms of [2.5, 20]) {
    const engine = new Engine();
    let isEnded = false;
    let newcomers = 0;
    const inputs = same(1_000, 1);
    const large = engine.evaluate(inputs).finally(() => {
      isEnded = true;
    });
    const ask = async (): Promise<void> => {
      for (; !isEnded; newcomers++) await engine.evaluate(same(TOGETHER, ms));
    };
    const others = [ask(), ask()];
    assert.deepEqual(await large, numbersOf(inputs));
    assert.ok(newcomers <= 20, `${newcomers} newcomers`);
    await Promise.all(others);
  }
});

test("what took long once is tried again in the end, and does not wait for ever beside others that come", async () => {
  const engine = new Engine();
  const suspect = inputsOf([HANGS]);
  assert.deepEqual(await engine.evaluate(suspect), ["deadline"]);
  let isEnded = false;
  let newcomers = 0;
  const again = engine.evaluate(suspect).finally(() => {
    isEnded = true;
  });
  const ask = async (): Promise<void> => {
    for (; !isEnded; newcomers++) await engine.evaluate(same(TOGETHER, 2.5));
  };
  const others = [ask(), ask()];
  assert.deepEqual(await again, ["deadline"]);
  assert.ok(newcomers <= 12, `${newcomers} newcomers`);
  await Promise.all(others);
});

test("a call that is closed in the middle ends", async () => {
  const engine = new Engine();
  let messages = 0;
  let closed: Promise<void> | undefined;
  engine.threads.meanwhile = () => {
    messages++;
    if (messages === 3) closed = engine.close();
  };
  const answers = await engine.evaluate(same(1_000, 0.5));
  await closed;
  assert.ok(answers.includes("closed"));
  assert.ok(answers.every((word) => typeof word === "number" || word === "closed"));
});
