/** International bank account numbers: ISO 13616, a country's form and the check of ISO 7064 (97-10). */
import { isAlnum, isDigit } from "../characters.ts";
import type { Spans } from "../spans.ts";
import { wideGapAt } from "./numbers.ts";
import { touchesUuid } from "./uuids.ts";

/**
 * What stands behind country and check digits: `n` digits, `c` letters or digits. The SWIFT registry, and the countries
 * that use the form without being in it. Where there may be letters they may be anywhere, as numbers that somebody
 * made up have them; but not in Andorra, for whose numbers many an id in hexadecimal digits could be taken.
 */
const ACCOUNTS = new Map<string, string>(
  (
    "AD8n12c AE19n AL24c AO21n AT16n AZ24c BA16n BE12n BF24c BG18c BH18c BI23n BJ24c BR25c BY24c CF23n CG23n " +
    "CH17c CI24c CM23n CR18n CV21n CY24c CZ20n DE18n DJ23n DK14n DO24c DZ22n EE16n EG25n ES20n FI14n FK14c " +
    "FO14n FR23c GA23n GB18c GE18c GI19c GL14n GQ23n GR23c GT24c GW21c HN24c HR17n HU24n IE18c IL19n IQ19c " +
    "IR22n IS22n IT23c JO26c KM23n KW26c KZ16c LB24c LC28c LI17c LT16n LU16c LV17c LY21n MA24n MC23c MD20c " +
    "ME18n MG23n MK15c ML24c MN16n MR23n MT27c MU26c MZ21n NE24c NI24c NL14c NO11n OM19c PK20c PL24n PS25c " +
    "PT21n QA25c RO20c RS18n RU29c SA20c SC27c SD14n SE20n SI15n SK20n SM23c SN24c SO19n ST21n SV24c TD23n " +
    "TG24c TL19n TN20n TR22c UA25c VA18n VG20c XK16n YE26c"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), `ccnn${spellOut(entry.slice(2))}`]),
);

/** `2c3n` is `ccnnn`: one letter for each character of a number. */
function spellOut(form: string): string {
  return form.replace(/(\d+)([cn])/g, (_, count: string, kind: string) => kind.repeat(Number(count)));
}

/** Their countries, by two capitals. */
export const IBAN_COUNTRIES: readonly string[] = [...ACCOUNTS.keys()];

/** Looks at the number that would begin two letters before the digit at `digitAt`. */
export function findIban(text: string, digitAt: number, found: Spans): void {
  const start = digitAt - 2;
  if (start < 0 || isAlnum(text.charCodeAt(start - 1)) || !isDigit(text.charCodeAt(digitAt + 1))) return;
  const check = Number(text.slice(digitAt, digitAt + 2));
  // 98 less the remainder: never below 2.
  if (check < 2 || check > 98) return;
  const form = ACCOUNTS.get(text.slice(start, digitAt).toUpperCase());
  if (form === undefined) return;
  const end = endOf(text, start, form);
  if (end < 0 || !hasCheck(text, start, digitAt, end) || touchesUuid(text, start, end)) return;
  found.add(start, end, "iban");
}

function isSeparator(code: number): boolean {
  return code === 32 || code === 45 || code === 46 || code === 43 || code === 47 || code === 95;
}

const DIGIT_KIND = "n";
const GROUP = 4;
/** Of a number in other groups than those of four: else they are words. */
const FEWEST_DIGITS = 8;

/** Where letters and digits of this form end, which spaces, hyphens or dots may hold apart; -1 when they do not. */
function endOf(text: string, start: number, form: string): number {
  let count = 0;
  let digits = 0;
  let isRegular = true;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isAlnum(code)) {
      if (isDigit(code)) digits += 1;
      else if (form[count] === DIGIT_KIND) return -1;
      count += 1;
      at += 1;
      if (count < form.length) continue;
      return isAlnum(text.charCodeAt(at)) || (!isRegular && digits < FEWEST_DIGITS) ? -1 : at;
    }
    const gap = wideGapAt(text, at) || (isSeparator(code) ? 1 : 0);
    if (gap === 0 || !isAlnum(text.charCodeAt(at + gap))) return -1;
    if (count % GROUP !== 0) isRegular = false;
    at += gap;
  }
}

/** The country and the check digits go to the end, letters count from 10 on, and the whole is 1 modulo 97. */
function hasCheck(text: string, start: number, digitAt: number, end: number): boolean {
  let rest = 0;
  const add = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const code = text.charCodeAt(i) | 32;
      if (isDigit(text.charCodeAt(i))) rest = (rest * 10 + text.charCodeAt(i) - 48) % 97;
      else if (code >= 97 && code <= 122) rest = (rest * 100 + code - 87) % 97;
    }
  };
  add(digitAt + 2, end);
  add(start, digitAt + 2);
  return rest === 1;
}
