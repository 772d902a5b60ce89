import {
  type HttpSinkSettings,
  isPrivateHost,
  type KafkaSinkSettings,
  Secret,
  type SinkSettings,
  type TlsSettings,
} from "@coresdk/pipeline";
import { readHeaders } from "./headers.ts";
import { kafkaFault } from "./node-needs.ts";
import { isRecord, OptionReader } from "./option-reader.ts";
import type { HttpBindingOptions, KafkaBindingOptions } from "./options.ts";

/** What is stored for a sink is stored under its name (semantics, section 5). */
const SINK = "default";
const MAX_BATCH = 10_000;
const MAX_TIMEOUT_MS = 3_600_000;
const TIMEOUT_MS = 30_000;

const HTTP_NAMES = [
  "kind",
  "endpoint",
  "headers",
  "batchSize",
  "flushSecs",
  "contentMode",
  "timeoutMs",
  "maxInFlight",
  "tls",
  "blockPrivateAddresses",
] as const satisfies readonly (keyof HttpBindingOptions)[];

const KAFKA_NAMES = [
  "kind",
  "brokers",
  "topic",
  "tls",
  "sasl",
  "key",
  "contentMode",
  "compression",
  "lingerMs",
  "batchSize",
  "timeoutMs",
] as const satisfies readonly (keyof KafkaBindingOptions)[];

const NO_TLS_OPTIONS: TlsSettings = { ca: undefined, cert: undefined, key: undefined, servername: undefined };

/**
 * The settings of the one sink that an emitter has.
 * @throws TypeError that names the option
 */
export function readSink(binding: unknown): SinkSettings {
  const kind = isRecord(binding) ? binding["kind"] : undefined;
  if (kind === "http") return readHttp(new OptionReader("binding", binding, HTTP_NAMES));
  if (kind === "kafka") return readKafka(new OptionReader("binding", binding, KAFKA_NAMES));
  throw new TypeError('CloudEventEmitter: binding must be an object with kind "http" or "kafka"');
}

function readHttp(reader: OptionReader): HttpSinkSettings {
  const blockPrivateAddresses = reader.boolean("blockPrivateAddresses", false);
  const endpoint = readEndpoint(reader);
  if (blockPrivateAddresses && isPrivateHost(new URL(endpoint))) {
    reader.fail("endpoint", "no private address with blockPrivateAddresses");
  }
  const contentMode = reader.choice("contentMode", ["structured", "binary"], "structured");
  const batchSize = reader.number("batchSize", { min: 1, max: MAX_BATCH }, 1);
  if (contentMode === "binary" && batchSize > 1) {
    reader.fail("batchSize", "1 with contentMode binary, which carries one event a request");
  }
  return {
    kind: "http",
    name: SINK,
    endpoint,
    headers: readHeaders(reader),
    batchSize,
    flushIntervalMs: Math.round(
      reader.number("flushSecs", { min: 0, max: 3_600, fraction: true }, 1) * 1_000,
    ),
    contentMode,
    timeoutMs: reader.number("timeoutMs", { min: 1, max: MAX_TIMEOUT_MS }, TIMEOUT_MS),
    maxInFlight: reader.number("maxInFlight", { min: 1, max: 1_024 }, 16),
    tls: reader.has("tls") ? readTls(reader) : undefined,
    overrides: {},
    blockPrivateAddresses,
  };
}

function readEndpoint(reader: OptionReader): string {
  const endpoint = reader.requiredText("endpoint");
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return reader.fail("endpoint", "an http: or https: URL");
  }
  if (url.username !== "" || url.password !== "") {
    reader.fail("endpoint", "without user and password; use binding.headers.Authorization");
  }
  return endpoint;
}

function readKafka(reader: OptionReader): KafkaSinkSettings {
  const fault = kafkaFault();
  if (fault !== undefined) reader.reject("kind", fault);
  return {
    kind: "kafka",
    name: SINK,
    brokers: readBrokers(reader),
    topic: reader.requiredText("topic"),
    tls: readKafkaTls(reader),
    sasl: readSasl(reader),
    contentMode: reader.choice("contentMode", ["structured", "binary"], "structured"),
    key: reader.choice("key", ["subject", "partitionkey", "source", "type", "id", "none"], "subject"),
    compression: reader.choice("compression", ["none", "gzip", "snappy", "lz4", "zstd"], "none"),
    lingerMs: reader.number("lingerMs", { min: 0, max: 60_000 }, 20),
    batchSize: reader.number("batchSize", { min: 1, max: MAX_BATCH }, 500),
    timeoutMs: reader.number("timeoutMs", { min: 1, max: MAX_TIMEOUT_MS }, TIMEOUT_MS),
  };
}

function readBrokers(reader: OptionReader): readonly string[] {
  const value = reader.raw("brokers");
  const expected = 'a list of "host:port" with at least one';
  if (!Array.isArray(value) || value.length === 0) return reader.fail("brokers", expected);
  return value.map((broker: unknown) => {
    return typeof broker === "string" && /^[^\s/@]+:\d{1,5}$/.test(broker)
      ? broker
      : reader.fail("brokers", expected);
  });
}

function readKafkaTls(reader: OptionReader): TlsSettings | undefined {
  const value = reader.raw("tls");
  if (value === undefined || value === false) return undefined;
  return value === true ? NO_TLS_OPTIONS : readTls(reader);
}

function readTls(reader: OptionReader): TlsSettings {
  const tls = new OptionReader(reader.at("tls"), reader.raw("tls"), ["ca", "cert", "key", "servername"]);
  const key = readPem(tls, "key");
  const cert = readPem(tls, "cert");
  if ((key === undefined) !== (cert === undefined)) tls.fail("key", "given together with cert");
  return {
    ca: readPem(tls, "ca"),
    cert,
    key: key === undefined ? undefined : new Secret(key),
    servername: tls.text("servername"),
  };
}

function readPem(reader: OptionReader, name: string): string | undefined {
  const pem = reader.text(name);
  return pem === undefined || pem.includes("-----BEGIN ")
    ? pem
    : reader.fail(name, "PEM text, not a file name");
}

const SASL_NAMES = ["mechanism", "username", "password", "allowPlaintext"];

function readSasl(kafka: OptionReader): KafkaSinkSettings["sasl"] {
  if (!kafka.has("sasl")) return undefined;
  const reader = new OptionReader("binding.sasl", kafka.raw("sasl"), SASL_NAMES);
  if (!reader.has("mechanism")) reader.fail("mechanism", "given");
  const sasl = {
    mechanism: reader.choice("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], "SCRAM-SHA-512"),
    username: reader.requiredText("username"),
    password: new Secret(reader.requiredText("password")),
    allowPlaintext: reader.boolean("allowPlaintext", false),
  };
  if (sasl.mechanism === "PLAIN" && !sasl.allowPlaintext && readKafkaTls(kafka) === undefined) {
    reader.fail("mechanism", "another one without TLS, or used with allowPlaintext");
  }
  return sasl;
}
