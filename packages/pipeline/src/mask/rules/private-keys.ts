/** Private keys in PEM blocks (RFC 7468): certificates and public keys are not secret. */
import type { Spans } from "../spans.ts";

const BEGIN = /^-----BEGIN[ +]([A-Z0-9 +]{0,40}?PRIVATE[ +]KEY(?:[ +]BLOCK)?)-----/;
const LONGEST_BEGIN = 80;

/**
 * Looks at the block that would begin with the hyphen at `start`. One without an end, as in a text that was cut,
 * goes to the end of the text.
 *
 * @returns behind the block; `start` when there is none
 */
export function findPrivateKey(text: string, start: number, found: Spans): number {
  if (!text.startsWith("-----BEGIN", start)) return start;
  const label = BEGIN.exec(text.slice(start, start + LONGEST_BEGIN))?.[1];
  if (label === undefined) return start;
  const ending = `-----END${text.charAt(start + 10)}${label}-----`;
  const at = text.indexOf(ending, start);
  const end = at < 0 ? text.length : at + ending.length;
  found.add(start, end, "private_keys");
  return end;
}
