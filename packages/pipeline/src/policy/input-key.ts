import type { InputReads, RegoValue } from "@coresdk/rego";
import type { PolicyInput } from "../draft.ts";

/** Gives inputs the same text exactly when the policy cannot tell them apart. */
export type InputKey = (input: PolicyInput) => string;

const FIELDS = ["event_type", "subject", "source", "tenant_id"] as const satisfies (keyof PolicyInput)[];

/** Compiles the key of what a rule can read; other fields than ours are absent from every input. */
export function compileInputKey({ fields }: Pick<InputReads, "fields">): InputKey {
  const read = fields === "all" ? FIELDS : FIELDS.filter((field) => fields.includes(field));
  const [first, ...rest] = read;
  if (first === undefined) return () => "";
  if (rest.length === 0) {
    // Mostly the event type: the text itself is the key, and nothing is put together.
    return first === "event_type" || first === "source"
      ? (input) => input[first]
      : (input) => withLength(input[first]);
  }
  return (input) => {
    let key = "";
    for (const field of read) key += withLength(input[field]);
    return key;
  };
}

/** With its length in front no text can run into the next; an absent one is none of those. */
function withLength(value: string | undefined): string {
  return value === undefined ? "-" : `${value.length}:${value}`;
}

/** The document that the policy reads: what an event does not have is not there, so that `not input.subject` holds. */
export function toDocument({ event_type, subject, source, tenant_id }: Partial<PolicyInput>): RegoValue {
  return {
    ...(event_type === undefined ? {} : { event_type }),
    ...(subject === undefined ? {} : { subject }),
    ...(source === undefined ? {} : { source }),
    // The only field that no attribute's grammar has checked: half a character could not be passed on.
    ...(tenant_id === undefined ? {} : { tenant_id: tenant_id.toWellFormed() }),
  };
}
