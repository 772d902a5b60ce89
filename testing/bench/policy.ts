/**
 * An egress policy, evaluated for each event: a small set of types, a tenant and a part of the subject. An operation
 * is one event, whose input no other has, so that no cache helps. Both threads' CPU time counts. The peer is the
 * budget: what an event may cost.
 */
import { createEngine, createGuardedEngine, type PolicySet, rulePath } from "@coresdk/rego";
import { type Figure, keep, median, type Target } from "./measure.ts";

const BATCH = 50;
const BATCHES = 40;
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
    const engine = createEngine(policies);
    const run = async (inputs: readonly { [name: string]: string }[]): Promise<void> => {
      for (const input of inputs) keep(engine.evaluate(allow, input));
    };
    figures.push(await measure("egress policy, direct", run));
  }
  if ("egress policy, guarded".includes(filter)) {
    const engine = await createGuardedEngine(policies, { deadlineMs: 10_000 });
    const run = async (inputs: readonly { [name: string]: string }[]): Promise<void> => {
      const answers = await engine.evaluate(allow, inputs);
      if (answers.some((answer) => answer.kind !== "value")) throw new Error("the policy gives no answer");
    };
    figures.push(await measure("egress policy, guarded", run));
    await engine.close();
  }
  return figures;
}

async function measure(
  name: string,
  run: (inputs: readonly { [name: string]: string }[]) => Promise<void>,
): Promise<Figure> {
  const batches = Array.from({ length: BATCHES }, (_, batch) => inputsOf(batch));
  const rates: number[] = [];
  for (let round = 0; round < 18; round++) {
    const before = process.cpuUsage();
    for (const inputs of batches) await run(inputs);
    const used = process.cpuUsage(before);
    // The first rounds are of code that is not optimised yet.
    if (round >= 3) rates.push((BATCH * BATCHES * 1e6) / (used.user + used.system));
  }
  const opsPerSecond = median(rates);
  return { name, peer, opsPerSecond, ratio: opsPerSecond / (1e6 / BUDGET_US) };
}
