/** Policies that tests share. */
import type { Answer, Engine, EngineOptions, PolicySet, RegoValue } from "../src/contracts.ts";
import { createEngine } from "../src/engine.ts";

/** A set of one module, whose package is `t`. */
export function policies(body: string, documents: PolicySet["documents"] = []): PolicySet {
  return { modules: [{ file: "t.rego", text: `package t\n${body}\n` }], documents };
}

/** An engine with one module, whose package is `t`. */
export function engineWith(body: string, options: EngineOptions = {}): Engine {
  return createEngine(policies(body), options);
}

/** The value of `data.t.x`; what is no value is thrown. */
export function valueOfX(body: string, input?: RegoValue): RegoValue {
  const answer = engineWith(body).evaluate("data.t.x", input);
  if (answer.kind === "value") return answer.value;
  throw answer.kind === "error" ? answer.error : new Error("undefined");
}

/** What `data.t.x` is for each input: its value, or the kind of answer that is none. */
export function answers(body: string, inputs: readonly RegoValue[]): readonly (RegoValue | Answer["kind"])[] {
  const engine = engineWith(body);
  return inputs.map((input) => {
    const answer = engine.evaluate("data.t.x", input);
    return answer.kind === "value" ? answer.value : answer.kind;
  });
}

/** What a sidecar's operator would write first. */
export const egress: PolicySet = {
  modules: [
    {
      file: "egress.rego",
      text: `package acme["cloudevents-egress"]

default allow := false

published := {"io.coresdk.policy.decision", "com.acme.order.created"}

allow if {
  input.event_type in published
  input.tenant_id == "acme"
  not startswith(input.subject, "tenant/internal")
}
`,
    },
  ],
};

/** Functions that call one another, too deep for the engine's stack: `deep(n)` breaks it down. */
export const tooDeep: string = [
  "deep_0(n) := n",
  ...Array.from({ length: 3_000 }, (_, n) => `deep_${n + 1}(n) := deep_${n}(n)`),
  "deep(n) := deep_3000(n)",
].join("\n");
