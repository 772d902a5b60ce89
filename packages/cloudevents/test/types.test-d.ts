/** What the compiler must accept and refuse; checked by tsc, never run. */
import {
  type AttributeValue,
  type CloudEvent,
  type CloudEventError,
  type CloudEventErrorCode,
  type CloudEventInit,
  type CloudEventWithData,
  createEvent,
  isEvent,
  type validateEvent,
  withAttributes,
} from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import type * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** `any` would be equal to nothing else, and assignable to everything. */
type IsAny<T> = 0 extends 1 & T ? true : false;
declare function expectTrue<T extends true>(): T;
declare function expectFalse<T extends false>(): T;

const event = createEvent({ type: "t", source: "/s", data: { total: 9.5 }, sampledrate: 5 });
expectTrue<Equal<typeof event, CloudEventWithData<{ total: number }>>>();
expectTrue<Equal<typeof event.id, string>>();
expectTrue<Equal<typeof event.specversion, "1.0">>();
expectTrue<Equal<typeof event.time, string | undefined>>();
// Data that was given is there.
expectTrue<Equal<typeof event.data, { total: number }>>();
expectTrue<Equal<ReturnType<typeof event.data.total.toFixed>, string>>();
event satisfies CloudEvent<{ total: number }>;
const nullEvent = createEvent({ type: "t", source: "/s", data: null });
expectTrue<Equal<typeof nullEvent.data, null>>();
interface Order {
  readonly total: number;
}
declare const order: Order;
const orderEvent = createEvent<Order>({ type: "t", source: "/s", data: order });
expectTrue<Equal<typeof orderEvent, CloudEventWithData<Order>>>();
// @ts-expect-error: an order's total is a number
createEvent<Order>({ type: "t", source: "/s", data: { total: "9.5" } });
declare const mayBeOrder: Order | undefined;
const mayBeData = createEvent({ type: "t", source: "/s", data: mayBeOrder });
expectTrue<Equal<typeof mayBeData.data, Order | undefined>>();
// Without data there is none, and what may have been left out may be missing.
const bare = createEvent({ type: "t", source: "/s" });
expectTrue<Equal<typeof bare, CloudEvent<undefined>>>();
declare const init: CloudEventInit<Order>;
const fromInit = createEvent(init);
expectTrue<Equal<typeof fromInit, CloudEvent<Order>>>();
expectTrue<Equal<typeof fromInit.data, Order | undefined>>();
expectTrue<Equal<typeof event.traceparent, string | undefined>>();
expectTrue<Equal<typeof event.sampledrate, number | undefined>>();
expectTrue<Equal<(typeof event)["comexample"], unknown>>();
expectFalse<IsAny<(typeof event)["comexample"]>>();

// @ts-expect-error: source is required
createEvent({ type: "t" });
// @ts-expect-error: type is required
createEvent({ source: "/s" });
// @ts-expect-error: there is one version
createEvent({ type: "t", source: "/s", specversion: "0.3" });
// @ts-expect-error: a documented extension has its type
createEvent({ type: "t", source: "/s", sampledrate: "5" });
createEvent({ type: "t", source: "/s", time: new Date(), recordedtime: new Date(), expirytime: new Date() });
createEvent({ type: "t", source: "/s", dssematerial: new Uint8Array(1), comexample: new Date() });
// @ts-expect-error: a Date is no String
createEvent({ type: "t", source: "/s", traceparent: new Date() });
// @ts-expect-error: bytes are no Timestamp
createEvent({ type: "t", source: "/s", recordedtime: new Uint8Array(1) });
// @ts-expect-error: milliseconds are no timestamp
createEvent({ type: "t", source: "/s", time: 1 });
// @ts-expect-error: an event does not change
event.id = "2";
// @ts-expect-error: nor do its extensions
event.traceparent = "x";

const changed = withAttributes(event, { data: "text", datacontenttype: "text/plain" });
expectTrue<Equal<typeof changed, CloudEventWithData<string>>>();
const same = withAttributes(event, { subject: "42", partitionkey: undefined });
expectTrue<Equal<typeof same, CloudEventWithData<{ total: number }>>>();
const sameWithout = withAttributes(fromInit, { subject: "42" });
expectTrue<Equal<typeof sameWithout, CloudEvent<Order>>>();
const given = withAttributes(fromInit, { data: order });
expectTrue<Equal<typeof given, CloudEventWithData<Order>>>();
const taken = withAttributes(event, { data: undefined });
expectTrue<Equal<typeof taken.data, undefined>>();

const decoded = http.decode({ headers: new Headers(), body: "" });
expectTrue<Equal<typeof decoded, CloudEvent<unknown>>>();
expectFalse<IsAny<typeof decoded.data>>();
expectTrue<Equal<ReturnType<typeof validateEvent>, CloudEvent>>();
expectTrue<Equal<ReturnType<typeof json.decode>, CloudEvent>>();
expectTrue<Equal<ReturnType<typeof json.encode>, string>>();

const structured = http.encode(event);
expectTrue<Equal<typeof structured.body, string>>();
const binary = http.encode(event, { mode: "binary" });
expectTrue<Equal<typeof binary.body, string | Uint8Array<ArrayBuffer> | undefined>>();
// What fetch takes, in every mode.
new Request("https://events.example", { method: "POST", ...structured });
new Request("https://events.example", { method: "POST", ...binary });
void fetch("https://events.example", { method: "POST", ...http.encode(event, { mode: "binary" }) });
http.decode(binary);
http.encode([event, changed]);
// @ts-expect-error: a batch is not binary
http.encode([event], { mode: "binary" });
// @ts-expect-error: there is no third mode
http.encode(event, { mode: "batch" });
// @ts-expect-error: Kafka has no batched mode
kafka.encode([event]);
kafka.encode(event, { keyFrom: ({ subject }) => subject ?? null });
// @ts-expect-error: time is no key
kafka.encode(event, { keyFrom: "time" });
kafka.decode({ value: Buffer.from(""), headers: { ce_id: Buffer.from("1") } });
kafka.decode(kafka.encode(event));
kafka.decode({ headers: [{ ce_id: Buffer.from("1") }, { ce_type: "t" }] });

declare const unknownValue: unknown;
if (isEvent(unknownValue)) expectTrue<Equal<typeof unknownValue, CloudEvent>>();

declare const code: CloudEventErrorCode;
switch (code) {
  case "missing_attribute":
  case "invalid_attribute":
  case "invalid_attribute_name":
  case "invalid_data":
  case "invalid_format":
  case "unsupported_media_type":
  case "not_a_cloudevent":
  case "unexpected_batch":
  case "limit_exceeded":
  case "invalid_argument":
    break;
  default:
    // The union is closed: nothing is left.
    code satisfies never;
}
expectTrue<Equal<CloudEventError["code"], CloudEventErrorCode>>();
expectTrue<Equal<CloudEventError["attribute"], string | undefined>>();
const value: AttributeValue = true;
// @ts-expect-error: no attribute holds an object
const notAValue: AttributeValue = {};

export { notAValue, value };
