import { checkAttribute } from "@coresdk/cloudevents";
import type { Draft } from "../draft.ts";
import { type AnyValue, KeyValues, type LogEvent } from "../log-event.ts";
import type { KeyRule, KeyTable } from "./key-table.ts";
import { type Naming, textOf } from "./resource.ts";
import { checkTraceContext } from "./trace-context.ts";

/** Rules beyond these are let go with the event that needed them: they hold its names. */
const MAX_KEPT = 8192;
const NONE = -1;
const WORST = Number.MAX_SAFE_INTEGER;

/** One look at the attributes of a record or span: what they mean, before anything is made of them. */
export class AttributeReading {
  readonly #table: KeyTable;
  /** The rule of each attribute. Only as many as there are attributes belong to this reading. */
  readonly rules: KeyRule[] = [];
  /** Where tenant and user stand; negative when there is none. */
  tenantAt: number = NONE;
  userAt: number = NONE;
  #tenantRank: number = WORST;
  #userRank: number = WORST;
  /** Where the attribute stands that became the id: the data does not repeat it. */
  uidAt: number = NONE;
  /** The record names a trace context that is none. */
  #contextIsIllegal = false;

  constructor(table: KeyTable) {
    this.#table = table;
  }

  /** Reads the attributes; what they say of id and extensions goes to the draft at once. */
  read(attributes: KeyValues, draft: Draft): void {
    const { keys, values } = attributes;
    this.tenantAt = NONE;
    this.userAt = NONE;
    this.#tenantRank = WORST;
    this.#userRank = WORST;
    this.uidAt = NONE;
    this.#contextIsIllegal = false;
    if (this.rules.length > MAX_KEPT) this.rules.length = 0;
    for (let i = 0; i < keys.length; i++) {
      const rule = this.#table.ruleAt(i, keys[i] ?? "");
      this.rules[i] = rule;
      if (rule.special) this.#note(i, rule, values[i] ?? null, draft);
    }
    if (this.#contextIsIllegal && draft.extensions?.keys.includes("traceparent") !== true) {
      dropExtension(draft, "tracestate");
    }
  }

  /** The tenant that the attributes name. */
  tenant(attributes: KeyValues): Naming | undefined {
    return namingAt(attributes, this.tenantAt);
  }

  user(attributes: KeyValues): Naming | undefined {
    return namingAt(attributes, this.userAt);
  }

  #note(at: number, rule: KeyRule, value: AnyValue, draft: Draft): void {
    if (rule.tenantRank >= 0 && rule.tenantRank < this.#tenantRank && textOf(value) !== "") {
      this.tenantAt = at;
      this.#tenantRank = rule.tenantRank;
    }
    if (rule.userRank >= 0 && rule.userRank < this.#userRank && textOf(value) !== "") {
      this.userAt = at;
      this.#userRank = rule.userRank;
    }
    // An illegal one gives way to the computed id, and stays what it was: an attribute.
    if (rule.uid && draft.uid === "" && typeof value === "string" && isId(value)) {
      draft.uid = value;
      this.uidAt = at;
    }
    // An AnyValue without a member sets nothing, as a null attribute in JSON does.
    if (value === null) return;
    if (rule.noExtension !== "") leaveOut(draft, rule.noExtension);
    if (rule.extension !== "") {
      // Like an illegal id, an illegal trace context gives way to the computed one and stays an attribute.
      if (checkTraceContext(rule.extension, value) !== undefined) {
        this.#contextIsIllegal ||= rule.extension === "traceparent";
        leaveOut(draft, rule.extension);
        return;
      }
      draft.extensions ??= new KeyValues();
      draft.extensions.add(rule.extension, value);
    }
  }
}

function leaveOut(draft: Draft, extension: string): void {
  draft.leftOut ??= [];
  draft.leftOut.push(extension);
}

/** Where the attribute stands that named the event, which the data does not repeat; -1 when the field did. */
export function findNaming(event: LogEvent): number {
  if (event.eventNameOrigin === "field") return NONE;
  const { keys, values } = event.attributes;
  return keys.findIndex((key, i) => key === event.eventNameOrigin && values[i] === event.eventName);
}

/** The state belongs to a context that is not taken over: beside the computed one it would be another's. */
function dropExtension(draft: Draft, name: string): void {
  const given = draft.extensions;
  if (given?.keys.includes(name) !== true) return;
  const kept = new KeyValues();
  for (let i = 0; i < given.size; i++) {
    const key = given.keys[i] ?? "";
    if (key !== name) kept.add(key, given.values[i] ?? null);
  }
  draft.extensions = kept;
}

/** Bytes that were no UTF-8 are U+FFFD by now, whichever they were: such an id would not tell two events apart. */
function isId(value: string): boolean {
  return checkAttribute("id", value) === undefined && !value.includes("\ufffd");
}

function namingAt(attributes: KeyValues, at: number): Naming | undefined {
  if (at < 0) return undefined;
  const value = attributes.values[at] ?? null;
  return { name: attributes.keys[at] ?? "", text: textOf(value), value };
}
