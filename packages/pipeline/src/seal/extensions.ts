/**
 * Extension attributes (semantics, section 2): first those that are computed, then those that the record or
 * the configuration names. A name that the record or the configuration gives is not computed.
 */
import { checkAttribute } from "@coresdk/cloudevents";
import type { Envelope } from "../envelope.ts";
import type { AnyValue, KeyValues } from "../log-event.ts";
import { nativeExtension } from "../native-extension.ts";
import type { WrapSettings } from "../settings.ts";

/** Which computed extensions are on. */
export interface EnabledExtensions {
  readonly tracing: boolean;
  readonly severity: boolean;
  readonly recordedTime: boolean;
  readonly partitioning: boolean;
  readonly authContext: boolean;
  /** Any but tracing: the default goes without them. */
  readonly moreThanTracing: boolean;
}

export function enabledExtensions({ extensions }: WrapSettings): EnabledExtensions {
  return {
    tracing: extensions.includes("distributed-tracing"),
    severity: extensions.includes("severity"),
    recordedTime: extensions.includes("recordedtime"),
    partitioning: extensions.includes("partitioning"),
    authContext: extensions.includes("authcontext"),
    moreThanTracing: extensions.some((extension) => extension !== "distributed-tracing"),
  };
}

/**
 * Adds the extension attributes of an envelope. None of them is reason enough to refuse an event: those whose name
 * or value is illegal are left out.
 *
 * @param leaveOut told the name of each of those
 */
export function addExtensions(
  envelope: Envelope,
  enabled: EnabledExtensions,
  recordedTime: string,
  leaveOut: (name: string) => void,
): void {
  const { draft } = envelope;
  for (const name of draft.leftOut ?? NO_NAMES) leaveOut(name);
  const isTraced = enabled.tracing && draft.traceId !== "" && draft.spanId !== "";
  if (draft.extensions === undefined && !enabled.moreThanTracing && draft.traceState === "") {
    envelope.traced = isTraced;
    return;
  }
  const given = draft.extensions === undefined ? NONE : readGiven(draft.extensions, leaveOut);
  const add = (name: string, value: string | number): void => {
    if (given.has(name)) return;
    if (checkAttribute(name, value) === undefined) envelope.extend(name, value);
    else leaveOut(name);
  };
  // An event that carries a context of its own keeps it, and no state of another is put beside it.
  if (isTraced && !given.has("traceparent")) {
    envelope.traced = true;
    if (draft.traceState !== "") add("tracestate", draft.traceState);
  }
  if (enabled.severity && draft.severityNumber > 0) {
    add("severitynumber", draft.severityNumber);
    if (draft.severityText !== "") add("severitytext", draft.severityText);
  }
  if (enabled.recordedTime) add("recordedtime", recordedTime);
  if (enabled.partitioning && envelope.subject !== "") add("partitionkey", envelope.subject);
  if (enabled.authContext) {
    add("authtype", draft.user === "" ? "unknown" : "app_user");
    if (draft.user !== "") add("authid", draft.user);
  }
  for (const [name, value] of given) envelope.extend(name, value);
}

type Given = ReadonlyMap<string, string | number | boolean>;

const NONE: Given = new Map();
const NO_NAMES: readonly string[] = [];

/** The legal ones. Of a name given twice the first one counts: the configuration's, then the record's. */
function readGiven({ keys, values }: KeyValues, leaveOut: (name: string) => void): Given {
  const given = new Map<string, string | number | boolean>();
  for (let i = 0; i < keys.length; i++) {
    const name = keys[i] ?? "";
    if (given.has(name)) continue;
    const value = toAttribute(values[i] ?? null);
    if (value === undefined || checkAttribute(name, value) !== undefined) leaveOut(name);
    else given.set(name, nativeExtension(name, value));
  }
  return given;
}

/** The value as CloudEvents has it; `undefined` for what its type system lacks. Bytes become base64 text. */
function toAttribute(value: AnyValue): string | number | boolean | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : undefined;
}
