/**
 * An egress policy, evaluated for each event: a small set of types, a tenant and a part of the subject. An operation
 * is one event, whose input no other has, so that no cache helps. Both threads' CPU time counts. The peer is the
 * budget: what an event may cost. There is no contender whom a busy machine would slow down as well, so that the best
 * of some runs counts, each with an engine of its own.
 */
import { createEngine, createGuardedEngine, type PolicySet, rulePath } from "@coresdk/rego";
import { type Figure, keep, median, type Target } from "./measure.ts";

const BATCH = 50;
const BATCHES = 40;
const RUNS = 4;
const ROUNDS = 16;
/** The first rounds are of code that is not optimised yet, and of its optimisation. */
const WARM_UP = 6;
const BUDGET_US = 30;
const peer = `${BUDGET_US} us an event`;

export const targets: readonly Target[] = [{ name: "egress policy, guarded", peer, atLeast: 1 }];

const allow = rulePath("acme/cloudevents-egress", "allow");
const policies: PolicySet = {
  modules: [
    {
      file: "egress.rego",
      text: `package acme["cloudevents-egress"]

default allow := false

published := {"io.coresdk.policy.decision", "io.coresdk.auth.verified", "com.acme.order.created"}

allow if {
  input.event_type in published
  input.tenant_id == "acme"
  not startswith(input.subject, "tenant/internal")
}
`,
    },
  ],
};

function inputsOf(batch: number): { [name: string]: string }[] {
  return Array.from({ length: BATCH }, (_, n) => ({
    event_type: n % 2 === 0 ? "com.acme.order.created" : "com.acme.order.viewed",
    subject: `tenant/acme/user/usr_${batch}_${n}`,
    source: "https://orders.acme.com",
    tenant_id: "acme",
  }));
}

/** Runs the rows whose name contains `filter`. */
export async function rows(filter = ""): Promise<Figure[]> {
  const figures: Figure[] = [];
  if ("egress policy, direct".includes(filter)) {
    figures.push(await measure("egress policy, direct", openDirect));
  }
  if ("egress policy, guarded".includes(filter)) {
    figures.push(await measure("egress policy, guarded", openGuarded));
  }
  return figures;
}

type Inputs = readonly { readonly [name: string]: string }[];

interface Run {
  evaluate(inputs: Inputs): Promise<void>;
  close(): Promise<void>;
}

async function openDirect(): Promise<Run> {
  const engine = createEngine(policies);
  return {
    async evaluate(inputs) {
      for (const input of inputs) keep(engine.evaluate(allow, input));
    },
    close: async () => {},
  };
}

async function openGuarded(): Promise<Run> {
  const engine = await createGuardedEngine(policies, { deadlineMs: 10_000 });
  return {
    async evaluate(inputs) {
      const answers = await engine.evaluate(allow, inputs);
      if (answers.some((answer) => answer.kind !== "value")) throw new Error("the policy gives no answer");
    },
    close: () => engine.close(),
  };
}

async function measure(name: string, open: () => Promise<Run>): Promise<Figure> {
  const batches = Array.from({ length: BATCHES }, (_, batch) => inputsOf(batch));
  const rates: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const run = await open();
    rates.push(await measureRun(run, batches));
    await run.close();
  }
  const opsPerSecond = Math.max(...rates);
  return { name, peer, opsPerSecond, ratio: opsPerSecond / (1e6 / BUDGET_US) };
}

async function measureRun(run: Run, batches: readonly Inputs[]): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (const inputs of batches) await run.evaluate(inputs);
    const used = process.cpuUsage(before);
    if (round >= WARM_UP) rates.push((BATCH * BATCHES * 1e6) / (used.user + used.system));
  }
  return median(rates);
}
