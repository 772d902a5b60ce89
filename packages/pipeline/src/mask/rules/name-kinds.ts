/** What the name in front of a sign stands for, by what it is and by what stands around it. */
import { type KeyKind, VALUE } from "../key-words.ts";
import { looksLikeToken } from "./credentials.ts";
import { kindOfTag } from "./forms.ts";
import type { NameRules } from "./names.ts";
import { isInput, kindOfInput } from "./repeated-inputs.ts";
import { GO_LENGTH, GO_TYPE } from "./typed-values.ts";

/** A name and the place of its sign. */
export interface Named {
  readonly name: string;
  readonly start: number;
  /** Where the sign is. */
  readonly at: number;
  /** The name stands right in front of a `=`. */
  readonly isAssigned: boolean;
}

export function kindOfNamed(text: string, named: Named, names: NameRules): KeyKind | undefined {
  const { name, start, isAssigned } = named;
  if (name.toLowerCase() === VALUE || FIELD_VALUE.test(name))
    return kindOfConfigured(name, names) ?? kindOfNeighbour(text, named, names);
  if (name.toLowerCase() === IN_BRACKETS)
    return kindOfConfigured(VALUE, names) ?? kindOfNeighbour(text, { ...named, start: start + 1 }, names);
  if (isInput(name)) return kindOfConfigured(name, names) ?? kindOfInput(text, named, names);
  const kind = isAssigned ? kindOfAssigned(text, named, names) : names.kindOfName(name);
  if (kind !== undefined) return kind;
  if (LOGIN_PASS.test(name)) return isOfLogin(text, named) ? names.kindOfName("password") : undefined;
  if (name === SECRET_OF_CODE) return isOfGrant(text, named) ? names.kindOfName("token") : undefined;
  if (!KEY.test(name)) return undefined;
  // `API key: ...`, as it is written for people.
  const before = WORD_BEFORE.exec(text.slice(Math.max(0, start - MAX_WORD_BEFORE), start))?.[0];
  return before === undefined ? undefined : names.kindOfName(before + name);
}

/** What is configured to be a secret's name is one, whatever stands around it. */
function kindOfConfigured(name: string, names: NameRules): KeyKind | undefined {
  const kind = names.kindOfName(name);
  return kind === "blocked_keys" ? kind : undefined;
}

const KEY = /^key$/i;
const WORD_BEFORE = /[a-z]{3,14} $/i;
const MAX_WORD_BEFORE = 15;

/** In front of a `=` more names stand for a secret, some of them in a query alone. */
function kindOfAssigned(text: string, { name, start, at }: Named, names: NameRules): KeyKind | undefined {
  switch (name.toLowerCase()) {
    case "pass":
    case "pw":
      // `pass=3 fail=1` counts something. A variable of a shell has capitals.
      return /[?&#;]/.test(text.charAt(start - 1)) || (name === "PASS" && !DIGIT.test(text.charAt(at + 1)))
        ? names.kindOfAssigned(name)
        : kindOfConfigured(name, names);
    case "signature":
      return isOfQuery(text, start) && SIGNED.test(around(text, start))
        ? names.kindOfAssigned(name)
        : kindOfConfigured(name, names);
    default:
      return SIGNATURE.test(name) ? names.kindOfName(name) : names.kindOfAssigned(name);
  }
}

const DIGIT = /\d/;
const SIGNATURE = /signature$/i;
/** What stands beside the signature of an address that somebody may use who has it. */
const SIGNED = /[?&](?:Key-Pair-Id|AWSAccessKeyId|GoogleAccessId|Expires|Policy)=/i;
const SEEN_OF_ADDRESS = 640;

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - SEEN_OF_ADDRESS), at + SEEN_OF_ADDRESS);
}

/** True when a name stands behind `?` or `&`. */
export function isOfQuery(text: string, nameStart: number): boolean {
  const before = text.charCodeAt(nameStart - 1);
  return before === 63 || before === 38;
}

const LOGIN_PASS = /^(?:pass|pw)$/i;
const LOGIN = /\b(?:user(?:_?name)?|login|email|usr)["'\\]{0,4} ?(?:=>|[:=])/i;
const SEEN_OF_LOGIN = 96;
/** `pass: 3` counts something. */
const COUNT = /^.\s{0,2}\d{1,4}(?!\w)/;

/** True for `pass` behind the name of who logs in: `{ user: "bob", pass: "x" }`. */
function isOfLogin(text: string, { start, at }: Named): boolean {
  return (
    LOGIN.test(text.slice(Math.max(0, start - SEEN_OF_LOGIN), start)) && !COUNT.test(text.slice(at, at + 8))
  );
}

const SECRET_OF_CODE = "code";
const CODE = /^=([\w.~%/+-]{8,512})/;
const LONGEST_CODE = 513;
/** As long as a key: of Azure's functions, whose name for it is the same. */
const LONG = 40;
/** What stands beside the code of an authorization (RFC 6749, section 4.1.2), or in the path that takes it. */
const GRANT =
  /[?&](?:state|session_state|scope|iss|grant_type|code_verifier|redirect_uri)=|(?:oauth2?|openid|oidc|callback|sso|signin)[^\s?"']{0,64}\?[^\s"']{0,512}$/i;

/** True for the `code` of a query that somebody gets a token for; others are of countries, errors and sales. */
function isOfGrant(text: string, { start, at, isAssigned }: Named): boolean {
  if (!isAssigned) return false;
  const code = CODE.exec(text.slice(at, at + LONGEST_CODE))?.[1];
  if (code === undefined || !DIGIT.test(code) || !looksLikeToken(code)) return false;
  const before = text.slice(Math.max(0, start - SEEN_OF_ADDRESS), start);
  const behind = text.slice(at, at + SEEN_OF_ADDRESS);
  if (BODY_BEHIND.test(behind) || BODY_BEFORE.test(lastWord(before))) return true;
  if (!isOfQuery(text, start)) return false;
  return code.length >= LONG || GRANT.test(before) || GRANT_BEHIND.test(behind);
}

/** What a request for a token begins with, or has behind the code (RFC 6749, section 4.1.3). */
const BODY_BEFORE = /(?:^|[?&:])(?:grant_type|redirect_uri|code_verifier)=/i;
const BODY_BEHIND = /^[^\s"'<>]{1,512}&(?:grant_type|redirect_uri|code_verifier)=/i;

const ENDS_WORD = /[\s"'<>]/;

/** What `text` ends with, without a space or quote in it. */
function lastWord(text: string): string {
  let from = text.length;
  while (from > 0 && !ENDS_WORD.test(text.charAt(from - 1))) from--;
  return text.slice(from);
}

const GRANT_BEHIND =
  /^[^\s"'<>]{1,512}&(?:state|session_state|scope|iss|grant_type|code_verifier|redirect_uri)=/i;

/** `[name: JSESSIONID][value: x]` */
const IN_BRACKETS = `[${VALUE}`;
const FIELD_VALUE = /^[A-Z][a-z]{1,24}Value$/;
/** A type of Go's in front of a text: `(string) (len=8) `. */
const TYPE = String.raw`(?:\(${GO_TYPE}\) ?${GO_LENGTH}?)?`;
const NEIGHBOUR =
  /["'](?:(?:parameter|option|env)?(?:name|key)|path(?![^\w\n]{0,16}\/)|header|field|param|parameter)\\{0,8}["']\s{0,4}(?::|=>)\s{0,4}\\{0,8}["']([\w./-]{1,128})\\{0,8}["']\s{0,4},\s{0,64}\\{0,8}["']$/i;
/**
 * The same in YAML, of JavaScript, Go and Ruby, in the line in front or in one line; spew has a type in front of it, and
 * Java's HTTP client brackets around each, or a semicolon between.
 */
const LINE_BEFORE: RegExp = new RegExp(
  String.raw`(?:^|[\n[{(,;:-])[ \t]{0,32}(?:name|key|path(?![^\w\n]{0,16}/))(?::|=>) {0,4}${TYPE}["']?([\w./-]{1,128})["']?(?: {0,4}\r?\n|[,;](?: {0,4}\r?\n)?|\]\[)[ \t]{0,64}:?$`,
  "i",
);
/** `ParameterKey=DbPassword,ParameterValue=x` */
const FIELD_BEFORE = /(?:key|name) ?= ?["']?([\w./-]{1,128})["']?, ?$/i;
/** `name = "DB_PASSWORD"` in Terraform's language, with a mark in front of each line where a plan shows it. */
const BLOCK_BEFORE =
  /(?<![\w.-])(?:name|key)"?[ \t]{0,16}=[ \t]{0,4}(?:"[\w.-]{1,64}" -> )?"([\w./-]{1,128})"(?: -> null)?(?: {1,4}# forces replacement)?(?:[ \t]{1,4}|,?[ \t]{0,4}\r?\n[ \t]{0,64}(?:[+~-] {1,4})?)"?$/;
/** `{Name:DB_PASSWORD Value:x ValueFrom:nil}`, as Go prints it, and `key: "password" value: "x"`, as Protobuf's text format has it. */
const FIELD_BESIDE: RegExp = new RegExp(
  String.raw`(?<![\w.-])(?:name|key): ?${TYPE}(?:([\w./-]{1,128})|\\{0,8}["']([\w./-]{1,128})\\{0,8}["']) {1,2}$`,
  "i",
);
const NEIGHBOURS: readonly RegExp[] = [NEIGHBOUR, LINE_BEFORE, FIELD_BEFORE, BLOCK_BEFORE, FIELD_BESIDE];
const NEIGHBOUR_LENGTH = 240;
const PATH_KEY = /^[^\w]{0,80}path/i;
/** Paths are counted as well: `name: /oauth/token, value: 5`, `path: token, value: 5`. */
const COUNTED = /^.>?\s{0,16}-?\d[\d.]{0,20}(?![\w.-])/;
const LONGEST_COUNTED = 48;

/** What the name in front stands for: `"name": "password", "value": ...`. */
function kindOfNeighbour(text: string, { start, at }: Named, names: NameRules): KeyKind | undefined {
  const before = text.slice(Math.max(0, start - NEIGHBOUR_LENGTH), start);
  for (const form of NEIGHBOURS) {
    const match = form.exec(before);
    const path = match?.[1] ?? match?.[2];
    const isPath = path?.includes("/") === true || PATH_KEY.test(match?.[0] ?? "");
    if (isPath && COUNTED.test(text.slice(at, at + LONGEST_COUNTED))) continue;
    // Of a path, as stores of secrets have their names, the last part says what it is.
    const kind = path === undefined ? undefined : names.kindOfName(path.slice(path.lastIndexOf("/") + 1));
    if (kind !== undefined) return kind;
  }
  return kindOfTag(text, start, names);
}
