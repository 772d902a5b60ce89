/**
 * What the stages of intake hand on, between a log record and an encoded event, and what mask and policy
 * promise. Stages import this file and never one another.
 */
import type { AnyValue, KeyValues, LogEvent, UnixTime } from "./log-event.ts";

/** How the data of an event is laid out (`cloud_events.data`). */
export type DataShape = "attributes" | "body" | "record";

/**
 * An event on its way to an envelope: everything chosen, nothing encoded. wrap fills it, mask may change any
 * text or value in it, seal reads it. Keys and values stand in parallel lists, so that a key which a client
 * sent is never a property of an object.
 */
export class Draft {
  /** The record's place in its request. */
  readonly index: number;
  type: string;
  /** The configured source; `undefined` when it is made from {@link sourceParts}. */
  source: string | undefined = undefined;
  /** Segments of the path that becomes the source, as the resource names them, not encoded. */
  sourceParts: readonly string[] = [];
  /** Tenant and user of the subject, not encoded; `""` when there is none. */
  tenant = "";
  user = "";
  /** The attributes that they came from; `""` when the configuration named the tenant. */
  tenantName = "";
  userName = "";
  /** Set by mask when it changed {@link user}: such an event keeps no order. */
  userMasked = false;
  /** `log.record.uid`; `""` when there is none, or when mask found it sensitive: the id is computed then. */
  uid = "";
  time: UnixTime | undefined = undefined;
  traceId = "";
  spanId = "";
  flags = 0;
  traceState = "";
  severityNumber = 0;
  severityText = "";
  /** Extension attributes that record or configuration name, without the computed ones. */
  extensions: KeyValues | undefined = undefined;
  /** Extension attributes that the record asks for and that it cannot have, by name. */
  leftOut: string[] | undefined = undefined;
  shape: DataShape = "attributes";
  /** The name that each entry of the data had as an attribute; for others the same as the key. */
  readonly names: string[] = [];
  /** The key of each entry in the data; no two are the same. */
  readonly keys: string[] = [];
  readonly values: AnyValue[] = [];
  /** Set by mask when it changed a key: seal keeps them apart then. */
  keysChanged = false;
  /** Whether `trace_id` and `span_id` are added to the data. */
  addTraceIds = true;
  /** The body, in the shapes `body` and `record`; else it is an entry. */
  body: AnyValue | undefined = undefined;
  /** The record, in the shape `record`: its fields that are neither attributes nor body. */
  record: LogEvent | undefined = undefined;
  /** Attributes that held a request or response body. */
  bodiesLeftOut = 0;
  /** Entries of the data that mask changed, keys counted apart. */
  valuesMasked = 0;
  /** Values that mask replaced whole because masking them failed. */
  maskFailures = 0;
  /** What was expected of the data, when no event can be made of it. */
  fault: string | undefined = undefined;

  constructor(index: number, type: string) {
    this.index = index;
    this.type = type;
  }

  /** Adds an entry to the data. */
  add(name: string, key: string, value: AnyValue): void {
    this.names.push(name);
    this.keys.push(key);
    this.values.push(value);
  }

  /** Gives the event up: nothing of its data is kept, so that no stage spends time on it. */
  refuse(expected: string): void {
    this.fault = expected;
    this.names.length = 0;
    this.keys.length = 0;
    this.values.length = 0;
    this.extensions = undefined;
    this.body = undefined;
    this.record = undefined;
  }
}

/**
 * The masking stage: synchronous and pure, it replaces what is sensitive in a draft, in place, and never
 * throws. Values that are lists or maps may be shared with other events: it puts a changed copy in their place.
 */
export type Mask = (draft: Draft) => void;

/** What the egress policy may read of an event (semantics, section 9), as it would leave. */
export interface PolicyInput {
  readonly event_type: string;
  readonly subject: string | undefined;
  readonly source: string;
  readonly tenant_id: string | undefined;
}

/** One answer for each input, in the same order; `"all"` when every event may leave. */
export type Decisions = "all" | readonly boolean[];

/** The inputs of one batch, made when they are asked for: a policy that lets everything through makes none. */
export interface PolicyInputs {
  readonly count: number;
  at(i: number): PolicyInput;
}

/**
 * The policy stage: decides a batch. It fails closed by itself: what it cannot decide is `false`, and it
 * neither throws nor rejects.
 */
export interface Policy {
  decide(inputs: PolicyInputs): Decisions | Promise<Decisions>;
}
