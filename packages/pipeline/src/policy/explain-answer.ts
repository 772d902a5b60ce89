import type { Answer } from "@coresdk/rego";

/** As much of a value is shown. */
const SHOWN = 80;

/** What the rule `allow` said, in words, for the people who write policies; it may repeat values of the input. */
export function explainAnswer(answer: Answer | undefined): string {
  switch (answer?.kind) {
    case "value": {
      if (typeof answer.value === "boolean") return `allow is ${answer.value}`;
      const text = JSON.stringify(answer.value, (_, value: unknown) =>
        typeof value === "bigint" ? value.toString() : value,
      );
      return `allow is ${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}, which is not true`;
    }
    case "undefined":
      return "allow is undefined";
    case "error":
      return `allow failed: ${answer.error.message}`;
    case undefined:
      return "allow failed: the engine gave no answer";
  }
}
