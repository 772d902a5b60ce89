/** Keys of a fixed form, which begin with nothing that only they have. */
import { ALNUM, DASH, isAlnum, isDigit, skipClass, skipClassBack } from "../characters.ts";
import type { Spans } from "../spans.ts";

const TOKEN: number = ALNUM | DASH;

const AZURE_MARK = "JQQJ9";
const BEFORE_MARK = 52;
const LONGEST_AZURE = 88;
const SHORTEST_AZURE = 80;

/** Looks at the key of Azure's whose mark would begin with the `J` at `at`: 84 characters, the mark behind 52 of them. */
export function findMarkedAzure(text: string, at: number, found: Spans): void {
  const start = at - BEFORE_MARK;
  if (start < 0 || !text.startsWith(AZURE_MARK, at) || isAlnum(text.charCodeAt(start - 1))) return;
  if (skipClassBack(text, at, TOKEN, start) > start) return;
  const end = skipClass(text, at, TOKEN, start + LONGEST_AZURE);
  if (end - start >= SHORTEST_AZURE && !isAlnum(text.charCodeAt(end))) found.add(start, end, "api_keys");
}

const SALESFORCE = /^00D[A-Za-z0-9]{12,15}!AQ[\w.]{40,160}/;
const LONGEST_SALESFORCE = 184;

/** Looks at the session of Salesforce's that would begin with the `0` at `start`: an organisation, `!` and a token. */
export function findSalesforce(text: string, start: number, found: Spans): void {
  if (!text.startsWith("00D", start) || isAlnum(text.charCodeAt(start - 1))) return;
  const session = SALESFORCE.exec(text.slice(start, start + LONGEST_SALESFORCE))?.[0];
  if (session !== undefined) found.add(start, start + session.replace(/\.$/, "").length, "api_keys");
}

const MAILGUN = /^[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}$/;
const FIRST_OF_MAILGUN = 32;
const REST_OF_MAILGUN = 18;

/** True for the first of two hyphens with eight characters between them. */
export function isBeforeEight(text: string, hyphen: number): boolean {
  return text.charCodeAt(hyphen + 9) === 45 && text.charCodeAt(hyphen) === 45 && isHexBefore(text, hyphen);
}

function isHexBefore(text: string, at: number): boolean {
  const code = text.charCodeAt(at - 1);
  return isDigit(code) || (code >= 97 && code <= 102);
}

/** Looks at the key of Mailgun's that has its first hyphen at `hyphen`. */
export function findMailgun(text: string, hyphen: number, found: Spans): void {
  const start = hyphen - FIRST_OF_MAILGUN;
  const end = hyphen + REST_OF_MAILGUN;
  if (start < 0 || isAlnum(text.charCodeAt(start - 1)) || isAlnum(text.charCodeAt(end))) return;
  if (MAILGUN.test(text.slice(start, end))) found.add(start, end, "api_keys");
}
