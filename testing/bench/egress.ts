/**
 * The egress policy as the pipeline runs it. An operation is one event.
 *
 * `egress cached`: intake with a policy that reads only the event type, against intake without one, on the same
 * requests. `egress uncached`: the policy stage alone, on inputs of which no two are the same to the policy, so that
 * every one is evaluated; both threads' CPU time counts, and the peer is the budget of an event.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  EgressPolicy,
  type PolicyInput,
  systemClock,
  systemRandom,
  type WrapSettings,
} from "@coresdk/pipeline";
import { createIntake } from "../../packages/pipeline/src/intake.ts";
import { decisionRequest } from "../otlp/requests.ts";
import { type CompareOptions, type Figure, keep, measureRow, median, type Target } from "./measure.ts";

const EVENTS = 100;
const REQUESTS = 50;
const BATCHES = 40;
const BUDGET_US = 30;
const budget = `${BUDGET_US} us an event`;

export const targets: readonly Target[] = [
  { name: "egress cached", peer: "no policy", atLeast: 0.85 },
  { name: "egress uncached", peer: budget, atLeast: 1 },
];

const SETTINGS: WrapSettings = {
  source: "https://orders.acme.com",
  tenant: undefined,
  extensions: ["distributed-tracing"],
  fixedExtensions: {},
  data: "attributes",
  order: "subject",
};

const BY_TYPE = `package acme["cloudevents-egress"]

default allow := false
allow if startswith(input.event_type, "io.coresdk.")
`;

const BY_SUBJECT = `package acme["cloudevents-egress"]

default allow := false
allow if {
  startswith(input.event_type, "io.coresdk.")
  input.tenant_id == "acme"
  not startswith(input.subject, "tenant/internal")
}
`;

/** Runs the rows whose name contains `filter`. */
export async function rows(filter = "", options: CompareOptions = {}): Promise<Figure[]> {
  const figures: Figure[] = [];
  if ("egress cached".includes(filter))
    figures.push(...(await withPolicy(BY_TYPE, (p) => compareIntake(p, options))));
  if ("egress uncached".includes(filter)) figures.push(await withPolicy(BY_SUBJECT, measureUncached));
  return figures;
}

async function compareIntake(policy: EgressPolicy, options: CompareOptions): Promise<Figure[]> {
  const requests = Array.from({ length: REQUESTS }, (_, seed) => decisionRequest(EVENTS, seed + 1));
  const ports = { clock: systemClock, random: systemRandom };
  const taking = (intake: ReturnType<typeof createIntake>) => {
    let next = 0;
    return (n: number): void => {
      for (let done = 0; done < n; done += EVENTS) {
        const request = requests[next++ % REQUESTS];
        if (request !== undefined) keep(intake.intakeRequest(request, "protobuf"));
      }
    };
  };
  const ours = createIntake(SETTINGS, { ...ports, policy });
  // Each type is decided once; from then on intake does not wait for the policy's thread.
  for (const request of requests) await ours.intakeRequest(request, "protobuf");
  const peers = [{ peer: "no policy", run: taking(createIntake(SETTINGS, ports)) }];
  return measureRow({ name: "egress cached", ours: taking(ours), peers }, { rounds: 25, ...options });
}

async function measureUncached(policy: EgressPolicy): Promise<Figure> {
  const rates: number[] = [];
  for (let round = 0; round < 18; round++) {
    const batches = Array.from({ length: BATCHES }, (_, batch) => inputsOf(`${round}_${batch}`));
    const before = process.cpuUsage();
    for (const inputs of batches) {
      const decisions = await policy.decide({ count: EVENTS, at: (i) => inputs[i] ?? NO_INPUT });
      if (decisions === "all" || decisions.filter((allowed) => allowed).length !== EVENTS / 2) {
        throw new Error("the policy decides otherwise");
      }
    }
    const used = process.cpuUsage(before);
    // The first rounds are of code that is not optimised yet.
    if (round >= 3) rates.push((EVENTS * BATCHES * 1e6) / (used.user + used.system));
  }
  const opsPerSecond = median(rates);
  return { name: "egress uncached", peer: budget, opsPerSecond, ratio: opsPerSecond / (1e6 / BUDGET_US) };
}

const NO_INPUT: PolicyInput = { event_type: "", subject: undefined, source: "", tenant_id: undefined };

function inputsOf(name: string): PolicyInput[] {
  return Array.from({ length: EVENTS }, (_, n) => ({
    event_type: n % 2 === 0 ? "io.coresdk.policy.decision" : "com.acme.order.viewed",
    subject: `tenant/acme/user/usr_${name}_${n}`,
    source: "https://orders.acme.com",
    tenant_id: "acme",
  }));
}

async function withPolicy<Result>(
  rego: string,
  run: (policy: EgressPolicy) => Promise<Result>,
): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), "coresdk-bench-"));
  await writeFile(join(dir, "egress.rego"), rego);
  const settings = { dir, package: "acme/cloudevents-egress", deadlineMs: 10_000, dryRun: false };
  const policy = new EgressPolicy(settings, { clock: systemClock, facts: { record: () => {} } });
  try {
    await policy.open();
    return await run(policy);
  } finally {
    await policy.close();
    await rm(dir, { recursive: true });
  }
}
