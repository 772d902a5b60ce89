/**
 * A seeded corpus of events as services send them: mostly the platform's own small events (the payloads of the
 * envelope's documentation, with other values), business events of some hundred bytes, and a few of 1 to 4 kB.
 */
import { type CloudEvent, createEvent } from "@coresdk/cloudevents";

/** One event of the corpus, in the forms that the contenders start from. */
export interface CorpusEvent {
  readonly event: CloudEvent;
  /** What `createEvent` would be given: the event without the attributes that are filled in. */
  readonly init: Readonly<Record<string, unknown>> & { readonly type: string; readonly source: string };
}

/** A generator of pseudo-random numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const HEX = "0123456789abcdef";
const WORDS = "order cart invoice parcel stock price tenant customer address payment refund note late".split(
  " ",
);

/** Draws values; everything it gives follows from the seed. */
class Source {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }
  text(alphabet: string, length: number): string {
    let text = "";
    for (let i = 0; i < length; i++) text += alphabet[this.below(alphabet.length)] ?? "";
    return text;
  }
  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
  words(count: number): string {
    return Array.from({ length: count }, () => WORDS[this.below(WORDS.length)]).join(" ");
  }
  id(): string {
    return `01HX${this.text(CROCKFORD, 22)}`;
  }
  time(): string {
    const at = new Date(Date.UTC(2026, 2, 19) + this.below(86_400_000)).toISOString();
    return this.pick([at, at.replace("Z", "417Z"), `${at.slice(0, 19)}Z`]);
  }
}

type Init = CorpusEvent["init"];

function policyDecision(source: Source): Init {
  const tenant = source.pick(["acme", "globex", "initech", "umbrella"]);
  const user = `usr_${source.text(CROCKFORD, 4)}`;
  const traceId = source.text(HEX, 32);
  const spanId = source.text(HEX, 16);
  return {
    type: "io.coresdk.policy.decision",
    source: source.pick(["https://orders.acme.com", "/shop/orders", "/shop/billing"]),
    subject: `tenant/${tenant}/user/${user}`,
    datacontenttype: "application/json",
    traceparent: `00-${traceId}-${spanId}-01`,
    data: {
      tenant_id: tenant,
      user_id: user,
      action: source.pick(["orders:create", "orders:read", "invoices:list"]),
      result: source.pick(["allowed", "denied"]),
      policy_latency_us: source.below(500),
      trace_id: traceId,
      span_id: spanId,
    },
  };
}

function loginVerified(source: Source): Init {
  const tenant = source.pick(["acme", "globex", "initech", "umbrella"]);
  const user = `usr_${source.text(CROCKFORD, 4)}`;
  return {
    type: "io.coresdk.auth.verified",
    source: "https://orders.acme.com",
    subject: `tenant/${tenant}/user/${user}`,
    datacontenttype: "application/json",
    data: {
      tenant_id: tenant,
      user_id: user,
      auth_method: source.pick(["jwt", "mtls"]),
      result: "allowed",
      trace_id: source.text(HEX, 32),
    },
  };
}

function orderCreated(source: Source): Init {
  return {
    type: "com.acme.order.created",
    source: "/shop/orders",
    subject: String(source.below(1_000_000)),
    datacontenttype: "application/json",
    partitionkey: source.text(HEX, 8),
    data: {
      total: source.below(100_000) / 100,
      currency: source.pick(["EUR", "USD"]),
      express: source.below(2) === 1,
    },
  };
}

/** An order with its lines: 1 to 4 kB of data. */
function orderShipped(source: Source): Init {
  const lines = Array.from({ length: 6 + source.below(22) }, (_, i) => ({
    line: i + 1,
    sku: source.text(CROCKFORD, 10),
    name: source.words(3),
    quantity: 1 + source.below(9),
    price: source.below(10_000) / 100,
    note: source.below(4) === 0 ? `Größe ${source.words(4)} – “${source.words(2)}”` : null,
  }));
  return {
    type: "com.acme.order.shipped",
    source: "https://warehouse.acme.com/berlin/3",
    subject: String(source.below(1_000_000)),
    datacontenttype: "application/json; charset=utf-8",
    dataschema: "https://schemas.acme.com/order-shipped/2",
    data: { order: source.id(), customer: source.words(2), lines },
  };
}

/** Of twenty events: eleven decisions, four logins, four small orders, one large one. */
function init(source: Source, place: number): Init {
  const slot = place % 20;
  if (slot === 19) return orderShipped(source);
  if (slot % 5 === 4) return orderCreated(source);
  return slot % 4 === 3 ? loginVerified(source) : policyDecision(source);
}

/** `count` events, the same ones for the same seed. */
export function createCorpus(count: number, seed = 1): readonly CorpusEvent[] {
  const source = new Source(seed);
  return Array.from({ length: count }, (_, place) => {
    const attributes = init(source, place);
    const event = createEvent({ ...attributes, id: source.id(), time: source.time() });
    return { event, init: attributes };
  });
}
