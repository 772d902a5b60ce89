import { validateHeaderValue } from "node:http";
import { checkHeaderName, Secret } from "@coresdk/pipeline";
import { isRecord, type OptionReader } from "./option-reader.ts";

/**
 * Header names and values as a request can carry them; any value may be a secret.
 * @throws TypeError that names the header
 */
export function readHeaders(reader: OptionReader): readonly (readonly [string, Secret])[] {
  const value = reader.raw("headers") ?? {};
  if (!isRecord(value)) return reader.fail("headers", "a plain object of texts");
  return Object.entries(value).map(([name, one]) => {
    if (typeof one !== "string") return reader.fail(`headers.${name}`, "a text");
    const fault = checkHeaderName(name);
    if (fault !== undefined) reader.fail(`headers.${name}`, `left out or named otherwise: ${fault}`);
    try {
      validateHeaderValue(name, one);
    } catch {
      // Node's message may show the value.
      reader.fail(`headers.${name}`, "a text that an HTTP header can carry");
    }
    return [name, new Secret(one)] as const;
  });
}
