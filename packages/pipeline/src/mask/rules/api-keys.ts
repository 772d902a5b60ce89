/** API keys that say what they are: the prefixes that their issuers document. */
import {
  ALNUM,
  classOf,
  DASH,
  DIGIT,
  isAlnum,
  LETTER,
  skipClassBack,
  TOKEN_MARK,
  UPPER,
} from "../characters.ts";
import type { Runs } from "../runs.ts";
import type { Spans } from "../spans.ts";

export interface KeyForm {
  readonly prefix: string;
  /** Characters behind the prefix, at least. */
  readonly least: number;
  /** What may stand behind it: letters and digits; also `-` and `_`; also `+`, `/` and `=`; also `.`; upper-case letters
   * and digits; a UUID and nothing else. */
  readonly body: "alnum" | "base64url" | "base64" | "dotted" | "upper" | "uuid";
}

function forms(body: KeyForm["body"], least: number, prefixes: string): readonly KeyForm[] {
  return prefixes.split(" ").map((prefix) => ({ prefix, least, body }));
}

export const FORMS: readonly KeyForm[] = [
  // OpenAI, Anthropic, DeepSeek and others; `sk-proj-`, `sk-ant-` and the like begin with it.
  ...forms("base64url", 16, "sk-"),
  ...forms("alnum", 10, "sk_live_ sk_test_ pk_live_ pk_test_ rk_live_ rk_test_"), // Stripe
  ...forms("alnum", 16, "sk_prod_ api_live_ api_test_ rpa_"),
  ...forms("base64", 16, "whsec_ whsk_"), // Svix, Standard Webhooks, Stripe
  ...forms("alnum", 20, "ghp_ gho_ ghu_ ghs_ ghr_"), // GitHub
  ...forms("base64url", 22, "github_pat_"),
  // GitLab: newer ones have two dots.
  ...forms(
    "dotted",
    16,
    "glpat- gldt- glrt- glrtr- glptt- glft- glffct- glsoat- glcbt- glagent- gloas- glwt-",
  ),
  ...forms("upper", 12, "AKIA ASIA ABIA ACCA AROA"), // AWS
  ...forms("base64url", 30, "AIza"), // Google
  ...forms("base64url", 20, "GOCSPX-"),
  ...forms("base64url", 10, "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xoxo- xapp- xoxc-"), // Slack
  ...forms("base64", 10, "xoxd-"),
  ...forms("dotted", 20, "SG. ya29."), // SendGrid, Google OAuth
  ...forms("dotted", 20, "hvs. hvb. hvr."), // Vault
  ...forms("alnum", 30, "npm_"),
  ...forms("base64url", 32, "pypi- rubygems_"),
  ...forms("alnum", 32, "dop_v1_ doo_v1_ dor_v1_"), // DigitalOcean
  ...forms("alnum", 24, "hf_ gsk_ r8_"), // Hugging Face, Groq, Replicate
  ...forms("base64url", 20, "nvapi- xai- pplx- tskey- PMAK- NRAK- NRJS- sntryu_ glsa_ glc_ figd_"),
  ...forms("alnum", 32, "shpat_ shpss_ shpca_ shppa_"), // Shopify
  ...forms("base64url", 20, "sq0atp- sq0csp- EAAAE"), // Square
  ...forms("alnum", 48, "EZAK EAAA EAAB EAAC EAAG AKCp"), // EasyPost, Facebook, JFrog
  ...forms("base64url", 20, "dckr_pat_ dckr_oat_ lin_api_ lin_oauth_ ATATT3 ATCTT3 AGE-SECRET-KEY-"),
  ...forms("base64url", 32, "pscale_tkn_ pscale_pw_ sbp_"),
  ...forms("alnum", 32, "key- pul- ntn_ phc_ phx_ rnd_"), // Mailgun, Pulumi, Notion, PostHog, Render
  ...forms("base64url", 32, "xkeysib- xsmtpsib- lsv2_pt_ lsv2_sk_ sgp_ fo1_"), // Brevo, LangSmith, Sourcegraph, Fly
  ...forms("base64", 32, "fm2_"), // Fly
  ...forms("base64url", 20, "CCIPAT_ CCIPRJ_ HRKU- glimt- NRII-"), // CircleCI, Heroku, GitLab
  ...forms("alnum", 24, "secret_"), // Notion, and Stripe behind the name of what is paid
  ...forms("alnum", 40, "sqp_ squ_ sqa_ shippo_live_ shippo_test_"), // SonarQube, Shippo
  ...forms("alnum", 36, "nfp_ ddp_"), // Netlify, Deno
  ...forms("alnum", 14, "rzp_live_ rzp_test_"), // Razorpay
  ...forms("base64url", 40, "tfp_ fio-u-"), // Typeform, Frame.io
  ...forms("alnum", 28, "aio_"), // Adafruit
  ...forms("alnum", 12, "LTAI"), // Alibaba
  ...forms("base64url", 40, "sha256~"), // OpenShift
  ...forms("base64url", 120, "sl. sl.u."), // Dropbox
  ...forms("base64url", 32, "CFPAT- rdme_ FLWSECK- FLWSECK_TEST- duffel_live_ duffel_test_ mlsn."), // Contentful and others
  ...forms("alnum", 32, "bkua_ bkrt_ bkct_"), // Buildkite
  ...forms("base64", 20, "sntrys_"), // Sentry
  ...forms("dotted", 24, "dt0c01."), // Dynatrace
  ...forms(
    "dotted",
    32,
    "v1.local. v2.local. v3.local. v4.local. v1.public. v2.public. v3.public. v4.public.",
  ), // PASETO
  ...forms("base64", 40, "ABSKQmVkcm9ja0FQSUtleS bedrock-api-key-"), // AWS Bedrock
  ...forms("base64url", 40, "AQ. pcsk_ pa- wandb_v1_ y0_"), // Google, Pinecone, Voyage, Weights & Biases, Yandex
  ...forms("alnum", 32, "AKID ATBB"), // Tencent, Bitbucket
  ...forms("alnum", 60, "ATTA os_v2_app_ os_v2_org_"), // Trello, OneSignal
  ...forms("alnum", 24, "vcp_ vci_ vca_ vcr_ vck_ fw_ pnu_ pnb_ tgp_v1_"), // Vercel, Fireworks, Prefect, Together
  ...forms("alnum", 40, "sk_ napi_ jina_ csk- hcaik_ hcbik_ hcxik_"), // ElevenLabs, Neon, Jina, Cerebras, Honeycomb
  ...forms("base64url", 20, "sb_secret_ tvly- md- e2b_"), // Supabase, Tavily, Mandrill, E2B
  ...forms("base64url", 30, "vercel_blob_rw_ re_ dbtc_ dbtu_ mdb_sa_sk_"), // Vercel, Resend, dbt, MongoDB Atlas
  ...forms("base64url", 100, "ops_"), // 1Password
  ...forms("dotted", 40, "snyk_uat. snyk_sat. sk."), // Snyk, Mapbox
  ...forms("alnum", 30, "live_"), // Mollie
  ...forms("uuid", 36, "sdk- xaat- xapt- pat-na1- pat-eu1- access-production- access-sandbox-"), // LaunchDarkly and others
  ...forms("dotted", 32, "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. atlasv1."), // Doppler, Terraform
];

const BODIES: Readonly<Record<KeyForm["body"], number>> = {
  alnum: ALNUM,
  base64url: ALNUM | DASH,
  base64: ALNUM | DASH | TOKEN_MARK,
  dotted: ALNUM | DASH,
  upper: UPPER | DIGIT,
  uuid: ALNUM | DASH,
};

/** Forms by the last two characters of their prefix: a letter and the mark at which the scan stops. */
const BY_ENDING: ReadonlyMap<number, readonly KeyForm[]> = Map.groupBy(
  // The longer one first: a prefix may end with another.
  FORMS.toSorted((a, b) => b.prefix.length - a.prefix.length),
  ({ prefix }) => endingAt(prefix, prefix.length - 1),
);

/** One for each such ending: most texts have others. */
const ENDINGS: Uint8Array = new Uint8Array(128 * 128);
for (const ending of BY_ENDING.keys()) ENDINGS[ending] = 1;

/** True when a prefix ends in these two characters. */
export function endsPrefix(before: number, mark: number): boolean {
  return before < 128 && ENDINGS[before * 128 + mark] === 1;
}

function endingAt(text: string, at: number): number {
  return text.charCodeAt(at - 1) * 128 + text.charCodeAt(at);
}

/** Looks at the key whose prefix would end with the character at `at`. */
export function findApiKey(text: string, at: number, runs: Runs, found: Spans): void {
  const candidates = BY_ENDING.get(endingAt(text, at));
  if (candidates === undefined) return;
  for (const { prefix, least, body } of candidates) {
    const start = at + 1 - prefix.length;
    if (start < 0 || !text.startsWith(prefix, start) || isAlnum(text.charCodeAt(start - 1))) continue;
    const end = endOfBody(text, at + 1, body, runs);
    if (end - at - 1 < least || !isOpaque(text, at + 1, end, runs)) continue;
    found.add(prefix === TERRAFORM ? startOfTerraform(text, start) : start, end, "api_keys");
    return;
  }
}

const TERRAFORM = "atlasv1.";
const MAX_TERRAFORM_ID = 16;

/** Its prefix stands in the middle: `id.atlasv1.secret`. */
function startOfTerraform(text: string, middle: number): number {
  if (text.charCodeAt(middle - 1) !== 46) return middle;
  return skipClassBack(text, middle - 1, ALNUM, Math.max(0, middle - 1 - MAX_TERRAFORM_ID));
}

/** The forms whose prefix ends in a letter or digit: found where one of these beginnings stands. */
const LETTERED: readonly KeyForm[] = FORMS.filter(({ prefix }) =>
  isAlnum(prefix.charCodeAt(prefix.length - 1)),
);

/** Looks at the key that would begin with the character at `start`; for prefixes without a mark at their end. */
export function findLetteredKey(text: string, start: number, runs: Runs, found: Spans): void {
  if (isAlnum(text.charCodeAt(start - 1))) return;
  for (const { prefix, least, body } of LETTERED) {
    if (!text.startsWith(prefix, start)) continue;
    const from = start + prefix.length;
    const end = endOfBody(text, from, body, runs);
    const isWhole = body !== "upper" || !isAlnum(text.charCodeAt(end));
    if (end - from < least || !isWhole || !isOpaque(text, from, end, runs)) continue;
    found.add(start, end, "api_keys");
    return;
  }
}

/** A SendGrid key has two parts, others have one. */
const MAX_DOTS = 2;

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LENGTH_OF_UUID = 36;

function endOfBody(text: string, from: number, body: KeyForm["body"], runs: Runs): number {
  if (body === "uuid") {
    const end = from + LENGTH_OF_UUID;
    return UUID.test(text.slice(from, end)) && !isAlnum(text.charCodeAt(end)) ? end : from;
  }
  let end = runs.endOf(from, BODIES[body]);
  // A full stop is the sentence's.
  while (body === "base64" && end > from && isStop(text.charCodeAt(end - 1))) end--;
  if (body !== "dotted") return end;
  for (let dots = 0; dots < MAX_DOTS && text.charCodeAt(end) === 46; dots++) {
    if (!isAlnum(text.charCodeAt(end + 1))) break;
    end = runs.endOf(end + 1, BODIES[body]);
  }
  return end;
}

function isStop(code: number): boolean {
  return code === 46 || code === 126;
}

/** How many characters in a row a key has between its hyphens, at least: words that hyphens join have fewer. */
const MIN_RUN = 8;

/**
 * Where the first part from `from` on begins that no name has, `end` when none does: a long run between hyphens, and
 * a digit or both cases within it.
 */
export function startOfOpaque(text: string, from: number, end: number): number {
  let start = from;
  let seen = 0;
  for (let i = from; i <= end; i++) {
    const kind = i < end ? classOf(text.charCodeAt(i)) & (LETTER | DIGIT) : 0;
    if (kind !== 0) {
      seen |= kind;
      continue;
    }
    if (i - start >= MIN_RUN && (seen & DIGIT || seen === LETTER)) return start;
    if (i - start >= 2 * MIN_RUN) return start;
    start = i + 1;
    seen = 0;
  }
  return end;
}

/** True when one part of the key is what no name is. Keys that begin within one another are looked at once. */
function isOpaque(text: string, from: number, end: number, runs: Runs): boolean {
  const { opaque } = runs;
  const isKnown = opaque.end === end && from >= opaque.from && from <= opaque.start;
  const start = isKnown ? opaque.start : startOfOpaque(text, from, end);
  if (!isKnown) runs.opaque = { from, start, end };
  return start < end;
}
