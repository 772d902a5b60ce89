/** What stands right behind a card's number and must not be kept either (PCI DSS, 3.3): a track's rest, the security code. */
import type { Spans } from "../spans.ts";

/** Behind the number on the first and second track of a magnetic stripe (ISO/IEC 7813). */
const TRACK = /^(?:=\d{7,30}|\^[^^\r\n]{2,26}\^\d{4,40})\??/;
/** `|12|2027|123`, with the same sign between. */
const EXPIRY_AND_CODE = /^([|;,:/])(?:0?[1-9]|1[0-2])[|;,:/-](?:20)?\d\d\1\d{3,4}(?!\d)/;
const CODE = /^[^\r\n]{0,48}?\b(?:cvv2?|cvc2?|cvn2?)[ :#=]{1,3}(\d{3,4})(?!\d)/i;
const SEEN = 80;

/** Adds a card's number, and what goes with it. */
export function addCard(text: string, start: number, end: number, found: Spans): void {
  const behind = text.slice(end, end + SEEN);
  const rest = TRACK.exec(behind)?.[0] ?? EXPIRY_AND_CODE.exec(behind)?.[0] ?? "";
  found.add(start, end + rest.length, "cards");
  const [whole = "", code = ""] = CODE.exec(behind) ?? [];
  if (code !== "") found.add(end + whole.length - code.length, end + whole.length, "cards");
}
