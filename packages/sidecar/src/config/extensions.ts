/** Which extensions a configuration may name. */
import type { ExtensionName } from "@coresdk/pipeline";
import { EXTENSION_NAMES } from "@coresdk/pipeline/checks";
import { findNearest } from "./nearest.ts";

/** The computed extension of that name; `undefined` when there is none. */
export function findComputed(name: string): ExtensionName | undefined {
  return EXTENSION_NAMES.find((computed) => computed === name);
}

/** What to do about a name that no computed extension has. */
export function describeUnknownExtension(name: string): string {
  const nearest = findNearest(name, EXTENSION_NAMES);
  if (nearest !== undefined) return `no such extension; did you mean "${nearest}"?`;
  return (
    `only ${EXTENSION_NAMES.join(", ")} are computed; others come from record attributes named cloudevents.<name>, ` +
    "or are set as {name: value}"
  );
}
