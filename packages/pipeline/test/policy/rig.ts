import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import type { FactRecorder } from "../../src/contracts.ts";
import type { Decisions, PolicyInput, PolicyInputs } from "../../src/draft.ts";
import type { Fact } from "../../src/facts.ts";
import { EgressPolicy } from "../../src/policy/egress-policy.ts";
import type { PolicySettings } from "../../src/settings.ts";
import { systemClock } from "../../src/system.ts";

export const PACKAGE = "acme/cloudevents-egress";

/** The module of the package with these rules. */
export function moduleOf(rules: string): string {
  return `package acme["cloudevents-egress"]\n\n${rules}\n`;
}

/** A folder that goes with the test. */
export async function makeFolder(
  context: TestContext,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "coresdk-policy-"));
  context.after(() => rm(dir, { recursive: true, force: true }));
  await writeFiles(dir, files);
  return dir;
}

export async function writeFiles(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
}

/** One recorded fact. */
export interface Recorded {
  readonly fact: Fact;
  readonly amount: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly detail: string;
}

/** Keeps what is recorded, and says when something has been. */
export class FactsOfTest implements FactRecorder {
  readonly all: Recorded[] = [];
  #changed = Promise.withResolvers<void>();

  record(fact: Fact, amount = 1, labels: Readonly<Record<string, string>> = {}, detail = ""): void {
    this.all.push({ fact, amount, labels, detail });
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  of(fact: Fact): readonly Recorded[] {
    return this.all.filter((one) => one.fact === fact);
  }

  total(fact: Fact): number {
    return this.of(fact).reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Resolves with the `count`-th of a fact. */
  async seen(fact: Fact, count = 1): Promise<Recorded> {
    await this.until(() => this.of(fact).length >= count);
    const one = this.of(fact)[count - 1];
    if (one === undefined) throw new Error("what has been seen is there");
    return one;
  }

  /** Resolves once something recorded makes the condition true. */
  async until(condition: () => boolean): Promise<void> {
    // The policy's own timers keep no process alive; this one does, and ends a wait for what never comes.
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("it did not happen")), 30_000);
    try {
      while (!condition()) await Promise.race([this.#changed.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

export interface PolicyRig {
  readonly policy: EgressPolicy;
  readonly facts: FactsOfTest;
}

export interface RigOptions extends Partial<PolicySettings> {
  readonly dir: string;
}

/** An open policy, closed with the test. */
export async function openPolicy(context: TestContext, options: RigOptions): Promise<PolicyRig> {
  const facts = new FactsOfTest();
  const settings = { package: PACKAGE, deadlineMs: 2_000, dryRun: false, ...options };
  const policy = new EgressPolicy(settings, { clock: systemClock, facts });
  context.after(() => policy.close());
  await policy.open();
  return { policy, facts };
}

export function inputOf(event_type: string, fields: Partial<PolicyInput> = {}): PolicyInput {
  return {
    event_type,
    subject: "tenant/acme/user/u1",
    source: "https://orders.acme.com",
    tenant_id: "acme",
    ...fields,
  };
}

export function inputsOf(inputs: readonly PolicyInput[]): PolicyInputs {
  return {
    count: inputs.length,
    at(i) {
      const input = inputs[i];
      if (input === undefined) throw new RangeError(`there is no input ${i}`);
      return input;
    },
  };
}

/** Event types alone. */
export function typesOf(...types: readonly string[]): PolicyInputs {
  return inputsOf(types.map((type) => inputOf(type)));
}

/** Decisions as a list, `"all"` written out. */
export async function listDecisions(
  policy: { decide(inputs: PolicyInputs): Decisions | Promise<Decisions> },
  inputs: PolicyInputs,
): Promise<readonly boolean[]> {
  const decisions = await policy.decide(inputs);
  return decisions === "all" ? new Array<boolean>(inputs.count).fill(true) : decisions;
}
