import { resolve } from "node:path";
import { checkAttribute } from "@coresdk/cloudevents";
import {
  checkFixedExtension,
  EXTENSION_NAMES,
  type ExtensionName,
  type PipelineSettings,
  type PolicySettings,
  type RetrySettings,
  type WrapSettings,
} from "@coresdk/pipeline";
import { readMasking } from "./mask-settings.ts";
import { diskQueueFault } from "./node-needs.ts";
import { isRecord, OptionReader } from "./option-reader.ts";
import type { EmitterOptions } from "./options.ts";
import { readSink } from "./sink-settings.ts";

const NAMES = [
  "source",
  "tenant",
  "binding",
  "spans",
  "extensions",
  "fixedExtensions",
  "data",
  "order",
  "masking",
  "policy",
  "queue",
  "retry",
  "flushTimeoutMs",
  "onLoss",
] as const satisfies readonly (keyof EmitterOptions)[];

const MIB = 1024 ** 2;
/** An application shares its heap with the queue. */
const MEMORY_QUEUE_BYTES = 64 * MIB;
const DISK_QUEUE_BYTES = 1024 * MIB;
const MAX_QUEUE_BYTES = 1024 ** 4;

const POLICY_DIR = "./policies";
const POLICY_DEADLINE_MS = 250;

const HOUR_MS = 3_600_000;
/** The longest that a timer can be set to. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Half of what the SDK's providers allow, so that it is the emitter that says what is left. */
const FLUSH_TIMEOUT_MS = 10_000;

/** Complete settings of an emitter. */
export interface EmitterSettings {
  readonly pipeline: PipelineSettings;
  readonly flushTimeoutMs: number;
}

/**
 * Partial options in, complete settings out. What TypeScript has checked already is checked again: many
 * services are JavaScript, and a wrong option should be an error where it was written.
 *
 * @throws TypeError that names the option
 */
export function readSettings(options: EmitterOptions): EmitterSettings {
  const reader = new OptionReader("", options, NAMES);
  const spans = reader.raw("spans");
  if (spans !== undefined && spans !== "all" && spans !== "marked" && typeof spans !== "function") {
    reader.fail("spans", '"all", "marked" or a function');
  }
  const onLoss = reader.raw("onLoss");
  if (onLoss !== undefined && typeof onLoss !== "function") reader.fail("onLoss", "a function");
  return {
    pipeline: {
      wrap: readWrap(reader),
      masking: readMasking(reader.raw("masking")),
      ...readPolicy(reader.raw("policy")),
      queue: readQueue(reader.raw("queue") ?? {}),
      sinks: [readSink(reader.raw("binding"))],
      retry: readRetry(reader.raw("retry") ?? {}),
    },
    flushTimeoutMs: reader.number("flushTimeoutMs", { min: 0, max: MAX_TIMER_MS }, FLUSH_TIMEOUT_MS),
  };
}

function readWrap(reader: OptionReader): WrapSettings {
  const source = reader.text("source");
  const sourceFault = source === undefined ? undefined : checkAttribute("source", source);
  if (sourceFault !== undefined) reader.fail("source", sourceFault);
  return {
    source,
    tenant: readTenant(reader),
    extensions: readExtensions(reader),
    fixedExtensions: readFixedExtensions(reader),
    data: reader.choice("data", ["attributes", "body", "record"], "attributes"),
    order: reader.choice("order", ["subject", "none"], "subject"),
  };
}

export function readTenant(reader: OptionReader): string | undefined {
  const tenant = reader.text("tenant");
  // It could not be part of any subject.
  if (tenant !== undefined && !tenant.isWellFormed()) reader.fail("tenant", "a text without lone surrogates");
  return tenant;
}

export function readExtensions(reader: OptionReader): readonly ExtensionName[] {
  const value = reader.raw("extensions") ?? ["distributed-tracing"];
  const expected = `a list of ${EXTENSION_NAMES.join(", ")}`;
  if (!Array.isArray(value)) return reader.fail("extensions", expected);
  return value.map(
    (one: unknown) => EXTENSION_NAMES.find((name) => name === one) ?? reader.fail("extensions", expected),
  );
}

function readFixedExtensions(reader: OptionReader): Readonly<Record<string, string | number | boolean>> {
  const value = reader.raw("fixedExtensions") ?? {};
  if (!isRecord(value)) return reader.fail("fixedExtensions", "an object");
  const fixed: [string, string | number | boolean][] = [];
  for (const [name, one] of Object.entries(value)) {
    const option = `fixedExtensions.${name}`;
    const expected = checkFixedExtension(name, one);
    if (expected !== undefined) reader.fail(option, expected);
    if (typeof one !== "string" && typeof one !== "number" && typeof one !== "boolean") {
      return reader.fail(option, "a text, a number or a boolean");
    }
    fixed.push([name, one]);
  }
  return Object.fromEntries(fixed);
}

function readPolicy(options: unknown): { readonly policy?: PolicySettings } {
  if (options === undefined) return {};
  const reader = new OptionReader("policy", options, ["package", "dir", "deadlineMs", "dryRun"]);
  const name = reader.requiredText("package");
  if (name.split("/").includes("")) reader.fail("package", "names divided by slashes, none of them empty");
  const dryRun = reader.raw("dryRun") ?? false;
  if (typeof dryRun !== "boolean") return reader.fail("dryRun", "a boolean");
  return {
    policy: {
      package: name,
      dir: resolve(reader.text("dir") ?? (process.env["CORESDK_POLICY_DIR"] || POLICY_DIR)),
      deadlineMs: reader.number("deadlineMs", { min: 10, max: MAX_TIMER_MS }, POLICY_DEADLINE_MS),
      dryRun,
    },
  };
}

function readQueue(options: unknown): PipelineSettings["queue"] {
  const reader = new OptionReader("queue", options, ["dir", "maxBytes"]);
  const dir = reader.text("dir");
  const byDefault = dir === undefined ? MEMORY_QUEUE_BYTES : DISK_QUEUE_BYTES;
  const maxBytes = reader.number("maxBytes", { min: 1024, max: MAX_QUEUE_BYTES }, byDefault);
  if (dir === undefined) return { kind: "memory", maxBytes, ring: false };
  const fault = diskQueueFault();
  if (fault !== undefined) reader.reject("dir", fault);
  // They were told as lost when they became dead letters, and nobody here discards them: they must not cost what comes.
  return { kind: "disk", dir, durability: "sync", maxBytes, ring: false, lettersGiveWay: true };
}

function readRetry(options: unknown): RetrySettings {
  const reader = new OptionReader("retry", options, ["initialIntervalMs", "maxIntervalMs", "maxAgeMs"]);
  const interval = { min: 1, max: MAX_TIMER_MS };
  const maxIntervalMs = reader.number("maxIntervalMs", interval, 30_000);
  const initialIntervalMs = reader.number("initialIntervalMs", interval, Math.min(1_000, maxIntervalMs));
  if (initialIntervalMs > maxIntervalMs) reader.fail("initialIntervalMs", "at most retry.maxIntervalMs");
  const maxAgeMs = reader.number("maxAgeMs", { min: 0, max: Number.MAX_SAFE_INTEGER }, 72 * HOUR_MS);
  return { initialIntervalMs, maxIntervalMs, maxAgeMs };
}
