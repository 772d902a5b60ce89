/**
 * Intake: from what a front door received to a batch of finished events. The flow, top to bottom:
 *
 *   decode -> wrap -> mask -> seal -> policy -> encode
 *
 * Settings are plain data and nothing here waits for I/O, so that intake can run in any thread; given the same
 * request, clock and random source, every thread makes the same bytes.
 */
import type { EncodedBatch } from "./batch.ts";
import type { Clock, IntakeResult, OtlpEncoding, Random, Refusal } from "./contracts.ts";
import type { Decisions, Draft, Mask, Policy, PolicyInput } from "./draft.ts";
import { Encoder } from "./encode/encode.ts";
import { Envelope } from "./envelope.ts";
import type { LogEvent, SpanRecord } from "./log-event.ts";
import { passThrough } from "./mask/pass-through.ts";
import { createLogsDecoder, type DecodedLogs, type LogsDecoder } from "./otlp/decode-logs.ts";
import { divideRequest } from "./otlp/divide-request.ts";
import { createJsonLogsDecoder } from "./otlp/json/decode-logs.ts";
import { allowAll } from "./policy/allow-all.ts";
import { type IdSource, Sealer } from "./seal/seal.ts";
import { FreshIds, RequestIds } from "./seal/ulid.ts";
import type { WrapSettings } from "./settings.ts";
import { TimestampFormat, toUnixTime } from "./timestamp.ts";
import { Wrapper } from "./wrap/wrap.ts";

export interface IntakePorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Left out: nothing is masked. */
  readonly mask?: Mask | undefined;
  /** Left out: every event may leave. */
  readonly policy?: Policy | undefined;
  /** True: what policy denies is counted, and leaves all the same. */
  readonly policyDryRun?: boolean;
  /** Asked for each batch: whether the denied events are wanted. */
  readonly wantsDenied?: (() => boolean) | undefined;
}

/**
 * Events and values that a request may hold to be cheap. A value costs ten microseconds when its name was never seen
 * before, an event half of that at least; those of the requests that SDKs send cost a tenth.
 */
const MAX_CHEAP = 4_096;

/** The intake half of the pipeline. Results are promises exactly when the policy's answers are. */
export interface Intake {
  /**
   * Takes one OTLP logs export request, decompressed. Ids are the same each time the same bytes come.
   * @throws OtlpDecodeError when the bytes are no such request
   * @throws OtlpTooLargeError when they hold more than is taken at once
   */
  intakeRequest(request: Uint8Array, encoding: OtlpEncoding): IntakeResult | Promise<IntakeResult>;
  /**
   * As {@link Intake.intakeRequest}, if what the request holds is cheap to take in, whatever it is.
   * @returns `undefined` when it may not be; nothing was done then but to decode it
   */
  intakeIfCheap(
    request: Uint8Array,
    encoding: OtlpEncoding,
  ): IntakeResult | Promise<IntakeResult> | undefined;
  /** Takes log events that did not come over OTLP; ids are fresh, monotonic ULIDs. */
  intakeEvents(events: readonly LogEvent[]): IntakeResult | Promise<IntakeResult>;
  /** Takes one ended span as the event that it is (semantics, section 12). */
  intakeSpan(span: SpanRecord): IntakeResult | Promise<IntakeResult>;
}

/** What came in, beside the events themselves. */
interface Request {
  readonly events: number;
  readonly otherRecords: number;
  readonly rest: IntakeResult["rest"];
  readonly ids: IdSource;
}

/**
 * Compiles the settings into an intake; one a thread.
 * @throws TypeError when a fixed extension is illegal; its name is in the message
 */
export function createIntake(settings: WrapSettings, ports: IntakePorts): Intake {
  const { clock } = ports;
  const mask = ports.mask ?? passThrough;
  const policy = ports.policy ?? allowAll;
  const { policyDryRun = false, wantsDenied = (): boolean => false } = ports;
  const decoders: Record<OtlpEncoding, LogsDecoder> = {
    protobuf: createLogsDecoder(),
    json: createJsonLogsDecoder(),
  };
  const wrapper = new Wrapper(settings);
  const sealer = new Sealer(settings);
  const encoder = new Encoder();
  const timestamps = new TimestampFormat();
  const freshIds = new FreshIds(ports.random);
  const freshId: IdSource = () => freshIds.next(clock.now());

  function intakeRequest(request: Uint8Array, encoding: OtlpEncoding): IntakeResult | Promise<IntakeResult> {
    return takeIn(decoders[encoding].decode(request), request, encoding);
  }

  function intakeIfCheap(
    request: Uint8Array,
    encoding: OtlpEncoding,
  ): IntakeResult | Promise<IntakeResult> | undefined {
    const decoded = decoders[encoding].decode(request);
    return decoded.events.length + decoded.values > MAX_CHEAP
      ? undefined
      : takeIn(decoded, request, encoding);
  }

  function takeIn(
    { events, records }: DecodedLogs,
    request: Uint8Array,
    encoding: OtlpEncoding,
  ): IntakeResult | Promise<IntakeResult> {
    const requestIds = new RequestIds(request);
    return process(events, (event) => wrapper.wrap(event), {
      events: events.length,
      otherRecords: records - events.length,
      rest: restOf(request, encoding, events, records),
      ids: (draft) => (draft.time === undefined ? freshId(draft) : requestIds.idOf(draft.index, draft.time)),
    });
  }

  function intakeEvents(events: readonly LogEvent[]): IntakeResult | Promise<IntakeResult> {
    const request: Request = { events: events.length, otherRecords: 0, rest: undefined, ids: freshId };
    return process(events, (event) => wrapper.wrap(event), request);
  }

  function intakeSpan(span: SpanRecord): IntakeResult | Promise<IntakeResult> {
    const request: Request = { events: 1, otherRecords: 0, rest: undefined, ids: freshId };
    return process([span], (record) => wrapper.wrapSpan(record), request);
  }

  function process<Source>(
    sources: readonly Source[],
    wrap: (source: Source) => Draft,
    request: Request,
  ): IntakeResult | Promise<IntakeResult> {
    const acceptedAtMs = clock.now();
    const recordedTime = timestamps.format(toUnixTime(acceptedAtMs));
    const envelopes: Envelope[] = [];
    const refusals: Refusal[] = [];
    let bodiesLeftOut = 0;
    let valuesMasked = 0;
    let maskFailures = 0;
    for (const source of sources) {
      const draft = wrap(source);
      mask(draft);
      const sealed = sealer.seal(draft, request.ids, recordedTime);
      if (sealed instanceof Envelope) envelopes.push(sealed);
      else refusals.push(sealed);
      bodiesLeftOut += draft.bodiesLeftOut;
      valuesMasked += draft.valuesMasked;
      maskFailures += draft.maskFailures;
    }
    const extensionsLeftOut = sealer.takeLeftOut();
    const conclude = (decisions: Decisions): IntakeResult => {
      const { events, otherRecords, rest } = request;
      const { allowed, denied } = divideByPolicy(envelopes, decisions);
      const batch = encodeAll(policyDryRun ? envelopes : allowed, acceptedAtMs);
      const deniedBatch = wantsDenied() ? encodeAll(denied, acceptedAtMs) : undefined;
      const kept = policyDryRun ? [] : denied.map(({ draft }) => draft.index);
      const withheld = [...kept, ...refusals.map(({ index }) => index)].sort((a, b) => a - b);
      const types = countTypes(denied);
      return {
        batch,
        events,
        otherRecords,
        refusals,
        denied: policyDryRun ? new Map() : types,
        wouldBeDenied: policyDryRun ? types : new Map(),
        deniedBatch,
        withheld,
        rest,
        bodiesLeftOut,
        valuesMasked,
        maskFailures,
        extensionsLeftOut,
      };
    };
    if (envelopes.length === 0) return conclude("all");
    const decided = policy.decide({
      count: envelopes.length,
      at: (i) => policyInputOf(envelopes, i),
    });
    return decided instanceof Promise ? decided.then(conclude) : conclude(decided);
  }

  function encodeAll(envelopes: readonly Envelope[], acceptedAtMs: number): EncodedBatch | undefined {
    return envelopes.length === 0 ? undefined : encoder.encode(envelopes, acceptedAtMs);
  }

  return { intakeRequest, intakeIfCheap, intakeEvents, intakeSpan };
}

/** What is left of a request whose events are taken out. */
function restOf(
  request: Uint8Array,
  encoding: OtlpEncoding,
  events: readonly LogEvent[],
  records: number,
): IntakeResult["rest"] {
  if (events.length === 0) return "whole";
  if (events.length === records) return undefined;
  const places = events.map((event) => event.index);
  return divideRequest(request, encoding, places);
}

function policyInputOf(envelopes: readonly Envelope[], i: number): PolicyInput {
  const envelope = envelopes[i];
  if (envelope === undefined) throw new RangeError(`event ${i} of a batch of ${envelopes.length}`);
  return {
    event_type: envelope.type,
    subject: envelope.subject === "" ? undefined : envelope.subject,
    source: envelope.source,
    tenant_id: envelope.draft.tenant === "" ? undefined : envelope.draft.tenant,
  };
}

function divideByPolicy(
  envelopes: readonly Envelope[],
  decisions: Decisions,
): { readonly allowed: readonly Envelope[]; readonly denied: readonly Envelope[] } {
  if (decisions === "all") return { allowed: envelopes, denied: [] };
  const allowed: Envelope[] = [];
  const denied: Envelope[] = [];
  // An answer that is missing is no permission.
  for (const [i, envelope] of envelopes.entries()) (decisions[i] === true ? allowed : denied).push(envelope);
  return { allowed, denied };
}

function countTypes(envelopes: readonly Envelope[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of envelopes) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
