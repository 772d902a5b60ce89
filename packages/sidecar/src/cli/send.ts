import type { CloudEvent } from "@coresdk/cloudevents";
import { encode as encodeHttp } from "@coresdk/cloudevents/http";
import { encode as encodeJson } from "@coresdk/cloudevents/json";
import { encode as encodeKafka } from "@coresdk/cloudevents/kafka";
import {
  checkHeaderName,
  type HttpSinkSettings,
  hidePathTokens,
  type KafkaSinkSettings,
  Secret,
  type SinkSettings,
  sendOnce,
  systemClock,
  systemRandom,
} from "@coresdk/pipeline";
import { hideHeaderName } from "../config/header-names.ts";
import { loadConfig } from "../config/load.ts";
import { checkUrl } from "../config/values.ts";
import { createEventFromFlags } from "./event-input.ts";
import { CommandError, type ExitCode, exitCode, UsageError } from "./exit-code.ts";
import { findDirectory } from "./input.ts";

type Flags = Readonly<Record<string, unknown>>;

/** The digits of an integer are those that were typed. */
const WRITTEN = { integers: "bigint" } as const;

/** `send`: one event to a URL, a Kafka topic, or the sink of the configuration. */
export async function send(url: string | undefined, flags: Flags): Promise<ExitCode> {
  const sink = await chooseSink(url, flags);
  const event = await createEventFromFlags(flags, process.stdin);
  if (flags["dryRun"] === true) {
    process.stdout.write(sink.kind === "http" ? showRequest(sink, event, url) : showRecord(sink, event));
    return exitCode.ok;
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const ports = { clock: systemClock, random: systemRandom, facts: { record: () => {} } };
  const outcome = await sendOnce(sink, Buffer.from(encodeJson(event, WRITTEN)), ports, stop.signal);
  if (outcome.kind === "delivered") {
    process.stdout.write(`delivered ${event.id}\n`);
    return exitCode.ok;
  }
  const why = "detail" in outcome ? outcome.detail : outcome.reason;
  throw new CommandError(`not delivered: ${why === "" ? `status ${outcome.status}` : why}`);
}

/** The configuration's own rules read the flags: an endpoint is checked here as it is there. */
async function chooseSink(url: string | undefined, flags: Flags): Promise<SinkSettings> {
  const { kafka, topic } = flags;
  const mode = readMode(flags["mode"]);
  if (url !== undefined && kafka !== undefined) throw new UsageError("either a URL or --kafka, not both");
  if (kafka !== undefined && topic === undefined) throw new UsageError("--kafka needs --topic");
  const fault = url === undefined ? undefined : checkUrl(url);
  if (fault !== undefined) throw new UsageError(`the URL ${fault}`);
  const given = url !== undefined || kafka !== undefined;
  const { settings } = await loadConfig({
    flags: { config: flags["config"], http: url, kafka, topic },
    // With a destination on the command line nothing else has a say.
    environment: given ? {} : process.env,
    cwd: findDirectory(),
    noFile: given,
  });
  const [sink] = settings.pipeline.sinks;
  if (sink === undefined) {
    throw new UsageError(
      "nowhere to send to: give a URL, or --kafka and --topic, or a configuration with a sink",
    );
  }
  const contentMode = mode ?? sink.contentMode;
  if (sink.kind === "kafka") return { ...sink, contentMode };
  return { ...sink, contentMode, headers: [...sink.headers, ...readHeaders(flags["header"])] };
}

function readMode(flag: unknown): SinkSettings["contentMode"] | undefined {
  if (flag === undefined || flag === "structured" || flag === "binary") return flag;
  throw new UsageError("--mode is structured or binary");
}

function readHeaders(flag: unknown): readonly (readonly [string, Secret])[] {
  const lines = Array.isArray(flag) ? flag.map(String) : [];
  return lines.map((line): readonly [string, Secret] => {
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new UsageError('--header must be "Name: value"');
    const fault = checkHeaderName(name);
    if (fault !== undefined) throw new UsageError(`--header: ${hideHeaderName(fault, name)}`);
    return [name, new Secret(value)];
  });
}

/** What the HTTP sink sends, secrets of the configuration aside: only what was typed just now is repeated. */
function showRequest(sink: HttpSinkSettings, event: CloudEvent<unknown>, typed: string | undefined): Buffer {
  const { headers, body } = encodeHttp(event, { ...WRITTEN, mode: sink.contentMode });
  const { host, pathname, search } = new URL(sink.endpoint);
  const target =
    typed === undefined
      ? `${hidePathTokens(pathname)}${search === "" ? "" : "?***"}`
      : `${pathname}${search}`;
  const lines = [`POST ${target} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of Object.entries(headers)) {
    // JSON is UTF-8 by definition; the sink leaves the charset out (semantics, section 6).
    const isFormat = name === "content-type" && sink.contentMode === "structured";
    lines.push(`${name}: ${isFormat ? "application/cloudevents+json" : value}`);
  }
  for (const [name, value] of sink.headers) lines.push(`${name.toLowerCase()}: ${value}`);
  lines.push(`content-length: ${body === undefined ? 0 : Buffer.byteLength(body)}`);
  return show(lines, body);
}

/** What the Kafka sink writes. */
function showRecord(sink: KafkaSinkSettings, event: CloudEvent<unknown>): Buffer {
  const { headers, key, value } = encodeKafka(event, {
    ...WRITTEN,
    mode: sink.contentMode,
    attributeHeaders: true,
    ...(sink.key === "none" ? {} : { keyFrom: sink.key }),
  });
  const shownKey = key === null || key === undefined ? "(none)" : Buffer.from(key).toString("utf8");
  const lines = [`topic: ${sink.topic}`, `key: ${shownKey}`];
  for (const [name, text] of Object.entries(headers)) lines.push(`header ${name}: ${text}`);
  return show(lines, value ?? undefined);
}

/** The body is there to the byte; only for somebody at a terminal the line is ended behind it. */
function show(lines: readonly string[], body: string | Uint8Array | undefined): Buffer {
  const end = body !== undefined && process.stdout.isTTY ? "\n" : "";
  return Buffer.concat([Buffer.from(`${lines.join("\n")}\n\n`), Buffer.from(body ?? ""), Buffer.from(end)]);
}
