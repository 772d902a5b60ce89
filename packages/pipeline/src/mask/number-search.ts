/** What is looked for where digits stand. */
import type { EnabledCategories } from "./categories.ts";
import { classOf, LETTER } from "./characters.ts";
import { findApiKey } from "./rules/api-keys.ts";
import { findCards, findWideCards } from "./rules/cards.ts";
import { findSalesforce } from "./rules/fixed-forms.ts";
import { findIban } from "./rules/iban.ts";
import { findIpv4 } from "./rules/ip.ts";
import { findAzureSecret, findDatabricks, findDottedToken, findRefreshToken } from "./rules/marked-keys.ts";
import { DigitGroups, wideGapAt } from "./rules/numbers.ts";
import { findBracketedPhone, findPhones } from "./rules/phone.ts";
import { findSsns } from "./rules/ssn.ts";
import type { Walk } from "./walk.ts";

const DOT = 46;

const FEWEST_DIGITS = 9;
const FEWEST_IP_DIGITS = 4;
const FEWEST_PHONE_DIGITS = 7;

/** Searches numbers for the categories that are on. One a thread: it is in one text at a time. */
export class NumberSearch {
  /** The fewest digits of what is looked for. */
  readonly fewestDigits: number;
  readonly #enabled: EnabledCategories;
  readonly #groups = new DigitGroups();

  constructor(enabled: EnabledCategories) {
    this.#enabled = enabled;
    this.fewestDigits = enabled.ip ? FEWEST_IP_DIGITS : enabled.phone ? FEWEST_PHONE_DIGITS : FEWEST_DIGITS;
  }

  /** Looks at the digits that begin at `at`; gives the place from which the walk goes on. */
  lookAt(walk: Walk, at: number): number {
    const { text, found, runs } = walk;
    const enabled = this.#enabled;
    const groups = this.#groups;
    if (enabled.iban && (classOf(text.charCodeAt(at - 1)) & LETTER) !== 0) findIban(text, at, found);
    groups.read(text, at);
    // The walk goes on behind the groups: a prefix such as `ya29.` ends within them, or the first part of a token.
    if (enabled.api_keys) {
      if (groups.count > 1) {
        const mark = groups.ends[0] ?? at;
        findApiKey(text, mark, runs, found);
        if (text.charCodeAt(mark) === DOT) findDottedToken(text, mark, found);
      }
      if (text.charCodeAt(at + 1) === 47) findRefreshToken(text, at, found);
      if (text.charCodeAt(at + 2) === 68) findSalesforce(text, at, found);
      if ((classOf(text.charCodeAt(at - 1)) & LETTER) !== 0) findDatabricks(text, at, found);
      findAzureSecret(text, groups.ends[0] ?? at, found);
      if (groups.count > 1) findAzureSecret(text, groups.end, found);
    }
    if (groups.digits >= this.fewestDigits) {
      if (enabled.cards) findCards(text, groups, found);
      if (enabled.ssn) findSsns(text, groups, found);
      if (enabled.ip) findIpv4(text, groups, found);
      if (enabled.phone) {
        findPhones(text, groups, found);
        findBracketedPhone(text, groups, found);
      }
    }
    const { end } = groups;
    if (enabled.cards && at >= walk.wideEnd && wideGapAt(text, end) > 0) {
      groups.readWide(text, at);
      walk.wideEnd = groups.end;
      findWideCards(text, groups, found);
    }
    return end;
  }
}
