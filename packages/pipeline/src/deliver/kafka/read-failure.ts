import { explainNetworkFailure } from "../network-failure.ts";

/** What the brokers said of one partition's records. */
export interface PartitionAnswer {
  /** The error's name in the protocol; `NONE` when the records are stored. */
  readonly error: string;
}

/** What is known after a send that did not wholly succeed. */
export interface SendFailure {
  /** Partitions that a broker answered for. */
  readonly partitions: ReadonlyMap<number, PartitionAnswer>;
  /** What goes for all others. */
  readonly rest: { readonly kind: "retry" | "parked"; readonly reason: string; readonly status: string };
  /** The client did not fail on what a broker or the network said, but by itself: another one is needed. */
  readonly isClientBroken?: boolean;
}

/** The client nests errors: attempts, brokers, responses, causes. This many levels are looked at. */
const MAX_DEPTH = 12;

/** What a client throws when it fails on what it was told. */
const ERRORS_OF_CODE: ReadonlySet<unknown> = new Set(["TypeError", "RangeError"]);
/** What a client concludes from an answer and keeps, and what it meets while it reads where no answer begins. */
const LASTING: ReadonlySet<unknown> = new Set(["PLT_KFK_UNSUPPORTED_API", "OUT_OF_BOUNDS"]);

/** Errors that no other attempt mends until someone changes a setting or a right. */
const MISCONFIGURED: ReadonlyMap<string, string> = new Map([
  ["SASL_AUTHENTICATION_FAILED", "the broker does not accept the user name or password"],
  ["UNSUPPORTED_SASL_MECHANISM", "the broker does not offer this SASL mechanism"],
  ["ILLEGAL_SASL_STATE", "the broker expects no SASL on this port"],
  ["TOPIC_AUTHORIZATION_FAILED", "the user may not write to the topic"],
  ["CLUSTER_AUTHORIZATION_FAILED", "the user may not write idempotently to the cluster"],
  ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "the user may not use the producer's id"],
  ["INVALID_TOPIC_EXCEPTION", "the topic's name is not one"],
  ["UNSUPPORTED_VERSION", "the broker is of a version that this client does not speak to"],
]);

/** @param nameOf the name of a protocol error's code */
export function readFailure(error: unknown, nameOf: (code: number) => string): SendFailure {
  const partitions = new Map<number, PartitionAnswer>();
  const seen: Record<string, unknown>[] = [];
  for (const node of walk(error, MAX_DEPTH)) {
    seen.push(node);
    readResponse(node["response"], partitions, nameOf);
    readOffsets(node["produced"], partitions);
  }
  const isClientBroken = seen.some(({ name, code }) => ERRORS_OF_CODE.has(name) || LASTING.has(code));
  return { partitions, rest: explain(error, seen), isClientBroken };
}

/** What an error code that a broker gave for a partition means. */
export function explainCode(name: string): string {
  return MISCONFIGURED.get(name) ?? `the broker answered ${name}`;
}

export function isMisconfigured(name: string): boolean {
  return MISCONFIGURED.has(name);
}

function explain(error: unknown, seen: readonly Record<string, unknown>[]): SendFailure["rest"] {
  for (const { apiId } of seen) {
    if (typeof apiId === "string" && MISCONFIGURED.has(apiId)) {
      return { kind: "parked", reason: `${explainCode(apiId)} (${apiId})`, status: apiId };
    }
  }
  const authentication = seen.find(({ code }) => code === "PLT_KFK_AUTHENTICATION");
  if (authentication !== undefined) {
    return { kind: "parked", reason: explainAuthentication(seen), status: "" };
  }
  const user = seen.find(({ code }) => code === "PLT_KFK_USER");
  const said = typeof user?.["message"] === "string" ? user["message"] : "";
  if (said.startsWith("Unknown topic")) {
    return { kind: "retry", reason: "the topic does not exist", status: "UNKNOWN_TOPIC_OR_PARTITION" };
  }
  const named = seen.findLast(({ apiId }) => typeof apiId === "string")?.["apiId"];
  if (typeof named === "string") return { kind: "retry", reason: explainCode(named), status: named };
  const { reason, misconfigured } = explainNetworkFailure(error);
  return { kind: misconfigured ? "parked" : "retry", reason: `no broker: ${reason}`, status: "" };
}

/** What the client finds in a broker's side of a SCRAM login, by the beginning of its message. */
const IMPOSTURE = ["Invalid server signature", "Server nonce"];
/** What is found in its messages before a proof is due: in `client.ts`, in words of our own, and in the client. */
const UNUSABLE = "The broker sent ";
const TOO_FEW_ITERATIONS = "Algorithm ";

function explainAuthentication(seen: readonly Record<string, unknown>[]): string {
  const said = seen.flatMap(({ message }) => (typeof message === "string" ? [message] : []));
  const find = (start: string): string | undefined => said.find((message) => message.startsWith(start));
  if (IMPOSTURE.some((start) => find(start) !== undefined)) {
    return "the broker does not prove that it knows the password (SCRAM)";
  }
  const fewer = find(TOO_FEW_ITERATIONS) === undefined ? undefined : "too few iterations";
  const sent = find(UNUSABLE)?.slice(UNUSABLE.length).replace(/\.$/, "") ?? fewer;
  return sent === undefined
    ? "the broker refuses the authentication"
    : `the login was broken off, since the broker sent ${sent} (SCRAM)`;
}

/** All errors there are in an error, the outermost first. */
function* walk(error: unknown, depth: number): Generator<Record<string, unknown>> {
  if (!(error instanceof Error) || depth === 0) return;
  const { name, message, cause } = error;
  yield { ...error, name, message };
  if (error instanceof AggregateError) for (const inner of error.errors) yield* walk(inner, depth - 1);
  yield* walk(cause, depth - 1);
}

/**
 * The answer of one broker, of whatever attempt: what it says is stored is stored, and otherwise the last
 * word counts.
 *
 *   response = { responses: [{ name, partitionResponses: [{ index, errorCode }] }] }
 */
function readResponse(
  response: unknown,
  partitions: Map<number, PartitionAnswer>,
  nameOf: (code: number) => string,
): void {
  for (const topic of list(response, "responses")) {
    for (const answer of list(topic, "partitionResponses")) {
      const index = member(answer, "index");
      const code = member(answer, "errorCode");
      if (typeof index !== "number" || typeof code !== "number") continue;
      if (partitions.get(index)?.error !== "NONE") partitions.set(index, { error: nameOf(code) });
    }
  }
}

/** What the client itself counts as stored: `{ offsets: [{ partition }] }`, of brokers without any error. */
function readOffsets(produced: unknown, partitions: Map<number, PartitionAnswer>): void {
  for (const offset of list(produced, "offsets")) {
    const partition = member(offset, "partition");
    if (typeof partition === "number") partitions.set(partition, { error: "NONE" });
  }
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
