/** Which extensions a configuration may name. */
import { checkAttribute } from "@coresdk/cloudevents";
import type { ExtensionName } from "@coresdk/pipeline";
import { findNearest } from "./nearest.ts";

const COMPUTED: readonly ExtensionName[] = [
  "distributed-tracing",
  "severity",
  "recordedtime",
  "partitioning",
  "authcontext",
];

/** CloudEvents attributes, and those that the envelope fills itself: none of them is an extension to be set. */
const RESERVED: ReadonlySet<string> = new Set([
  "id",
  "source",
  "specversion",
  "type",
  "datacontenttype",
  "dataschema",
  "subject",
  "time",
  "data",
  "traceparent",
  "tracestate",
]);

/** The computed extension of that name; `undefined` when there is none. */
export function findComputed(name: string): ExtensionName | undefined {
  return COMPUTED.find((computed) => computed === name);
}

/** What to do about a name that no computed extension has. */
export function describeUnknownExtension(name: string): string {
  const nearest = findNearest(name, COMPUTED);
  if (nearest !== undefined) return `no such extension; did you mean "${nearest}"?`;
  return (
    `only ${COMPUTED.join(", ")} are computed; others come from record attributes named cloudevents.<name>, ` +
    "or are set as {name: value}"
  );
}

/** What is wrong with the name of an extension that is set to a fixed value; `undefined` when nothing is. */
export function checkFixedName(name: string): string | undefined {
  if (!/^[a-z0-9]{1,20}$/.test(name)) return "must be an extension's name: 1 to 20 of a-z and 0-9";
  return RESERVED.has(name) ? `${name} is no extension that can be set` : undefined;
}

/** What is wrong with its value; `undefined` when nothing is. */
export function checkFixedValue(name: string, value: string | number | boolean): string | undefined {
  const expected = checkAttribute(name, value);
  return expected === undefined ? undefined : `must be ${expected}`;
}
