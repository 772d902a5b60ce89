/** What OPA answers to the policies of `opa-policies.ts`. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { inputs, makePolicy } from "./opa-policies.ts";

/** As many policies are recorded. */
export const SEEDS = 400;

/** Answers of OPA 1.2.0, by the seed: a letter for each input, or `R` and why OPA's compiler refuses the policy. */
export function recordedAnswers(): readonly string[] {
  const answers: unknown = JSON.parse(readFileSync(new URL("opa-answers.json", import.meta.url), "utf8"));
  if (!Array.isArray(answers)) throw new Error("opa-answers.json is no list");
  return answers.map(String);
}

/** Asks a program made of `opa-oracle.go`. */
export function askOracle(command: string, seeds: readonly number[]): string[] {
  const asked = seeds.map((seed) => ({ ...makePolicy(seed), inputs }));
  const said = spawnSync(command, { input: JSON.stringify(asked), encoding: "utf8", maxBuffer: 2 ** 26 });
  if (said.status !== 0) throw new Error(`the oracle fails: ${said.stderr}`);
  return said.stdout.trim().split("\n");
}
