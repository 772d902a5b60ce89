/**
 * A policy set that is loaded, from when it takes force to when the last batch that it decides is through. Its cache
 * goes with it, so that no decision outlives its policy.
 */
import type { Answer, GuardedEngine } from "@coresdk/rego";
import type { Clock, FactRecorder, PolicyFailure } from "../contracts.ts";
import type { Decisions, Policy, PolicyInput, PolicyInputs } from "../draft.ts";
import { facts } from "../facts.ts";
import { holdProcess } from "../system.ts";
import { DecisionCache } from "./decision-cache.ts";
import { type Failures, FailureTable } from "./failure-table.ts";
import { compileInputDocument, compileInputKey, type InputDocument, type InputKey } from "./input-key.ts";
import { judgeAnswer } from "./judge-answer.ts";

export interface PolicyPorts {
  readonly clock: Clock;
  readonly facts: FactRecorder;
}

/** Inputs that the policy cannot tell apart, and the events that they stand for. */
interface Question {
  readonly key: string;
  readonly input: PolicyInput;
  readonly places: number[];
}

export class LoadedPolicies implements Policy {
  readonly #engine: GuardedEngine;
  readonly #rule: string;
  readonly #ports: PolicyPorts;
  readonly #keyOf: InputKey;
  readonly #documentOf: InputDocument;
  /** None when the answer depends on more than the input. */
  readonly #cache: DecisionCache | undefined;
  readonly #failures: FailureTable;
  /** Batches that wait for the engine. */
  #waiting = 0;
  #retired: PromiseWithResolvers<void> | undefined;
  #isAbandoned = false;

  /** @param rule the path of the rule that must be true */
  constructor(engine: GuardedEngine, rule: string, ports: PolicyPorts) {
    this.#engine = engine;
    this.#rule = rule;
    this.#ports = ports;
    this.#failures = new FailureTable(ports.clock);
    const reads = engine.reads(rule);
    this.#keyOf = compileInputKey(reads);
    this.#documentOf = compileInputDocument(reads);
    this.#cache = reads.isVolatile ? undefined : new DecisionCache();
  }

  decide(inputs: PolicyInputs): Decisions | Promise<Decisions> {
    const decisions: boolean[] = new Array(inputs.count).fill(false);
    const questions = new Map<string, Question>();
    let allowed = 0;
    for (let i = 0; i < inputs.count; i++) {
      const input = inputs.at(i);
      const key = this.#keyOf(input);
      const known = this.#cache?.get(key);
      if (known === undefined) this.#ask(questions, key, input, i);
      else if (known) {
        decisions[i] = true;
        allowed++;
      }
    }
    if (questions.size > 0) return this.#answer([...questions.values()], decisions);
    return allowed === inputs.count ? "all" : decisions;
  }

  /** Asks the engine about one input, past the cache. */
  async evaluate(input: Partial<PolicyInput>): Promise<Answer | undefined> {
    const [answer] = await this.#evaluate([input]);
    return answer;
  }

  /** Why evaluations gave no decision. */
  failures(): readonly PolicyFailure[] {
    return this.#failures.list();
  }

  /** Ends the engine once the batches that wait for it are decided: no event is denied because policies change. */
  async retire(): Promise<void> {
    this.#retired ??= Promise.withResolvers();
    if (this.#waiting === 0) this.#retired.resolve();
    await this.#retired.promise;
    // An idle thread keeps no process alive, and neither does its end.
    await holdProcess(this.#engine.close());
  }

  /** Lets {@link LoadedPolicies.retire} go on whatever waits; that is denied then, which nobody hears. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#retired?.resolve();
  }

  #ask(questions: Map<string, Question>, key: string, input: PolicyInput, place: number): void {
    // Without a cache each event has a question of its own, as each has an evaluation.
    const own = this.#cache === undefined ? String(place) : key;
    const question = questions.get(own);
    if (question === undefined) questions.set(own, { key, input, places: [place] });
    else question.places.push(place);
  }

  async #answer(questions: readonly Question[], decisions: boolean[]): Promise<Decisions> {
    this.#waiting++;
    try {
      const answers = await this.#evaluate(questions.map(({ input }) => input));
      const failed = new Map<string, Failures>();
      for (const [i, { key, places }] of questions.entries()) {
        const { allowed, lasting, failure, place } = judgeAnswer(answers[i]);
        if (lasting) this.#cache?.set(key, allowed);
        if (allowed) for (const at of places) decisions[at] = true;
        if (failure === undefined) continue;
        const reason = this.#failures.reasonOf(failure, place);
        const failures = failed.get(reason) ?? { kind: failure, reason, count: 0 };
        failures.count++;
        failed.set(reason, failures);
      }
      for (const failures of failed.values()) this.#report(failures);
    } catch {
      // Fail closed: what is not decided by now stays false.
      this.#report({ kind: "crash", reason: "crash", count: questions.length });
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#retired?.resolve();
    }
    return decisions;
  }

  #report({ kind, reason, count }: Failures): void {
    if (this.#isAbandoned) return;
    this.#failures.count(reason, count);
    this.#ports.facts.record(facts.policyFailures, count, { kind }, reason);
  }

  #evaluate(inputs: readonly Partial<PolicyInput>[]): ReturnType<GuardedEngine["evaluate"]> {
    this.#ports.facts.record(facts.policyEvaluations, inputs.length);
    const nowNs = BigInt(Math.trunc(this.#ports.clock.now())) * 1_000_000n;
    return this.#engine.evaluate(this.#rule, inputs.map(this.#documentOf), { nowNs });
  }
}
