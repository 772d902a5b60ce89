/** Events of every legal kind, for property-based tests. */
import { type CloudEvent, createEvent } from "@coresdk/cloudevents";
import fc from "fast-check";

/** Control characters (C0, DEL, C1) and noncharacters. */
const FORBIDDEN = /\p{Cc}|\p{Noncharacter_Code_Point}/u;

/** A String of the type system. */
export const text: fc.Arbitrary<string> = fc
  .oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("%41", '"', "a b", "\\", "100 %", "€", "😀"),
  )
  .filter((value) => !FORBIDDEN.test(value));

const name = text.filter((value) => value !== "");

const source = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }).map((url) => new URL(url).href),
  fc.webPath().filter((path) => path !== "" && !path.startsWith("//")),
  fc.uuid().map((uuid) => `urn:uuid:${uuid}`),
);

const pad = (value: number, width: number): string => String(value).padStart(width, "0");

const time = fc
  .record({
    date: fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T00:00:00Z"),
      noInvalidDate: true,
    }),
    fraction: fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n }), { nil: undefined }),
    offset: fc.option(
      fc.record({ sign: fc.constantFrom("+", "-"), hours: fc.nat(23), minutes: fc.nat(59) }),
      { nil: undefined },
    ),
  })
  .map(({ date, fraction, offset }) => {
    const zone =
      offset === undefined ? "Z" : `${offset.sign}${pad(offset.hours, 2)}:${pad(offset.minutes, 2)}`;
    return `${date.toISOString().slice(0, 19)}${fraction === undefined ? "" : `.${fraction}`}${zone}`;
  });

const integer = fc.integer({ min: -2147483648, max: 2147483647 }).map((value) => value | 0);

const extensionName = fc
  .stringMatching(/^[a-z][a-z0-9]{0,19}$/)
  // Not the core, and not the documented ones, which have types of their own.
  .map((value) => (value.startsWith("x") ? value : `x${value}`));

const extensions = fc.dictionary(extensionName, fc.oneof(text, integer, fc.boolean()), { maxKeys: 4 });

const documented = fc.record(
  {
    traceparent: name,
    partitionkey: name,
    sampledrate: fc.integer({ min: 1, max: 2147483647 }),
    severitynumber: fc.integer({ min: 0, max: 2147483647 }),
    deprecated: fc.constant(true as const),
    recordedtime: time,
    dataref: source,
  },
  { requiredKeys: [] },
);

const bytes = fc.uint8Array({ maxLength: 64 });

/** Data with a media type that fits; both may be absent. */
const payload: fc.Arbitrary<{ datacontenttype?: string; data?: unknown }> = fc.oneof(
  fc.constant({}),
  fc.jsonValue().map((data) => ({ data })),
  bytes.map((data) => ({ data })),
  fc.record({
    datacontenttype: fc.constantFrom(
      "application/json",
      "application/cloud+JSON; a=b;",
      "text/json",
      "application/json; charset=ISO-8859-1",
    ),
    data: fc.jsonValue(),
  }),
  fc.record({
    datacontenttype: fc.constantFrom("text/plain", "text/html; charset=UTF-8", "application/xml"),
    data: fc.string({ unit: "grapheme" }),
  }),
  fc.record({
    datacontenttype: fc.constant("text/plain; charset=us-ascii"),
    data: fc.string({ unit: "grapheme-ascii" }),
  }),
  fc.record({
    datacontenttype: fc.constantFrom(
      "application/octet-stream",
      'image/png; q="a b"',
      "text/plain; charset=utf-16",
    ),
    data: bytes,
  }),
  fc.record({ datacontenttype: fc.constantFrom("application/json", "image/png") }),
);

/** A valid event. */
export const events: fc.Arbitrary<CloudEvent> = fc
  .tuple(
    fc.record({ type: name, source }),
    fc.record(
      {
        id: name,
        time: fc.option(time),
        subject: name,
        dataschema: fc.constantFrom("https://a.example/s?v=1", "urn:a:b"),
      },
      { requiredKeys: [] },
    ),
    extensions,
    documented,
    payload,
  )
  .map(([required, optional, more, known, rest]) =>
    createEvent<unknown>({ ...more, ...required, ...optional, ...known, ...rest }),
  );
