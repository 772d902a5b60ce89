/**
 * What a server says in a SCRAM login, looked at before the client's own reading of it, which takes it to be well
 * made: a message without its parts would throw where nobody catches, and a count of iterations without end
 * would keep a thread busy for hours.
 *
 *   server-first = "r=" nonce "," "s=" base64 "," "i=" count      (RFC 5802, section 7)
 *   server-final = "v=" base64 | "e=" error
 */

/** RFC 5802 demands no most; known servers ask for 4096 to 600000. */
const MAX_ITERATIONS = 1_000_000;
const MAX_BYTES = 4096;

const ATTRIBUTE = /^[A-Za-z]=/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The steps of a login in which the server speaks. */
export type ScramStep = "first" | "final";

/** What is wrong with a server's message; `undefined` when nothing is. */
export function checkServerMessage(step: ScramStep, message: Uint8Array): string | undefined {
  if (message.length === 0 || message.length > MAX_BYTES) return `a server-${step} message of no such length`;
  const parts = Buffer.from(message).toString("utf8").split(",");
  if (!parts.every((part) => ATTRIBUTE.test(part))) return `a server-${step} message that is none`;
  const attributes = new Map(parts.map((part) => [part.slice(0, 1), part.slice(2)]));
  if (attributes.size !== parts.length) return `a server-${step} message with an attribute twice`;
  return step === "first" ? checkFirst(attributes) : checkFinal(attributes);
}

function checkFirst(attributes: ReadonlyMap<string, string>): string | undefined {
  const iterations = attributes.get("i") ?? "";
  if (!attributes.get("r")) return "a server-first message without a nonce";
  if (!BASE64.test(attributes.get("s") ?? "")) return "a server-first message without a salt";
  if (!/^[1-9][0-9]{0,9}$/.test(iterations)) return "a server-first message without a count of iterations";
  return Number(iterations) > MAX_ITERATIONS ? `more than ${MAX_ITERATIONS} iterations` : undefined;
}

function checkFinal(attributes: ReadonlyMap<string, string>): string | undefined {
  if (attributes.has("e")) return undefined;
  return BASE64.test(attributes.get("v") ?? "") ? undefined : "a server-final message without a signature";
}
