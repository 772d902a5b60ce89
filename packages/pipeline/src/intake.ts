/**
 * Intake: from what a front door received to a batch of finished events. The flow, top to bottom:
 *
 *   decode -> wrap -> mask -> seal -> policy -> encode
 *
 * Settings are plain data and nothing here waits for I/O, so that intake can run in any thread; given the same
 * request, clock and random source, every thread makes the same bytes.
 */
import type { Clock, IntakeResult, OtlpEncoding, Random, Refusal } from "./contracts.ts";
import type { Decisions, Draft, Mask, Policy } from "./draft.ts";
import { Encoder } from "./encode/encode.ts";
import { Envelope } from "./envelope.ts";
import type { LogEvent, SpanRecord } from "./log-event.ts";
import { MadeEvents } from "./made-events.ts";
import { passThrough } from "./mask/pass-through.ts";
import { createLogsDecoder, type LogsDecoder, type SliceSize } from "./otlp/decode-logs.ts";
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
  /** In what slices the events of a request are taken in; makes no difference to what comes of them. */
  readonly slice?: SliceSize | undefined;
}

/**
 * Events and values that a request may hold to be cheap. A value costs about five microseconds when its name was never
 * seen before, and so does an event at least; values of the requests that SDKs send cost a tenth.
 */
const MAX_CHEAP = 4_096;

/**
 * Events, and bytes of a request, that are decoded, wrapped, masked and encoded before more of it is decoded: so many
 * live at a time, whatever the request's size.
 */
const SLICE: SliceSize = { events: 512, bytes: 262_144 };

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

/** What a request holds, beside what becomes of its events. */
type Contents = Pick<IntakeResult, "events" | "otherRecords" | "rest">;

/** A request that is being taken in, and what has come of it so far. */
interface Run {
  readonly acceptedAtMs: number;
  readonly recordedTime: string;
  readonly ids: IdSource;
  readonly made: MadeEvents;
  readonly refusals: Refusal[];
  bodiesLeftOut: number;
  valuesMasked: number;
  maskFailures: number;
}

/**
 * Compiles the settings into an intake; one a thread.
 * @throws TypeError when a fixed extension is illegal; its name is in the message
 */
export function createIntake(settings: WrapSettings, ports: IntakePorts): Intake {
  const { clock } = ports;
  const mask = ports.mask ?? passThrough;
  const policy = ports.policy ?? allowAll;
  const { policyDryRun = false, wantsDenied = (): boolean => false, slice = SLICE } = ports;
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
    const run = begin(idsOf(request));
    const places: number[] = [];
    const { records } = decoders[encoding].decodeInSlices(request, slice, (events) => {
      for (const { index } of events) places.push(index);
      run.made.endSlice();
      takeEvents(run, events);
    });
    return conclude(
      run,
      contentsOf(request, encoding, { records, events: places.length, places: () => places }),
    );
  }

  function intakeIfCheap(
    request: Uint8Array,
    encoding: OtlpEncoding,
  ): IntakeResult | Promise<IntakeResult> | undefined {
    const { events, values, records } = decoders[encoding].decode(request);
    if (events.length + values > MAX_CHEAP) return undefined;
    const run = begin(idsOf(request));
    takeEvents(run, events);
    const places = (): readonly number[] => events.map(({ index }) => index);
    return conclude(run, contentsOf(request, encoding, { records, events: events.length, places }));
  }

  function intakeEvents(events: readonly LogEvent[]): IntakeResult | Promise<IntakeResult> {
    const run = begin(freshId);
    takeEvents(run, events);
    return conclude(run, { events: events.length, otherRecords: 0, rest: undefined });
  }

  function intakeSpan(span: SpanRecord): IntakeResult | Promise<IntakeResult> {
    const run = begin(freshId);
    takeDraft(run, wrapper.wrapSpan(span));
    return conclude(run, { events: 1, otherRecords: 0, rest: undefined });
  }

  /** Ids that are the same each time the same request comes. */
  function idsOf(request: Uint8Array): IdSource {
    const requestIds = new RequestIds(request);
    return (draft) => (draft.time === undefined ? freshId(draft) : requestIds.idOf(draft.index, draft.time));
  }

  function begin(ids: IdSource): Run {
    // What a request named that could not be taken in is not this one's.
    sealer.takeLeftOut();
    const acceptedAtMs = clock.now();
    return {
      acceptedAtMs,
      recordedTime: timestamps.format(toUnixTime(acceptedAtMs)),
      ids,
      made: new MadeEvents(encoder, acceptedAtMs, policy !== allowAll),
      refusals: [],
      bodiesLeftOut: 0,
      valuesMasked: 0,
      maskFailures: 0,
    };
  }

  function takeEvents(run: Run, events: readonly LogEvent[]): void {
    for (const event of events) takeDraft(run, wrapper.wrap(event));
  }

  function takeDraft(run: Run, draft: Draft): void {
    mask(draft);
    const sealed = sealer.seal(draft, run.ids, run.recordedTime);
    if (sealed instanceof Envelope) run.made.add(sealed);
    else run.refusals.push(sealed);
    run.bodiesLeftOut += draft.bodiesLeftOut;
    run.valuesMasked += draft.valuesMasked;
    run.maskFailures += draft.maskFailures;
  }

  function conclude(run: Run, contents: Contents): IntakeResult | Promise<IntakeResult> {
    const { made, refusals, bodiesLeftOut, valuesMasked, maskFailures } = run;
    const extensionsLeftOut = sealer.takeLeftOut();
    const divide = (decisions: Decisions): IntakeResult => {
      const options = { dryRun: policyDryRun, wantsDenied: wantsDenied() };
      const { allowed, denied, deniedPlaces, deniedTypes } = made.divide(decisions, options);
      const kept = policyDryRun ? [] : deniedPlaces;
      const withheld = [...kept, ...refusals.map(({ index }) => index)].sort((a, b) => a - b);
      return {
        ...contents,
        batch: allowed,
        refusals,
        denied: policyDryRun ? new Map() : deniedTypes,
        wouldBeDenied: policyDryRun ? deniedTypes : new Map(),
        deniedBatch: denied,
        withheld,
        bodiesLeftOut,
        valuesMasked,
        maskFailures,
        extensionsLeftOut,
      };
    };
    if (made.count === 0) return divide("all");
    const decided = policy.decide({ count: made.count, at: (i) => made.at(i) });
    return decided instanceof Promise ? decided.then(divide) : divide(decided);
  }

  return { intakeRequest, intakeIfCheap, intakeEvents, intakeSpan };
}

/** What is in a request, and what is left of it when its events are taken out. */
function contentsOf(
  request: Uint8Array,
  encoding: OtlpEncoding,
  found: { readonly records: number; readonly events: number; readonly places: () => readonly number[] },
): Contents {
  const { records, events } = found;
  const otherRecords = records - events;
  if (events === 0) return { events, otherRecords, rest: "whole" };
  const rest = otherRecords === 0 ? undefined : divideRequest(request, encoding, found.places());
  return { events, otherRecords, rest };
}
