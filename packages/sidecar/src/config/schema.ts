/**
 * The schema of `coresdk-sidecar.yaml` (semantics, section 5), later issues' keys included: what validates a
 * file, what names the environment variables, what becomes the JSON Schema for editors.
 */
import { checkAttribute } from "@coresdk/cloudevents";
import { checkFixedExtension, checkHeaderName } from "@coresdk/pipeline/checks";
import {
  CATEGORIES,
  checkBlockedKey,
  checkLiteral,
  checkPattern,
  LITERAL_FORM,
} from "@coresdk/pipeline/mask";
import * as z from "zod";
import { checkUpstreamHeaderName } from "../forward/header-name.ts";
import type { ConfigDocument } from "./document.ts";
import { describeUnknownExtension, findComputed } from "./extensions.ts";
import {
  asText,
  bearerToken,
  boolean,
  booleanValue,
  choice,
  duration,
  headers,
  integer,
  list,
  listenAddress,
  parseAddress,
  secret,
  secretText,
  size,
  text,
  textItem,
  url,
} from "./values.ts";

const clientTls = z
  .union(
    [
      booleanValue(),
      z.strictObject({
        ca: text("Certificates to trust instead of those that Node.js trusts: a file, or PEM text"),
        cert: text("Our certificate, for mutual TLS: a file, or PEM text"),
        key: secret("Its private key: a file, or PEM text"),
        servername: text("The name that the peer's certificate must have"),
      }),
    ],
    { error: "must be true, false or a mapping of ca, cert, key and servername" },
  )
  .optional();

const otel = z.strictObject({
  endpoint: url(
    "Upstream for traces, metrics and logs that are no events; unset: accepted, counted and dropped",
  ),
  protocol: choice("Unset: grpc when the port is 4317, else http/protobuf", ["grpc", "http/protobuf"]),
  headers: headers("Sent with each request to the upstream", checkUpstreamHeaderName),
  compression: choice("Of what is sent to the upstream", ["none", "gzip"]),
  tls: clientTls,
  timeout: duration("How long the upstream may take to answer", { minMs: 1 }),
});

const door = {
  endpoint: listenAddress("Where to listen: HOST:PORT"),
  max_request_size: size("Largest request, before and after decompression", 1024),
  tls: z
    .strictObject({
      cert: text("The server's certificate: a file, or PEM text"),
      key: secret("Its private key: a file, or PEM text"),
      client_ca: text("Certificates that clients must come from: a file, or PEM text"),
    })
    .optional(),
  auth: z.strictObject({ bearer: bearerToken("The token that clients must send") }).optional(),
};

const cors = z.strictObject({
  allowed_origins: list("Origins whose pages may send", textItem()),
  allowed_headers: list("Further request headers that they may send", textItem()),
  max_age: duration("How long a browser may remember this"),
});

const receivers = z.strictObject({
  otlp: z
    .strictObject({
      max_in_flight_bytes: size(
        "Both doors together, after decompression; beyond it a retryable refusal",
        1024,
      ),
      grpc: z.strictObject(door).optional(),
      http: z.strictObject({ ...door, cors: cors.optional() }).optional(),
    })
    .optional(),
});

function checkOrigin(origin: string): string | undefined {
  const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
  const fits = origin.length <= 253 && origin.split(".").every((part) => label.test(part));
  return fits ? undefined : "must be a DNS name, such as events.acme.example";
}

const webhook = z.strictObject({
  origin: text("The DNS name that stands for the sender", checkOrigin),
  rate: integer("Requests a minute to ask for; unset: none in particular", { min: 1, max: 999_999_999 }),
  callback: secret("An https URL where the target may give its permission instead of answering"),
  renew: duration("How long a permission counts before it is asked for again", { minMs: 1_000 }),
});

const http = z.strictObject({
  endpoint: url("Where events are sent"),
  headers: headers("Sent with each request", checkHeaderName),
  batch_size: integer("Events a request, at most; 1: one event a request", { min: 1, max: 10_000 }),
  flush_interval: duration("How long a batch that is not full waits for more events"),
  content_mode: choice("How one event becomes a request; binary is always one a request", [
    "structured",
    "binary",
  ]),
  timeout: duration("How long one attempt may take", { minMs: 1 }),
  max_in_flight: integer("Requests at once", { min: 1, max: 1024 }),
  tls: clientTls,
  webhook: webhook.optional(),
  block_private_addresses: boolean(
    "Never connect to loopback, private or link-local addresses, whatever the endpoint resolves to",
  ),
});

const sasl = z.strictObject({
  mechanism: choice("How to log in", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]),
  username: text("The user"),
  password: secret("The user's password"),
  allow_plaintext: boolean("PLAIN may send the password without TLS, in the clear"),
});

const broker = textItem().refine((address) => (parseAddress(address)?.port ?? 0) > 0, {
  error: "must be HOST:PORT, the port above 0",
});

function checkTopic(topic: string): string | undefined {
  const fits = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/.test(topic);
  return fits ? undefined : "must be 1 to 249 of letters, digits, '.', '_' and '-'";
}

function checkSource(source: string): string | undefined {
  const expected = checkAttribute("source", source);
  return expected === undefined ? undefined : `must be ${expected}`;
}

const kafka = z.strictObject({
  brokers: list("Some brokers of the cluster: HOST:PORT", broker),
  topic: text("Where events are written", checkTopic),
  tls: clientTls,
  sasl: sasl.optional(),
  content_mode: choice("structured: the event is the value; binary: its data is", ["structured", "binary"]),
  key: choice("What becomes the record's key", ["subject", "partitionkey", "source", "type", "id", "none"]),
  compression: choice("Of record batches", ["none", "gzip", "snappy", "lz4", "zstd"]),
  linger: duration("How long a batch that is not full waits for more events"),
});

const retry = z.strictObject({
  initial_interval: duration("Before the first retry; it doubles from there, with full jitter", { minMs: 1 }),
  max_interval: duration("Between two retries, at most", { minMs: 1 }),
  max_age: duration("An event older than this becomes a dead letter", { minMs: 1, maxMs: 3650 * 86_400_000 }),
});

const FIXED_VALUE = "must be text, a 32-bit whole number, true or false";

const computedExtension = textItem().refine((name) => findComputed(name) !== undefined, {
  error: ({ input }) => describeUnknownExtension(String(input)),
});

const fixedExtensions = z
  .record(
    z.string(),
    z.union([textItem(), z.int32({ error: FIXED_VALUE }), z.boolean()], { error: FIXED_VALUE }),
  )
  .superRefine((values, context) => {
    for (const [name, value] of Object.entries(values)) {
      const expected = checkFixedExtension(name, value);
      if (expected !== undefined)
        context.addIssue({ code: "custom", path: [name], message: `must be ${expected}` });
    }
  });

const extension = z.union([computedExtension, fixedExtensions], {
  error: "must be the name of an extension, or a mapping of extension attributes to fixed values",
});

function checkPackage(name: string): string | undefined {
  const fits = name.split("/").every((part) => part !== "");
  return fits ? undefined : "must be names divided by slashes, none of them empty: acme/cloudevents-egress";
}

const cloudEvents = z.strictObject({
  enabled: boolean("false: a plain OTLP proxy"),
  source: text(
    "The source of every event; unset: made from the resource's service.namespace and service.name",
    checkSource,
  ),
  binding: choice("How events leave", ["http", "kafka"]),
  order: choice("subject: events of one user keep their order", ["subject", "none"]),
  retry: retry.optional(),
  http: http.optional(),
  kafka: kafka.optional(),
  sinks: z.array(z.unknown()).meta({ description: "Several sinks: not in this version" }).optional(),
  customer_egress_policy: text(
    "The Rego package whose rule allow lets an event leave: acme/cloudevents-egress",
    checkPackage,
  ),
  extensions: list("Extension attributes that are computed, or set to a fixed value", extension),
  data: choice("What becomes the event's data", ["attributes", "body", "record"]),
  keep_in_otlp: boolean("Events go on over OTLP as well"),
});

const SIGNALS = ["events", "logs", "traces", "metrics"] as const;

const pattern = z.strictObject(
  {
    name: textItem(),
    regex: textItem().refine((regex) => checkPattern(regex) === undefined, {
      error: ({ input }) => checkPattern(String(input)) ?? "",
    }),
  },
  { error: "must be a mapping of name and regex" },
);

const blockedKey = textItem().refine((key) => checkBlockedKey(key) === undefined, {
  error: ({ input }) => checkBlockedKey(String(input)) ?? "",
});

// The rule is the same for each, so that the answer needs nothing of the text.
const literal = secretText({ description: "A text" }).refine(
  (text) => checkLiteral(text.reveal()) === undefined,
  { error: LITERAL_FORM },
);

const masking = z.strictObject({
  enabled: boolean("false: nothing is masked, neither in events nor in what is forwarded"),
  signals: list(
    "What is masked: events always, and what is named here of that which is forwarded",
    z.preprocess(asText, z.enum(SIGNALS, { error: `must be one of ${SIGNALS.join(", ")}` })),
  ),
  blocked_keys: list("Further keys whose value is masked whole", blockedKey),
  patterns: list("Further patterns, in RE2's syntax", pattern),
  literals: list("Texts that are masked wherever they stand", literal),
  allow_keys: list("Keys whose value is never masked", textItem()),
  categories: z
    .strictObject(Object.fromEntries(CATEGORIES.map((name) => [name, booleanValue().optional()])))
    .meta({ description: "Categories on or off; all are on but phone and ip" })
    .optional(),
});

const policy = z.strictObject({
  dir: text("Where .rego files and data.json are; loaded again when they change"),
  // The decisions of a large request share it: below this a good policy would run into it.
  deadline: duration("How long the decisions of a batch may take; those not made by then deny", {
    minMs: 10,
  }),
  dry_run: boolean("Report what would be denied, and let it through"),
});

const queue = z.strictObject({
  dir: text("Where events wait, and where the control socket is"),
  durability: choice("sync: on the disk before it is acknowledged; os: in the operating system's hands", [
    "sync",
    "os",
  ]),
  max_bytes: size("What may be stored, dead letters included", 1024 * 1024),
});

const log = z.strictObject({
  level: choice("What is logged, and what is above it", ["debug", "info", "warn", "error"]),
  format: choice("auto: lines for people on a terminal, else JSON", ["auto", "json", "pretty"]),
});

/** The whole file. */
export const configSchema: z.ZodType<ConfigDocument> = z
  .strictObject({
    tenant: text("The tenant of events that name none"),
    otel: otel.optional(),
    receivers: receivers.optional(),
    cloud_events: cloudEvents.optional(),
    policy: policy.optional(),
    masking: masking.optional(),
    queue: queue.optional(),
    admin: z
      .strictObject({ endpoint: listenAddress("Where /livez, /readyz and /metrics are: HOST:PORT") })
      .optional(),
    log: log.optional(),
  })
  .meta({ title: "coresdk-sidecar.yaml", description: "Configuration of the CoreSDK CloudEvents sidecar" });
