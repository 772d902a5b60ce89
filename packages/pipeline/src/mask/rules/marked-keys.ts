/** Keys that are known by what stands within or around them: addresses of webhooks, tokens of bots. */
import { ALNUM, classOf, DASH, HEX, isAlnum, skipClass, skipClassBack } from "../characters.ts";
import type { Spans } from "../spans.ts";

const TOKEN: number = ALNUM | DASH;
const DOT = 46;

const WEBHOOK =
  /^\.(?:slack\.com\/(?:services|workflows|triggers)|zapier\.com\/hooks\/catch|office\.com\/webhookb2|com\/api(?:\/v\d{1,2})?\/webhooks)\/(?=[\w/@-]{12})/;
const LONGEST_WEBHOOK = 48;

/** True for a dot behind `hooks`, `webhook`, `discord` or `discordapp`. */
export function isBehindHost(before: number, last: number): boolean {
  return (
    (before === 107 && last === 115) ||
    (before === 111 && last === 107) ||
    (before === 114 && last === 100) ||
    (before === 112 && last === 112)
  );
}

/** Looks at the webhook whose host has the dot at `dot`: whoever knows its path may write there. */
export function findWebhook(text: string, dot: number, found: Spans): void {
  const host = /(?:hooks|webhook|discord|discordapp)$/.exec(text.slice(Math.max(0, dot - 10), dot));
  if (host === null) return;
  const path = WEBHOOK.exec(text.slice(dot, dot + LONGEST_WEBHOOK));
  if (path === null) return;
  const start = dot + path[0].length;
  let end = start;
  while ((classOf(text.charCodeAt(end)) & TOKEN) !== 0 || "/@".includes(text.charAt(end) || " ")) end++;
  found.add(start, end, "api_keys");
}

const LEAST_BOT = 30;

/** Looks at the token of a Telegram bot whose colon stands at `colon`: `1234567890:AA...`. */
export function findBotToken(text: string, colon: number, found: Spans): void {
  if (!text.startsWith("AA", colon + 1)) return;
  const start = digitsBefore(text, colon);
  // In the path of its interface the token stands right behind `bot`.
  const isJoined =
    isAlnum(text.charCodeAt(start - 1)) &&
    !/(?:^|[^a-z])bot$/i.test(text.slice(Math.max(0, start - 4), start));
  if (colon - start < 8 || isJoined) return;
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

const DATABRICKS = /(?:dapi|dose)$/;
const LENGTH_OF_PREFIX = 4;
const LONGEST_LETTERS = 10;

/** Looks at the token of Databricks' that has the digit at `digit` as its first one: `dapi` or `dose` and 32 hexadecimal digits. */
export function findDatabricks(text: string, digit: number, found: Spans): void {
  const first = skipClassBack(text, digit, HEX, Math.max(0, digit - LONGEST_LETTERS));
  // The last letter of `dose` is a digit as well.
  const letters = text.startsWith("dose", first - LENGTH_OF_PREFIX + 1) ? first + 1 : first;
  const from = letters - LENGTH_OF_PREFIX;
  if (from < 0 || !DATABRICKS.test(text.slice(from, letters)) || isAlnum(text.charCodeAt(from - 1))) return;
  const end = skipClass(text, letters, HEX, letters + 64);
  if (end - letters === 32 && !isAlnum(text.charCodeAt(end))) found.add(from, end, "api_keys");
}

const TWILIO = /^(?:SK|AC)[0-9a-f]{32}$/;

/** Looks at the key or account of Twilio's that would begin at `start`: `SK` or `AC` and 32 hexadecimal digits. */
export function findTwilio(text: string, start: number, found: Spans): void {
  const end = start + 34;
  if (TWILIO.test(text.slice(start, end)) && !isAlnum(text.charCodeAt(end)))
    found.add(start, end, "api_keys");
}

const MAILCHIMP = /^[0-9a-f]{32}-us\d{1,2}$/;

/** Looks at the key of Mailchimp's that has the hyphen at `hyphen`: 32 hexadecimal digits and its data centre, `-us12`. */
export function findMailchimp(text: string, hyphen: number, found: Spans): void {
  const start = hyphen - 32;
  if (start < 0 || isAlnum(text.charCodeAt(start - 1))) return;
  const end = skipClass(text, hyphen + 1, ALNUM, hyphen + 8);
  if (MAILCHIMP.test(text.slice(start, end))) found.add(start, end, "api_keys");
}

/** Letters and digits of base64url, `.` and `~`: of what Azure makes its secrets. */
const AZURE = /^[\w.~-]{3}\dQ~[\w.~-]{31,34}$/;
const SEEN_OF_AZURE = 80;

/** Looks at the client secret of Azure's whose `Q~` stands at `at`: three characters, a digit and `Q~` begin it. */
export function findAzureSecret(text: string, at: number, found: Spans): void {
  const start = at - 4;
  if (start < 0 || !text.startsWith("Q~", at) || isAzure(text.charCodeAt(start - 1))) return;
  let end = at + 2;
  while (end < at + SEEN_OF_AZURE && isAzure(text.charCodeAt(end))) end++;
  // A full stop is the sentence's.
  if (text.charCodeAt(end - 1) === DOT) end--;
  if (AZURE.test(text.slice(start, end))) found.add(start, end, "api_keys");
}

function isAzure(code: number): boolean {
  return (classOf(code) & TOKEN) !== 0 || code === DOT || code === 126;
}

/** Digits in base64 are of these characters only, by their place. */
const DISCORD =
  /^(?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){5,6}(?:[MNO][AQgw]|[MNO][DTjz][AEIMQUYcgk])?\.[\w-]{6}\.[\w-]{27,38}$/;
const LEAST_OF_ID = 23;
const MOST_OF_ID = 27;
const SEEN_OF_DISCORD = 80;

/** Looks at the token that has its first dot at `dot`: Discord's or Airtable's. */
export function findDottedToken(text: string, dot: number, found: Spans): void {
  findDiscordToken(text, dot, found);
  findAirtable(text, dot, found);
}

/** Looks at the token of Discord's whose first dot stands at `dot`: a bot's id in base64, a time and a signature. */
function findDiscordToken(text: string, dot: number, found: Spans): void {
  if (text.charCodeAt(dot + 7) !== DOT) return;
  const start = skipClassBack(text, dot, ALNUM, Math.max(0, dot - MOST_OF_ID - 1));
  if (dot - start < LEAST_OF_ID || (classOf(text.charCodeAt(start - 1)) & TOKEN) !== 0) return;
  const end = skipClass(text, dot + 8, TOKEN, dot + SEEN_OF_DISCORD);
  if (DISCORD.test(text.slice(start, end))) found.add(start, end, "api_keys");
}

const AIRTABLE = /^pat[A-Za-z0-9]{14}\.[0-9a-f]{64}$/;
const LENGTH_OF_AIRTABLE = 82;

/** Looks at the token of Airtable's that has the dot at `dot`: `pat`, its id and 64 hexadecimal digits. */
function findAirtable(text: string, dot: number, found: Spans): void {
  const start = dot - 17;
  if (start < 0 || !text.startsWith("pat", start) || isAlnum(text.charCodeAt(start - 1))) return;
  const end = start + LENGTH_OF_AIRTABLE;
  if (AIRTABLE.test(text.slice(start, end)) && !isAlnum(text.charCodeAt(end)))
    found.add(start, end, "api_keys");
}
