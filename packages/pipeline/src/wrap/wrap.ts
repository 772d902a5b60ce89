/**
 * The first stage: a log event becomes the draft of its CloudEvent (semantics, sections 2 and 3), an ended
 * span likewise (section 12). Pure: what needs a clock or randomness (ids, `recordedtime`) is seal's.
 */
import { countDown, MAX_DEPTH, MAX_EVENT_VALUES } from "../depth.ts";
import { Draft } from "../draft.ts";
import { type AnyValue, KeyValues, type LogEvent, type Resource, type SpanRecord } from "../log-event.ts";
import type { WrapSettings } from "../settings.ts";
import { AttributeReading, findNaming } from "./attributes.ts";
import { withoutBodies } from "./bodies.ts";
import { Entries } from "./entries.ts";
import { checkFixedExtensions } from "./extension-rules.ts";
import { COMPUTED, FROM_BODY, KeyTable, PLAIN } from "./key-table.ts";
import { findNames, isEmpty, type Names, type Naming, type ResourceFacts, readResource } from "./resource.ts";
import { addSpanEntries, typeOfSpan } from "./span.ts";
import { isTracestate } from "./trace-context.ts";

const CORESDK_TYPE = "io.coresdk.";
const BOUNDED = `at most ${MAX_EVENT_VALUES} values, nested at most ${MAX_DEPTH} levels deep`;

/** Makes drafts. One a thread: it remembers names and the resource seen last. */
export class Wrapper {
  readonly #settings: WrapSettings;
  readonly #configuredTenant: Naming | undefined;
  readonly #fixed: readonly (readonly [name: string, value: string | number | boolean])[];
  readonly #table = new KeyTable();
  readonly #reading = new AttributeReading(this.#table);
  readonly #entries = new Entries(this.#table);
  #resource: Resource | undefined;
  #resourceSize = 0;
  #facts: ResourceFacts = { sourceParts: [], tenant: undefined, user: undefined };

  /** @throws TypeError when a fixed extension is illegal */
  constructor(settings: WrapSettings) {
    checkFixedExtensions(settings);
    const { tenant } = settings;
    this.#settings = settings;
    this.#configuredTenant = tenant ? { name: "tenant_id", text: tenant, value: tenant } : undefined;
    this.#fixed = Object.entries(settings.fixedExtensions);
  }

  /** Makes the draft of one event; the event stays as it was. */
  wrap(event: LogEvent): Draft {
    const draft = new Draft(event.index, event.eventName);
    draft.time = event.time ?? event.observedTime;
    draft.severityNumber = event.severityNumber;
    draft.severityText = event.severityText;
    draft.shape = this.#settings.data;
    if (hasTooMuch(event.attributes, event.body)) {
      draft.refuse(BOUNDED);
      return draft;
    }
    const [tenant, user] = this.#address(event, draft, event.enclosing);
    if (draft.shape === "attributes") {
      this.#addAttributes(event, draft, tenant, user);
    } else {
      draft.body = bodyOf(event, draft);
      if (draft.shape === "record") this.#addRecord(event, draft);
    }
    return draft;
  }

  /** Makes the draft of one ended span. */
  wrapSpan(span: SpanRecord): Draft {
    const { type, markerAt } = typeOfSpan(span);
    const draft = new Draft(0, type);
    draft.time = span.endTime;
    if (hasTooMuch(span.attributes, undefined)) {
      draft.refuse(BOUNDED);
      return draft;
    }
    this.#address(span, draft, undefined);
    addSpanEntries(span, draft, markerAt);
    return draft;
  }

  /** Everything of the envelope that attributes, resource and span context say. */
  #address(
    record: LogEvent | SpanRecord,
    draft: Draft,
    enclosing: KeyValues | undefined,
  ): readonly [Naming | undefined, Naming | undefined] {
    const { attributes } = record;
    const facts = this.#factsOf(record.resource);
    this.#table.next();
    this.#reading.read(attributes, draft);
    const around = enclosing === undefined ? facts : this.#namesAround(enclosing, facts);
    const tenant = this.#reading.tenant(attributes) ?? around.tenant ?? this.#configuredTenant;
    const user = this.#reading.user(attributes) ?? around.user;
    draft.source = this.#settings.source;
    draft.sourceParts = facts.sourceParts;
    if (tenant !== undefined) {
      draft.tenant = tenant.text;
      draft.tenantName = tenant.name;
    }
    if (user !== undefined) {
      draft.user = user.text;
      draft.userName = user.name;
    }
    draft.traceId = record.traceId;
    draft.spanId = record.spanId;
    draft.flags = record.flags;
    const { traceState } = record;
    if (traceState !== undefined && isTracestate(traceState)) draft.traceState = traceState;
    if (this.#fixed.length > 0) this.#fixExtensions(draft);
    return [tenant, user];
  }

  /** The span's before the resource's. */
  #namesAround(enclosing: KeyValues, facts: ResourceFacts): Names {
    const { tenant, user } = findNames(enclosing);
    return { tenant: tenant ?? facts.tenant, user: user ?? facts.user };
  }

  /** What the configuration fixes goes before what a record says. */
  #fixExtensions(draft: Draft): void {
    const extensions = new KeyValues();
    for (const [name, value] of this.#fixed) extensions.add(name, value);
    const copied = draft.extensions;
    for (let i = 0; copied !== undefined && i < copied.size; i++) {
      extensions.add(copied.keys[i] ?? "", copied.values[i] ?? null);
    }
    draft.extensions = extensions;
  }

  #factsOf(resource: Resource): ResourceFacts {
    const { size } = resource.attributes;
    // In process, a resource may be filled after its first event.
    if (resource !== this.#resource || size !== this.#resourceSize) {
      this.#facts = readResource(resource);
      this.#resource = resource;
      this.#resourceSize = size;
    }
    return this.#facts;
  }

  #addAttributes(event: LogEvent, draft: Draft, tenant: Naming | undefined, user: Naming | undefined): void {
    const entries = this.#entries;
    const table = this.#table;
    const { tenantAt, userAt, uidAt, rules } = this.#reading;
    const isCoresdk = event.eventName.startsWith(CORESDK_TYPE);
    if (isCoresdk) {
      if (tenant !== undefined)
        entries.add(draft, COMPUTED, tenant.name, table.claim("tenant_id"), tenant.value);
      if (user !== undefined) entries.add(draft, COMPUTED, user.name, table.claim("user_id"), user.value);
    }
    if (event.traceId !== "") entries.reserve("trace_id");
    if (event.spanId !== "") entries.reserve("span_id");
    const { keys, values } = event.attributes;
    const namingAt = findNaming(event);
    for (let i = 0; i < keys.length; i++) {
      const rule = rules[i];
      if (rule === undefined || i === namingAt || i === uidAt) continue;
      if (isCoresdk && (i === tenantAt || i === userAt)) continue;
      if (rule.body) {
        draft.bodiesLeftOut += 1;
        continue;
      }
      const value = cleaned(rule.name, values[i] ?? null, draft);
      if (isCoresdk) entries.add(draft, rule.coresdkRank, rule.name, rule.coresdk, value);
      else entries.add(draft, PLAIN, rule.name, rule.plain, value);
    }
    const body = bodyOf(event, draft);
    if (body === undefined || isEmpty(body)) return;
    if (isCoresdk && body instanceof KeyValues) this.#mergeBody(body, draft);
    else entries.add(draft, COMPUTED, "body", table.claim("body"), body);
  }

  #mergeBody(body: KeyValues, draft: Draft): void {
    for (let i = 0; i < body.size; i++) {
      const key = body.keys[i] ?? "";
      this.#entries.add(draft, FROM_BODY, key, this.#table.claim(key), body.values[i] ?? null);
    }
  }

  /** The attributes as they came, for a record that is given back as a record. */
  #addRecord(event: LogEvent, draft: Draft): void {
    draft.record = event;
    const { keys, values } = event.attributes;
    const namingAt = findNaming(event);
    for (let i = 0; i < keys.length; i++) {
      const rule = this.#reading.rules[i];
      if (rule === undefined || i === namingAt) continue;
      if (rule.body) {
        draft.bodiesLeftOut += 1;
        continue;
      }
      draft.add(rule.name, rule.name, cleaned(rule.name, values[i] ?? null, draft));
    }
  }
}

/** True when an event would have more values than are taken, or values nested too deep, or within themselves. */
function hasTooMuch(attributes: KeyValues, body: AnyValue | undefined): boolean {
  const left = countDown(attributes, MAX_EVENT_VALUES, MAX_DEPTH + 1);
  return left < 0 || countDown(body ?? null, left) < 0;
}

function bodyOf({ body }: LogEvent, draft: Draft): LogEvent["body"] {
  return body === undefined ? undefined : cleaned("", body, draft);
}

/** The value without the bodies in it, which the draft counts. */
function cleaned(name: string, value: AnyValue, draft: Draft): AnyValue {
  if (typeof value !== "object") return value;
  const { value: kept, leftOut } = withoutBodies(name, value);
  draft.bodiesLeftOut += leftOut;
  return kept;
}
