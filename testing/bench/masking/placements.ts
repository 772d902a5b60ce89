/** Where a user's text can get to in an event, each with words around it that have to stay. */
import { KeyValues, type LogEvent, type SpanRecord } from "@coresdk/pipeline";

export type Source =
  | { readonly kind: "log"; readonly event: LogEvent; readonly keeps: readonly string[] }
  | { readonly kind: "span"; readonly span: SpanRecord; readonly keeps: readonly string[] };

type Attributes = Readonly<Record<string, LogEvent["body"]>>;

export function mapOf(entries: Attributes): KeyValues {
  const map = new KeyValues();
  for (const [key, value] of Object.entries(entries)) map.add(key, value ?? null);
  return map;
}

interface Fields extends Partial<Omit<LogEvent, "attributes" | "resource">> {
  readonly attributes?: Attributes;
  readonly resource?: Attributes;
}

function log({ attributes = {}, resource = {}, ...fields }: Fields, keeps: readonly string[]): Source {
  const event: LogEvent = {
    eventName: "com.acme.order.created",
    eventNameOrigin: "field",
    time: { seconds: 1_773_930_900, nanos: 0 },
    observedTime: undefined,
    severityNumber: 0,
    severityText: "",
    body: undefined,
    droppedAttributesCount: 0,
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    flags: 1,
    scope: { name: "", version: "" },
    index: 0,
    ...fields,
    attributes: mapOf(attributes),
    resource: { attributes: mapOf(resource) },
  };
  return { kind: "log", event, keeps: [...keeps, "4bf92f3577b34da6a3ce929d0e0e4736"] };
}

function span(fields: Partial<SpanRecord>, keeps: readonly string[]): Source {
  const record: SpanRecord = {
    name: "GET /orders",
    kind: "server",
    status: "ok",
    statusMessage: "",
    startTime: { seconds: 1_773_930_900, nanos: 123_456_789 },
    endTime: { seconds: 1_773_930_901, nanos: 0 },
    attributes: new KeyValues(),
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    parentSpanId: "",
    flags: 1,
    traceState: "",
    resource: { attributes: new KeyValues() },
    scope: { name: "", version: "" },
    ...fields,
  };
  return { kind: "span", span: record, keeps };
}

const WORDS = ["zulu before", "after whiskey"] as const;

function inWords(text: string): string {
  return `${WORDS[0]} ${text} ${WORDS[1]}`;
}

/** A text of its own. */
export function note(text: string, keeps: readonly string[]): Source {
  return log({ attributes: { note: text } }, keeps);
}

/** Behind a name, in a line of its own, since nobody knows how far a value without quotes goes. */
function behind(name: string, text: string): Source {
  return log({ attributes: { note: `${WORDS[0]} ${name}${text}\n${WORDS[1]}` } }, [
    ...WORDS,
    /\w+/.exec(name)?.[0] ?? name,
  ]);
}

/** A name that ends in `PRIVATE KEY` or `</password>`, or is an SSN's, takes its value with it. */
function keptUnder(name: string): readonly string[] {
  return /PRIVATE KEY|^SSN|password>$/.test(name) ? [] : ["tango"];
}

/** By name; each takes the sample's text, unless it cannot stand there. */
export const PLACEMENTS: Readonly<Record<string, (text: string) => Source | undefined>> = {
  "attribute value": (text) => log({ attributes: { note: text, other: "tango" } }, ["tango"]),
  "in a sentence": (text) => log({ attributes: { note: inWords(text) } }, WORDS),
  "in colours": (text) => log({ attributes: { note: inWords(`\u001b[31m${text}\u001b[0m`) } }, WORDS),
  "between rsyslog's control characters": (text) =>
    log({ attributes: { note: `${WORDS[0]} a#011${text}#012 ${WORDS[1]}` } }, WORDS),
  "in front of an arrow": (text) =>
    log({ attributes: { note: `${WORDS[0]} ${text}->after whiskey` } }, [WORDS[0], "after whiskey"]),
  "between underscores": (text) => log({ attributes: { note: inWords(`_${text}_`) } }, WORDS),
  "in quotes": (text) => log({ attributes: { note: inWords(`"${text}"`) } }, WORDS),
  "in an element": (text) => log({ attributes: { note: inWords(`<note>${text}</note>`) } }, WORDS),
  "nested map": (text) => log({ attributes: { a: mapOf({ b: mapOf({ c: inWords(text) }) }) } }, WORDS),
  array: (text) => log({ attributes: { list: ["tango", [inWords(text)]] } }, ["tango", ...WORDS]),
  "body text": (text) => log({ body: inWords(text) }, WORDS),
  "body map": (text) => log({ body: mapOf({ message: inWords(text), level: "tango" }) }, ["tango", ...WORDS]),
  bytes: (text) => log({ attributes: { raw: Buffer.from(inWords(text)) } }, []),
  "map key": (text) => log({ attributes: { a: mapOf({ [text]: "tango" }) } }, keptUnder(text)),
  "attribute name": (text) => log({ attributes: { [text]: "tango" } }, keptUnder(text)),
  "JSON text": (text) =>
    log({ attributes: { payload: JSON.stringify({ note: inWords(text), n: 1 }) } }, [...WORDS, '\\"n\\":1']),
  "behind a secret's name and =": (text) => behind("SERVICE_SECRET=", text),
  "behind a secret's name and colon": (text) => behind("credentials: ", text),
  "behind a password's name and =": (text) => behind("DB_PASSWORD=", text),
  "behind a token's name, in quotes": (text) => behind('"access_token": ', text),
  "behind a name and =": (text) => behind("CONFIG_ENTRY=", text),
  "behind a name and colon": (text) => behind("entry: ", text),
  "behind a word in brackets": (text) => log({ attributes: { note: `[WARN ] ${text}` } }, ["[WARN ] "]),
  "in brackets": (text) => log({ attributes: { note: `[tango, ${text}] [whiskey]` } }, ["tango"]),
  "behind JSON": (text) => log({ attributes: { note: `{"tango":1} ${text}` } }, ['{\\"tango\\":1} ']),
  "JSON in JSON": (text) =>
    log(
      { attributes: { payload: JSON.stringify({ inner: JSON.stringify({ note: inWords(text) }) }) } },
      WORDS,
    ),
  "JSON in a sentence": (text) =>
    log({ attributes: { note: `tango got ${JSON.stringify({ note: text, x: 7 })} back` } }, [
      "tango got",
      "back",
    ]),
  "percent-encoded": (text) =>
    log({ attributes: { query: `x=${encodeURIComponent(text)}&y=tango` } }, ["y=tango"]),
  "form-encoded": (text) =>
    log({ attributes: { form: new URLSearchParams({ note: text, y: "tango" }).toString() } }, ["y=tango"]),
  "URL path": (text) =>
    log({ attributes: { "url.path": `/orders/${encodeURIComponent(text)}/tango` } }, ["/orders/"]),
  "subject, user": (text) =>
    log({ attributes: { "tenant.id": "tango", "user.id": text } }, ["tenant/tango/user/"]),
  "subject, tenant": (text) => log({ attributes: { "tenant.id": text } }, []),
  source: (text) => log({ resource: { "service.name": text, "service.namespace": "tango" } }, ["/tango"]),
  "event name": (text) => log({ eventName: `com.acme ${text}` }, ["com.acme"]),
  id: (text) => log({ attributes: { "log.record.uid": text } }, []),
  "severity text": (text) => log({ severityNumber: 9, severityText: inWords(text) }, []),
  extension: (text) => log({ attributes: { "cloudevents.note": inWords(text) } }, WORDS),
  "span name": (text) => span({ name: inWords(text) }, WORDS),
  "span attribute": (text) => span({ attributes: mapOf({ note: inWords(text) }) }, WORDS),
  // What cannot stand in a trace state is left out before.
  "trace state": (text) =>
    /^[!-~ ]*[!-~]$/.test(text) && !/[,=]/.test(text)
      ? span({ traceState: `vendor=${text}` }, [])
      : undefined,
};

/** Where something stands under a key that gives it away. */
export const KEYED_PLACEMENTS: Readonly<Record<string, (text: string, key: string) => Source>> = {
  "attribute value": (text, key) => log({ attributes: { [key]: text, other: "tango" } }, ["tango"]),
  "nested map": (text, key) =>
    log({ attributes: { a: mapOf({ b: mapOf({ [key]: text, c: "tango" }) }) } }, ["tango"]),
  array: (text, key) => log({ attributes: { [key]: [text, [text]] } }, []),
  "map under the key": (text, key) => log({ attributes: { [key]: mapOf({ a: text }) } }, []),
  "body map": (text, key) => log({ body: mapOf({ [key]: text, c: "tango" }) }, ["tango"]),
  "JSON text": (text, key) =>
    log({ attributes: { payload: JSON.stringify({ [key]: text, c: "tango" }) } }, ["tango"]),
  "JSON in JSON": (text, key) =>
    log({ attributes: { payload: JSON.stringify({ inner: JSON.stringify({ [key]: text }), c: "tango" }) } }, [
      "tango",
    ]),
  "percent-encoded": (text, key) =>
    log({ attributes: { query: `${encodeURIComponent(key)}=${encodeURIComponent(text)}&y=tango` } }, [
      "y=tango",
    ]),
  "span attribute": (text, key) => span({ attributes: mapOf({ [key]: text, c: "tango" }) }, ["tango"]),
};
