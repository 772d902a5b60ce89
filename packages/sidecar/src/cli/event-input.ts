/** One CloudEvent out of the flags of `send`. */
import { type CloudEvent, CloudEventError, checkAttributeName, createEvent } from "@coresdk/cloudevents";
import { describeArgument } from "./argument.ts";
import { UsageError } from "./exit-code.ts";

const MAX_DIGITS = 1_000;

type Flags = Readonly<Record<string, unknown>>;

/** More than any receiver takes in one event. */
const MAX_DATA_BYTES = 16 * 1024 * 1024;

/**
 * @param stdin read when `--data` is `-`
 * @throws UsageError when a flag does not fit in an event
 */
export async function createEventFromFlags(
  flags: Flags,
  stdin: AsyncIterable<Uint8Array>,
): Promise<CloudEvent<unknown>> {
  const { type, source, subject, id, time, dataschema, contentType } = flags;
  const data = await readData(flags["data"], contentType, stdin);
  try {
    return createEvent<unknown>({
      type: String(type),
      source: String(source),
      ...(subject === undefined ? {} : { subject: String(subject) }),
      ...(id === undefined ? {} : { id: String(id) }),
      ...(time === undefined ? {} : { time: String(time) }),
      ...(dataschema === undefined ? {} : { dataschema: String(dataschema) }),
      ...readExtensions(flags["extension"]),
      ...data,
    });
  } catch (error) {
    if (error instanceof CloudEventError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

interface EventData {
  readonly datacontenttype?: string;
  readonly data?: unknown;
}

async function readData(
  flag: unknown,
  contentType: unknown,
  stdin: AsyncIterable<Uint8Array>,
): Promise<EventData> {
  if (typeof flag !== "string")
    return typeof contentType === "string" ? { datacontenttype: contentType } : {};
  const bytes = flag === "-" ? await readAll(stdin) : Buffer.from(flag);
  const datacontenttype = typeof contentType === "string" ? contentType : "application/json";
  if (!isJson(datacontenttype)) return { datacontenttype, data: asText(bytes) ?? bytes };
  try {
    const data: unknown = JSON.parse(bytes.toString("utf8"), keepDigits);
    return { datacontenttype, data };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError("--data is not JSON; for anything else say what it is: --content-type text/plain", {
      cause: error,
    });
  }
}

/** An integer that a double would round becomes a bigint. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? "";
  if (typeof value !== "number" || Number.isSafeInteger(value) || !/^-?[0-9]+$/.test(source)) return value;
  // Making a bigint of very many digits takes more than linear time.
  if (source.length > MAX_DIGITS)
    throw new UsageError(`--data: an integer of more than ${MAX_DIGITS} digits`);
  return BigInt(source);
}

function isJson(contentType: string): boolean {
  return /^[^;]*[/+]json\s*(?:;|$)/i.test(contentType);
}

function asText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > MAX_DATA_BYTES) throw new UsageError(`--data: more than ${MAX_DATA_BYTES / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Attributes that are no extensions, and the flag that sets each. */
const OWN_FLAGS: ReadonlyMap<string, string | undefined> = new Map([
  ["specversion", undefined],
  ["dataschema", "--dataschema"],
  ["type", "--type"],
  ["source", "--source"],
  ["subject", "--subject"],
  ["id", "--id"],
  ["time", "--time"],
  ["datacontenttype", "--content-type"],
  ["data", "--data"],
]);

function readExtensions(flag: unknown): Readonly<Record<string, string>> {
  const pairs = Array.isArray(flag) ? flag.map(String) : [];
  return Object.fromEntries(
    pairs.map((pair): [string, string] => {
      const split = pair.indexOf("=");
      if (split < 1) throw new UsageError("--extension must be name=value");
      const name = pair.slice(0, split);
      const fault = checkExtensionName(name);
      if (fault !== undefined) throw new UsageError(`--extension: ${fault}`);
      return [name, pair.slice(split + 1)];
    }),
  );
}

function checkExtensionName(name: string): string | undefined {
  if (OWN_FLAGS.has(name)) {
    const own = OWN_FLAGS.get(name);
    return `${name} is no extension${own === undefined ? "" : `; use ${own}`}`;
  }
  const expected = checkAttributeName(name);
  return expected === undefined ? undefined : `${describeArgument(name)} must be ${expected}`;
}
