/** What must not get through: samples of each category, with every check digit right. */
import type { Category } from "@coresdk/pipeline/mask";
import { ALNUM, BASE64URL, type Draw, HEX, ibanCheck, LOWER, luhnDigit, UPPER } from "./draw.ts";

export interface Sample {
  readonly category: Category;
  /** The text as it stands somewhere: `password=hunter2`. */
  readonly text: string;
  /** What of it must be gone: `hunter2`. */
  readonly secret: string;
}

type Maker = (draw: Draw) => Omit<Sample, "category">;

function whole(text: string): Omit<Sample, "category"> {
  return { text, secret: text };
}

const CARD_FORMS: readonly [prefix: string, length: number][] = [
  ["4", 16],
  ["4", 19],
  ["51", 16],
  ["55", 16],
  ["2223", 16],
  ["34", 15],
  ["37", 15],
  ["6011", 16],
  ["65", 16],
  ["62", 16],
  ["62", 19],
  ["36", 14],
  ["305", 14],
  ["3530", 16],
  ["2200", 16],
  ["6304", 12],
  ["6759", 18],
  ["5018", 13],
];

function cardNumber(draw: Draw): string {
  const [prefix, length] = draw.pick([["4", 16], ...CARD_FORMS]);
  const body = prefix + draw.digits(length - prefix.length - 1);
  return body + luhnDigit(body);
}

function groupDigits(digits: string, sizes: readonly number[], separator: string): string {
  const groups: string[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= digits.length) break;
    groups.push(digits.slice(at, at + size));
    at += size;
  }
  return groups.join(separator);
}

function card(draw: Draw): Omit<Sample, "category"> {
  const number = cardNumber(draw);
  if (draw.below(3) === 0) return whole(number);
  const sizes = number.length === 15 ? [4, 6, 5] : number.length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 4];
  return whole(groupDigits(number, sizes, draw.pick([" ", "-", ".", "\t", "  ", " - "])));
}

/** With spaces it is one only where it is called so. */
function announced(number: string): Omit<Sample, "category"> {
  return { text: `SSN ${number}`, secret: number };
}

function ssn(draw: Draw): Omit<Sample, "category"> {
  const area = draw.between(1, 899);
  const group = String(draw.between(1, 99)).padStart(2, "0");
  const serial = String(draw.between(1, 9999)).padStart(4, "0");
  const first = String(area === 666 ? 665 : area).padStart(3, "0");
  const number = [first, group, serial].join("-");
  return draw.below(3) > 0 ? whole(number) : announced(number.replaceAll("-", " "));
}

type Iban = readonly [country: string, length: number, letters: boolean];

const IBANS: readonly [Iban, ...Iban[]] = [
  ["DE", 18, false],
  ["FR", 23, true],
  ["GB", 18, true],
  ["NL", 14, true],
  ["ES", 20, false],
  ["NO", 11, false],
  ["MT", 27, true],
  ["CH", 17, true],
];

function iban(draw: Draw): Omit<Sample, "category"> {
  const [country, length, letters] = draw.pick(IBANS);
  const account = letters ? draw.text(UPPER, 4) + draw.digits(length - 4) : draw.digits(length);
  const number = country + ibanCheck(country, account) + account;
  const cased = draw.below(4) === 0 ? number.toLowerCase() : number;
  return whole(
    draw.below(2) === 0 ? cased : (cased.match(/.{1,4}/g) ?? []).join(draw.pick([" ", " ", "\t", "  "])),
  );
}

function email(draw: Draw): Omit<Sample, "category"> {
  const local = draw.pick([
    `${draw.text(LOWER, 5)}.${draw.text(LOWER, 7)}`,
    `${draw.text(LOWER, 6)}+${draw.text(LOWER, 3)}`,
    `${draw.text(LOWER, 3)}_${draw.digits(2)}`,
    draw.text(LOWER, 8),
    `o'${draw.text(LOWER, 5)}`,
  ]);
  const domain = draw.pick(["example.com", "mail.example.co.uk", "acme-corp.io", "sub.domain.example.org"]);
  return whole(`${local}@${domain}`);
}

function jwt(draw: Draw): Omit<Sample, "category"> {
  const header = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT" })).toString("base64url");
  const payload = Buffer.from(JSON.stringify({ sub: draw.text(LOWER, 8), iat: draw.below(1e9) })).toString(
    "base64url",
  );
  return whole(`${header}.${payload}.${draw.text(BASE64URL, 43)}`);
}

function token(draw: Draw): Omit<Sample, "category"> {
  if (draw.below(2) === 0) return jwt(draw);
  const secret = draw.token(32);
  const name = draw.pick(["access_token", "refresh_token", "id_token", "JSESSIONID", "PHPSESSID", "session"]);
  return { text: `${name}=${secret}`, secret };
}

/** Keys as their issuers document them. */
const KEY_FORMS: readonly [KeyForm, ...KeyForm[]] = [
  ["sk-", 48],
  ["sk-proj-", 40],
  ["sk-ant-api03-", 95],
  ["ghp_", 36],
  ["gho_", 36],
  ["ghs_", 36],
  ["github_pat_", 60],
  ["glpat-", 20],
  ["AKIA", 16, `${UPPER}234567`],
  ["ASIA", 16, `${UPPER}234567`],
  ["AIza", 35],
  ["ya29.", 60],
  ["GOCSPX-", 28],
  ["1//0", 60],
  ["xoxb-", 40],
  ["xapp-1-", 60],
  ["sk_live_", 24],
  ["rk_test_", 24],
  ["whsec_", 32],
  ["whsec_", 32, `${ALNUM}+/`],
  ["npm_", 36],
  ["pypi-", 80],
  ["SG.", 66],
  ["key-", 32, HEX],
  ["dop_v1_", 64, HEX],
  ["doo_v1_", 64, HEX],
  ["dor_v1_", 64, HEX],
  ["hf_", 34],
  ["gsk_", 52],
  ["r8_", 37],
  ["shpat_", 32, HEX],
  ["sq0atp-", 22],
  ["lin_api_", 40],
  ["ntn_", 46],
  ["figd_", 40],
  ["dp.pt.", 43],
  ["dapi", 32, HEX],
  ["hvs.", 90],
  ["pul-", 40, HEX],
  ["glsa_", 41],
  ["dckr_pat_", 27],
  ["xkeysib-", 64, HEX],
  ["sgp_", 40, HEX],
  ["bkua_", 40, HEX],
  ["lsv2_pt_", 32, HEX],
  ["SK", 32, HEX],
  ["tskey-auth-", 45],
  ["secret_", 43],
  ["AC", 32, HEX],
  ["sqp_", 40, HEX],
  ["sb_secret_", 31],
  ["pcsk_", 60],
  ["vcp_", 32],
  ["napi_", 60],
  ["jina_", 60],
  ["tvly-", 32],
  ["AQ.", 50],
  ["ATTA", 64, HEX],
  ["csk-", 44],
  ["hcaik_", 58],
  ["dbtc_", 40],
  ["mdb_sa_sk_", 40],
  ["pnu_", 36],
  ["live_", 30],
  ["re_", 33],
  ["AKID", 32],
  ["LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2", 80],
  ["rzp_live_", 14],
  ["nfp_", 36],
  ["fm2_", 60, `${ALNUM}+/`],
  ["tfp_", 59],
  ["aio_", 28],
  ["LTAI", 20],
  ["sha256~", 43],
  ["dose", 32, HEX],
];

type KeyForm = readonly [prefix: string, length: number, alphabet?: string];

function apiKey(draw: Draw): Omit<Sample, "category"> {
  const make = (): string => {
    const [prefix, length, alphabet] = draw.pick(KEY_FORMS);
    return prefix + (alphabet === undefined ? draw.token(length) : `${draw.text(alphabet, length - 1)}7`);
  };
  if (draw.below(3) > 0) return whole(make());
  const secret =
    draw.below(2) === 0 ? draw.token(32) : Buffer.from(`${draw.word()}:${draw.token(12)}`).toString("base64");
  const scheme = secret.endsWith("=") || draw.below(2) === 0 ? "Authorization: Basic" : "Bearer";
  const isBasic = scheme.endsWith("Basic");
  const credentials = isBasic ? Buffer.from(`${draw.word()}:${draw.token(12)}`).toString("base64") : secret;
  return { text: `${scheme} ${credentials}`, secret: credentials };
}

/** Passwords that people choose, and words that are also said of passwords. */
const WORDS: readonly [string, ...string[]] = [
  "changed",
  "valid",
  "correct",
  "expired",
  "welcome",
  "letmein",
  "dragon",
  "Summer",
  "incorrect",
  "disabled",
];

/** Of several words it is one where something says how far it goes. */
function wordPassword(draw: Draw): Omit<Sample, "category"> {
  const word = draw.pick(WORDS);
  const phrase = `${draw.pick(WORDS)} horse battery staple`;
  const secret = draw.below(2) === 0 ? word : phrase;
  const form = draw.pick([
    (text: string) => `?user=bob&password=${encodeURIComponent(text)}&lang=en`,
    (text: string) => `{"user":"bob","password":"${text}"}`,
    (text: string) => `password='${text}'`,
    (text: string) => `password=${text};`,
    (text: string) => `<password>${text}</password>`,
    (text: string) => `PGPASSWORD=${text};`,
    (text: string) => `{"name":"password","value":"${text}"}`,
  ]);
  return { text: form(secret), secret };
}

function password(draw: Draw): Omit<Sample, "category"> {
  if (draw.below(3) === 0) return wordPassword(draw);
  const secret = draw.pick([draw.token(12), `${draw.word()}${draw.digits(4)}!`, draw.text(ALNUM, 9)]);
  const text = draw.pick([
    `password=${secret}`,
    `passwd=${secret}`,
    `pwd=${secret}`,
    `?user=${draw.word()}&password=${secret}&lang=en`,
    `{"user":"${draw.word()}","password":"${secret}"}`,
    `postgres://${draw.word()}:${draw.token(10)}@db/${draw.word()} password=${secret}`,
  ]);
  return { text, secret };
}

function privateKey(draw: Draw): Omit<Sample, "category"> {
  const label = draw.pick(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"]);
  const line = draw.token(64);
  const lines = [`-----BEGIN ${label}-----`, line, draw.token(64), draw.token(20), `-----END ${label}-----`];
  return { text: lines.join("\n"), secret: line };
}

/** What stands under a key that says what it is, and looks like nothing by itself. */
function keyed(draw: Draw): Omit<Sample, "category"> {
  return whole(
    draw.pick([draw.words(2), draw.text(LOWER, 7), draw.digits(5), `${draw.word()}-${draw.text(HEX, 4)}`]),
  );
}

export const MAKERS: readonly (readonly [category: Category, make: Maker])[] = [
  ["blocked_keys", keyed],
  ["api_keys", apiKey],
  ["passwords", password],
  ["tokens", token],
  ["email", email],
  ["ssn", ssn],
  ["cards", card],
  ["iban", iban],
  ["private_keys", privateKey],
];

/** Keys whose value goes whole, as services write them. */
export const BLOCKED_KEYS: readonly [string, ...string[]] = [
  "password",
  "db_password",
  "apiKey",
  "X-Api-Key",
  "AWS_SECRET_ACCESS_KEY",
  "client_secret",
  "user.token",
  "http.request.header.authorization",
  "http.request.header.cookie",
  "privateKey",
  "credentials",
  "stripe[secret]",
  "customer.ssn",
  "refreshToken",
];

const FULL_WIDTH_ZERO = 0xff10;
const ARABIC_ZERO = 0x0660;

/** The same text in characters that hide it. */
export function disguise(text: string, how: "full-width" | "arabic" | "zero-width"): string {
  if (how === "zero-width") return Array.from(text).join("\u200b");
  const zero = how === "full-width" ? FULL_WIDTH_ZERO : ARABIC_ZERO;
  const digits = text.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)));
  return how === "full-width" ? digits.replace("@", "\uff20") : digits;
}
