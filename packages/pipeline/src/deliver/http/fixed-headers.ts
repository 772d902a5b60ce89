import { validateHeaderName, validateHeaderValue } from "node:http";
import type { HttpSinkSettings } from "../../settings.ts";
import { REQUEST_ORIGIN } from "./webhook.ts";

/** Made by the binding or by the connection for each request; a setting would contradict them. */
const RESERVED = new Set([
  "content-type",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "expect",
]);

/**
 * Checks the name of a header that every request shall carry.
 *
 * @returns `undefined` when it can be set, else what is wrong with it
 */
export function checkHeaderName(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (RESERVED.has(lower) || lower.startsWith("ce-")) {
    return `${lower} is made for each request`;
  }
  try {
    validateHeaderName(name);
    return undefined;
  } catch {
    return `${JSON.stringify(name.slice(0, 100))} is no header name`;
  }
}

/**
 * The headers that every request carries, names and values in turn. The only place where their secrets are
 * revealed.
 *
 * @throws Error when a header cannot be sent; its value is not in the message
 */
export function fixedHeaders(
  { name: sink, headers, webhook }: HttpSinkSettings,
  url: URL,
): readonly string[] {
  const fixed: string[] = [];
  const names = new Set<string>();
  for (const [given, secret] of headers) {
    const name = given.toLowerCase();
    const value = secret.reveal();
    const fault = checkHeaderName(name);
    if (fault !== undefined) {
      throw new Error(`the headers of sink ${sink}: ${fault}`);
    }
    try {
      validateHeaderValue(name, value);
    } catch (cause) {
      throw new Error(`a header of sink ${sink} cannot be sent: ${JSON.stringify(name.slice(0, 100))}`, {
        cause,
      });
    }
    names.add(name);
    fixed.push(name, value);
  }
  if (webhook !== undefined) {
    if (names.has(REQUEST_ORIGIN))
      throw new Error(`the headers of sink ${sink}: ${REQUEST_ORIGIN} is set by webhook`);
    fixed.push(REQUEST_ORIGIN, webhook.origin);
  }
  if (url.username !== "" && !names.has("authorization")) {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    fixed.push("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
  }
  if (!names.has("user-agent")) fixed.push("user-agent", "coresdk-cloudevents");
  return fixed;
}
