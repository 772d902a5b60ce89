import type { InputReads, RegoValue } from "@coresdk/rego";
import type { PolicyInput } from "../draft.ts";

/** Gives inputs the same text exactly when the policy cannot tell them apart. */
export type InputKey = (input: PolicyInput) => string;

const FIELDS = ["event_type", "subject", "source", "tenant_id"] as const satisfies (keyof PolicyInput)[];

/** Compiles the key of what a rule can read; other fields than ours are absent from every input. */
export function compileInputKey(reads: Pick<InputReads, "fields">): InputKey {
  const read = fieldsOf(reads);
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

/** Makes the document that a rule reads of an input. */
export type InputDocument = (input: Partial<PolicyInput>) => RegoValue;

/**
 * Compiles the document of what a rule can read: what it cannot is not worth its way to the engine. What an event does
 * not have is not there, and not null, so that `not input.subject` holds.
 */
export function compileInputDocument(reads: Pick<InputReads, "fields">): InputDocument {
  const read = fieldsOf(reads);
  return (input) => {
    const document: { [name: string]: string } = {};
    for (const field of read) {
      const value = input[field];
      // Half a character could not be passed on; no attribute's grammar has checked the tenant.
      if (value !== undefined) document[field] = value.toWellFormed();
    }
    return document;
  };
}

function fieldsOf({ fields }: Pick<InputReads, "fields">): readonly (keyof PolicyInput)[] {
  return fields === "all" ? FIELDS : FIELDS.filter((field) => fields.includes(field));
}
