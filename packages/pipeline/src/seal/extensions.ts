/**
 * Extension attributes (semantics, section 2): first those that are computed, then those that the record or
 * the configuration names. A name that the record or the configuration gives is not computed.
 */
import { checkAttribute } from "@coresdk/cloudevents";
import type { Envelope } from "../envelope.ts";
import type { AnyValue, KeyValues } from "../log-event.ts";
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

export interface ExtensionFault {
  readonly attribute: string;
  readonly expected: string;
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

/** Adds the extension attributes of an envelope; returns the fault of the first one that is illegal. */
export function addExtensions(
  envelope: Envelope,
  enabled: EnabledExtensions,
  recordedTime: string,
): ExtensionFault | undefined {
  const { draft } = envelope;
  const given = draft.extensions;
  const isTraced = enabled.tracing && draft.traceId !== "" && draft.spanId !== "";
  if (given === undefined && !enabled.moreThanTracing && draft.traceState === "") {
    envelope.traced = isTraced;
    return undefined;
  }
  return addAll(envelope, enabled, recordedTime, isTraced);
}

function addAll(
  envelope: Envelope,
  enabled: EnabledExtensions,
  recordedTime: string,
  isTraced: boolean,
): ExtensionFault | undefined {
  const { draft } = envelope;
  const given = draft.extensions;
  let fault: ExtensionFault | undefined;
  const add = (name: string, value: string | number): void => {
    if (given?.keys.includes(name)) return;
    const expected = checkAttribute(name, value);
    if (expected !== undefined) fault ??= { attribute: name, expected };
    envelope.extend(name, value);
  };
  // An event that carries a context of its own keeps it, and no state of another is put beside it.
  if (isTraced && !given?.keys.includes("traceparent")) {
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
  return fault ?? (given === undefined ? undefined : addGiven(envelope, given));
}

/** Of a name given twice the first one counts: the configuration's, then the record's. */
function addGiven(envelope: Envelope, given: KeyValues): ExtensionFault | undefined {
  const seen = new Set<string>();
  for (let i = 0; i < given.size; i++) {
    const name = given.keys[i] ?? "";
    if (seen.has(name)) continue;
    seen.add(name);
    const value = toAttribute(given.values[i] ?? null);
    const expected = checkAttribute(name, value);
    if (expected !== undefined || value === undefined) {
      return { attribute: name, expected: expected ?? "a String, an integer of 32 bits or a Boolean" };
    }
    envelope.extend(name, value);
  }
  return undefined;
}

/** The value as CloudEvents has it; `undefined` for what its type system lacks. Bytes become base64 text. */
function toAttribute(value: AnyValue): string | number | boolean | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : undefined;
}
