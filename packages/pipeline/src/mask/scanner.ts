/**
 * The search of one text: a single walk over its characters, which stops only where a rule may begin. Clean text
 * is left at the cost of the walk.
 */
import type { EnabledCategories } from "./categories.ts";
import { classOf, isAlnum, isDigit, LETTER } from "./characters.ts";
import { readReference } from "./entities.ts";
import { foldKind, isControl, isEncodedByte, isQuotedSign } from "./fold.ts";
import { Gate } from "./gate/gate.ts";
import { NumberSearch } from "./number-search.ts";
import { endsPrefix, findApiKey, findLetteredKey } from "./rules/api-keys.ts";
import { findArgument, findAtomValue, findSerialized, followsAtom } from "./rules/arguments.ts";
import { endsArrow, findEntry } from "./rules/arrows.ts";
import { findAssigned } from "./rules/assignments.ts";
import { findBarePair } from "./rules/bare-pairs.ts";
import { findEnv, findLiteral, findOption, followsClause, mayBeOption } from "./rules/commands.ts";
import { findCompared, findComparedInAttribute, followsComparison } from "./rules/comparisons.ts";
import { findScheme, findUserPart } from "./rules/credentials.ts";
import { findElement } from "./rules/elements.ts";
import { findEmail } from "./rules/email.ts";
import { findMailgun, findMarkedAzure, isBeforeEight } from "./rules/fixed-forms.ts";
import { findPart } from "./rules/forms.ts";
import { findIpv6 } from "./rules/ip.ts";
import {
  findBotToken,
  findDottedToken,
  findMailchimp,
  findTwilio,
  findWebhook,
  isBehindHost,
} from "./rules/marked-keys.ts";
import { endsNamedCell, findCell, findContent, isBeforeContent } from "./rules/markup.ts";
import { findMessage, followsFieldName } from "./rules/messages.ts";
import { endsName, isQuote, type NameRules } from "./rules/names.ts";
import { findPasswordHash, mayBeHash } from "./rules/password-hashes.ts";
import { findEncodedKey, findPrivateKey, findPuttyKey, namesPuttyKey } from "./rules/private-keys.ts";
import { findAuth, findPass } from "./rules/protocols.ts";
import { startOfEscapes } from "./rules/quoted-text.ts";
import { findDuplicate, followsEntry } from "./rules/repeated-inputs.ts";
import { findStatements, mayHaveStatement, STATEMENT } from "./rules/statements.ts";
import { findTable, mayBeTable } from "./rules/tables.ts";
import { findJwt, findPrettyJwt } from "./rules/tokens.ts";
import { findTold, mayBeTold, TOLD } from "./rules/told-values.ts";
import { Spans } from "./spans.ts";
import { Walk } from "./walk.ts";

/** What the walk stops at. */
const DIGITS = 1;
const AT_SIGN = 2;
const MARK = 3;
const SIGN = 4;
const JWT = 5;
const CAPITAL = 6;
const SCHEME = 7;
const PERCENT = 8;
const BACKSLASH = 9;
const ESCAPE = 10;
const ELEMENT = 11;
const FIELD = 12;
const APOSTROPHE_MARK = 13;
const AMPERSAND = 14;
const DOLLAR = 15;
const PAIR = 16;
const BRACE = 17;
const HASH = 18;

const DIGIT = /\d/;
const STATEMENT_OR_TOLD = new RegExp(`${STATEMENT.source}|${TOLD.source}`, "i");

/** What one walk found. */
export interface Scanned {
  readonly found: Spans;
  /** There are characters that stand for others: the folded text has to be searched as well. */
  readonly foldable: boolean;
  /** In JSON, values are not what they look like: there is a backslash, or a list in which a name stands before a value. */
  readonly escaped: boolean;
}

/** Of a text in which nothing even begins. */
export const CLEAN: Scanned = { found: new Spans(), foldable: false, escaped: false };

const HYPHEN = 45;
const COLON = 58;
const DOT = 46;
const QUOTE = 34;
const APOSTROPHE = 39;
const EQUALS = 61;

/** Searches texts for the built-in categories that are on. One a thread: it is in one text at a time. */
export class Scanner {
  readonly #enabled: EnabledCategories;
  readonly #names: NameRules;
  readonly #stops: Uint8Array;
  readonly #numbers: NumberSearch;
  readonly #gate: Gate;

  constructor(enabled: EnabledCategories, names: NameRules) {
    this.#enabled = enabled;
    this.#names = names;
    this.#stops = stopsFor(enabled);
    this.#numbers = new NumberSearch(enabled);
    this.#gate = new Gate(enabled, names.endings.written);
  }

  /** True when no rule can find anything in the text; false says nothing. */
  isClean(text: string): boolean {
    return this.#gate.isClean(text);
  }

  /** Searches a text that is not clean. */
  scan(text: string): Scanned {
    const stops = this.#stops;
    const { length } = text;
    let walk = this.#scanWhole(text);
    let hasDigit: boolean | undefined;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code < 128) {
        const stop = stops[code] ?? 0;
        if (stop === 0 || this.#isIdle(text, stop, code, at)) continue;
        walk ??= new Walk(text);
        at = this.#look(walk, stop, at) - 1;
      } else if (walk?.foldable !== true) {
        const kind = foldKind(code, text.charCodeAt(at + 1));
        if (kind === 0) continue;
        walk ??= new Walk(text);
        // Spaces and hyphens of other kinds matter between digits alone.
        if (kind === 1) hasDigit ??= DIGIT.test(text);
        walk.foldable = kind === 2 || hasDigit === true;
      }
    }
    return walk === undefined ? CLEAN : walk;
  }

  #scanWhole(text: string): Walk | undefined {
    const isTable = mayBeTable(text);
    // Most texts have neither, which one search says.
    const isSaid = STATEMENT_OR_TOLD.test(text);
    const hasStatement = isSaid && mayHaveStatement(text);
    const tells = isSaid && mayBeTold(text);
    if (!isTable && !hasStatement && !tells) return undefined;
    const walk = new Walk(text);
    if (isTable) findTable(text, this.#names, walk.found);
    if (hasStatement) findStatements(text, this.#names, walk.found);
    if (tells) findTold(text, this.#names, walk.reach, walk.found);
    return walk;
  }

  /** True when one look at the neighbours says that nothing begins here. */
  #isIdle(text: string, stop: number, code: number, at: number): boolean {
    switch (stop) {
      case DIGITS:
        return text.length - at < this.#numbers.fewestDigits;
      case MARK:
        return !endsPrefix(text.charCodeAt(at - 1), code) && this.#isIdleMark(text, code, at);
      case SIGN: {
        if (code === EQUALS && isQuotedSign(text, at)) return false;
        if ((classOf(text.charCodeAt(at - 1)) & LETTER) === 0 || this.#enabled.ip) return false;
        return !endsName(text, at, this.#names.endings);
      }
      case ELEMENT: {
        const before = text.charCodeAt(at - 1);
        if (before === HYPHEN) return !endsArrow(text, at, this.#names);
        if (before === QUOTE || before === APOSTROPHE || endsNamedCell(text, at, this.#names)) return false;
        return (classOf(before) & LETTER) === 0 || !endsName(text, at, this.#names.endings);
      }
      case FIELD:
        return (
          !endsField(text, at) &&
          !followsClause(text, at) &&
          !followsAtom(text, at) &&
          !followsComparison(text, at) &&
          !isBeforeContent(text, at)
        );
      case APOSTROPHE_MARK:
        return (
          !followsClause(text, at) &&
          !this.#endsArgument(text, at) &&
          !followsComparison(text, at) &&
          !followsEntry(text, at) &&
          !isBeforeContent(text, at)
        );
      case DOLLAR:
        return !mayBeHash(text, at);
      case PAIR:
        return (classOf(text.charCodeAt(at - 1)) & LETTER) === 0 || !endsName(text, at, this.#names.endings);
      case BRACE:
        return !followsFieldName(text, at, this.#names);
      case HASH:
        return !isControl(text, at);
      case AMPERSAND:
        return readReference(text, at) === undefined;
      case CAPITAL:
      case SCHEME:
        return isAlnum(text.charCodeAt(at - 1));
      case JWT: {
        // `eyJ`; `CRUdJ` within a PEM block in base64; `JQQJ`.
        const before = text.charCodeAt(at - 1);
        return before !== 121 && before !== 100 && text.charCodeAt(at + 1) !== 81;
      }
      default:
        return false;
    }
  }

  #endsArgument(text: string, quote: number): boolean {
    return endsField(text, quote) && endsName(text, startOfEscapes(text, quote), this.#names.endings);
  }

  #isIdleMark(text: string, code: number, at: number): boolean {
    if (code === HYPHEN) {
      const next = text.charCodeAt(at + 1);
      return (
        !mayBeOption(text, at) &&
        !(next === 117 && text.startsWith("us", at + 1)) &&
        !isBeforeEight(text, at) &&
        !namesPuttyKey(text, at)
      );
    }
    if (code !== DOT) return true;
    return (
      !isBeforePayload(text, at) &&
      !isBehindHost(text.charCodeAt(at - 2), text.charCodeAt(at - 1)) &&
      text.charCodeAt(at + 7) !== DOT &&
      !text.startsWith("pat", at - 17)
    );
  }

  /** Looks at what may begin at `at`; gives the place from which the walk goes on. */
  #look(walk: Walk, stop: number, at: number): number {
    const { text, found } = walk;
    switch (stop) {
      case DIGITS:
        return this.#numbers.lookAt(walk, at);
      case AT_SIGN:
        if (this.#enabled.passwords && findUserPart(text, at, found)) break;
        if (this.#enabled.email) findEmail(text, at, found);
        break;
      case MARK:
        if (this.#enabled.api_keys) {
          findApiKey(text, at, walk.runs, found);
          if (text.charCodeAt(at) === HYPHEN) {
            findMailchimp(text, at, found);
            findMailgun(text, at, found);
          }
          if (text.charCodeAt(at) === DOT) {
            findWebhook(text, at, found);
            findDottedToken(text, at, found);
          }
        }
        if (this.#enabled.tokens && isBeforePayload(text, at)) findPrettyJwt(text, at, found);
        if (text.charCodeAt(at) !== HYPHEN) break;
        if (this.#enabled.private_keys && text.charCodeAt(at + 1) === HYPHEN) {
          const end = findPrivateKey(text, at, found);
          if (end > at) return end;
        }
        if (this.#enabled.private_keys && namesPuttyKey(text, at)) findPuttyKey(text, at, found);
        if (mayBeOption(text, at)) findOption(text, at, this.#names, walk.reach, found);
        break;
      case ELEMENT:
        if (text.charCodeAt(at - 1) === HYPHEN) findEntry(text, at, this.#names, walk.reach, found);
        else if (endsNamedCell(text, at, this.#names)) findCell(text, at, this.#names, found);
        else findElement(text, at, this.#names, walk.reach, found);
        break;
      case FIELD:
        if (this.#endsArgument(text, at)) {
          walk.escaped = true;
          findArgument(text, at, this.#names, walk.reach, found);
        }
        if (followsClause(text, at)) findLiteral(text, at, this.#names, walk.reach, found);
        if (followsAtom(text, at)) findAtomValue(text, at, this.#names, found);
        if (followsComparison(text, at)) findCompared(text, at, this.#names, walk.reach, found);
        if (isBeforeContent(text, at)) findContent(text, at, this.#names, found);
        findPart(text, at, this.#names, walk.reach, found);
        break;
      case APOSTROPHE_MARK:
        if (this.#endsArgument(text, at)) findArgument(text, at, this.#names, walk.reach, found);
        else findLiteral(text, at, this.#names, walk.reach, found);
        if (followsComparison(text, at)) findCompared(text, at, this.#names, walk.reach, found);
        if (followsEntry(text, at)) findDuplicate(text, at, this.#names, found);
        if (isBeforeContent(text, at)) findContent(text, at, this.#names, found);
        break;
      case DOLLAR:
        findPasswordHash(text, at, found);
        break;
      case PAIR:
        findBarePair(text, at, this.#names, walk.reach, found);
        break;
      case BRACE:
        findMessage(text, at, this.#names, walk.reach, found);
        break;
      case SIGN:
        walk.foldable ||= text.charCodeAt(at) === EQUALS && isQuotedSign(text, at);
        if (this.#enabled.ip && text.charCodeAt(at) === COLON) findIpv6(text, at, found);
        if (this.#enabled.api_keys && text.charCodeAt(at) === COLON) findBotToken(text, at, found);
        if (text.charCodeAt(at + 1) === QUOTE && isDigit(text.charCodeAt(at - 1)))
          findSerialized(text, at, this.#names, found);
        findAssigned(text, at, this.#names, walk.reach, found);
        break;
      case JWT:
        if (this.#enabled.tokens && text.startsWith("ey", at - 2))
          walk.headersEnd = findJwt(text, at - 2, walk.headersEnd, found);
        if (this.#enabled.private_keys) findEncodedKey(text, at, walk.runs, found);
        if (this.#enabled.api_keys) findMarkedAzure(text, at, found);
        break;
      case CAPITAL:
        if (text.startsWith("ENV ", at)) findEnv(text, at, this.#names, walk.reach, found);
        if (this.#enabled.passwords) {
          findAuth(text, at, found);
          findPass(text, at, found);
        }
        if (!this.#enabled.api_keys) break;
        findLetteredKey(text, at, walk.runs, found);
        if (text.startsWith("AC", at)) findTwilio(text, at, found);
        break;
      case SCHEME:
        if (text.startsWith("SK", at)) findTwilio(text, at, found);
        findScheme(text, at, walk.runs, found);
        break;
      case PERCENT:
        walk.foldable ||= isEncodedByte(text, at);
        break;
      case ESCAPE:
      case HASH:
        walk.foldable = true;
        break;
      case AMPERSAND:
        walk.foldable = true;
        findComparedInAttribute(text, at, this.#names, found);
        break;
      case BACKSLASH:
        walk.foldable = true;
        walk.escaped = true;
        break;
      default:
        break;
    }
    return at + 1;
  }
}

/** Which characters the walk stops at, by what is on. */
function stopsFor(enabled: EnabledCategories): Uint8Array {
  const stops = new Uint8Array(128);
  const stopAt = (characters: string, stop: number): void => {
    for (const character of characters) stops[character.charCodeAt(0)] = stop;
  };
  const { cards, ssn, iban, ip, phone, tokens, api_keys, passwords, private_keys } = enabled;
  if (cards || ssn || iban || ip || phone) stopAt("0123456789", DIGITS);
  if (enabled.email || passwords) stopAt("@", AT_SIGN);
  if (api_keys) {
    stopAt("_.~", MARK);
    stopAt("L", CAPITAL);
    stopAt("bBNS", SCHEME);
  }
  if (api_keys || passwords) stopAt("AEP", CAPITAL);
  if (passwords) stopAt("$", DOLLAR);
  if (tokens) stopAt(".", MARK);
  stopAt("-", MARK);
  stopAt(">", ELEMENT);
  stopAt('"', FIELD);
  stopAt("'", APOSTROPHE_MARK);
  stopAt("&", AMPERSAND);
  stopAt(",", PAIR);
  stopAt("{", BRACE);
  stopAt(":=", SIGN);
  if (tokens || private_keys || api_keys) stopAt("J", JWT);
  stopAt("%", PERCENT);
  stopAt("\\", BACKSLASH);
  stopAt("\u001b", ESCAPE);
  stopAt("#", HASH);
  return stops;
}

/** True for a dot in front of `ew` or `ey`, as a JSON object begins in base64. */
function isBeforePayload(text: string, at: number): boolean {
  return (
    text.charCodeAt(at + 1) === 101 &&
    text.charCodeAt(at) === DOT &&
    (text.charCodeAt(at + 2) === 119 || text.charCodeAt(at + 2) === 121)
  );
}

const MAX_BLANKS = 8;

/** True for a quote with a comma, the end of a line or another quote behind it. */
function endsField(text: string, quote: number): boolean {
  let at = quote + 1;
  while (at < quote + MAX_BLANKS && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  const code = text.charCodeAt(at);
  return code === 44 || code === 10 || code === 13 || (at > quote + 1 && isQuote(code));
}
