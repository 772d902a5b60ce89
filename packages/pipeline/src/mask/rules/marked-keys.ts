/** Keys that are known by what stands within or around them: addresses of webhooks, tokens of bots. */
import { ALNUM, classOf, DASH, HEX, isAlnum, skipClass, skipClassBack } from "../characters.ts";
import type { Spans } from "../spans.ts";

const TOKEN: number = ALNUM | DASH;

const WEBHOOK =
  /^\.(?:slack\.com\/(?:services|workflows|triggers)|com\/api(?:\/v\d{1,2})?\/webhooks)\/(?=[\w/-]{20})/;
const LONGEST_WEBHOOK = 48;

/** True for a dot behind `hooks`, `discord` or `discordapp`. */
export function isBehindHost(before: number, last: number): boolean {
  return (
    (before === 107 && last === 115) || (before === 114 && last === 100) || (before === 112 && last === 112)
  );
}

/** Looks at the webhook whose host has the dot at `dot`: whoever knows its path may write there. */
export function findWebhook(text: string, dot: number, found: Spans): void {
  const host = /(?:hooks|discord|discordapp)$/.exec(text.slice(Math.max(0, dot - 10), dot));
  if (host === null) return;
  const path = WEBHOOK.exec(text.slice(dot, dot + LONGEST_WEBHOOK));
  if (path === null) return;
  const start = dot + path[0].length;
  let end = start;
  while ((classOf(text.charCodeAt(end)) & TOKEN) !== 0 || text.charCodeAt(end) === 47) end++;
  found.add(start, end, "api_keys");
}

const LEAST_BOT = 30;

/** Looks at the token of a Telegram bot whose colon stands at `colon`: `1234567890:AA...`. */
export function findBotToken(text: string, colon: number, found: Spans): void {
  if (!text.startsWith("AA", colon + 1)) return;
  const start = digitsBefore(text, colon);
  if (colon - start < 8 || isAlnum(text.charCodeAt(start - 1))) return;
  const end = skipClass(text, colon + 1, TOKEN, colon + 1 + 64);
  if (end - colon > LEAST_BOT) found.add(start, end, "api_keys");
}

function digitsBefore(text: string, end: number): number {
  let at = end;
  while (at > end - 12 && text.charCodeAt(at - 1) >= 48 && text.charCodeAt(at - 1) <= 57) at--;
  return at;
}

const LEAST_REFRESH = 30;

/** Looks at the refresh token of Google's that would begin with the `1` at `start`: `1//0...`. */
export function findRefreshToken(text: string, start: number, found: Spans): void {
  if (!text.startsWith("1//0", start) || isAlnum(text.charCodeAt(start - 1))) return;
  const end = skipClass(text, start + 3, TOKEN, start + 512);
  if (end - start > LEAST_REFRESH) found.add(start, end, "api_keys");
}

const DAPI = "dapi";
const LONGEST_LETTERS = 10;

/** Looks at the token of Databricks' that has the digit at `digit` as its first one: `dapi` and 32 hexadecimal digits. */
export function findDatabricks(text: string, digit: number, found: Spans): void {
  const letters = skipClassBack(text, digit, HEX, Math.max(0, digit - LONGEST_LETTERS));
  const from = letters - DAPI.length;
  if (from < 0 || !text.startsWith(DAPI, from) || isAlnum(text.charCodeAt(from - 1))) return;
  const end = skipClass(text, letters, HEX, letters + 64);
  if (end - letters === 32 && !isAlnum(text.charCodeAt(end))) found.add(from, end, "api_keys");
}

const TWILIO = /^SK[0-9a-f]{32}$/;

/** Looks at the key of Twilio's that would begin with the `S` at `start`: `SK` and 32 hexadecimal digits. */
export function findTwilio(text: string, start: number, found: Spans): void {
  const end = start + 34;
  if (TWILIO.test(text.slice(start, end)) && !isAlnum(text.charCodeAt(end)))
    found.add(start, end, "api_keys");
}
