/** International bank account numbers: ISO 13616, a country's length and the check of ISO 7064 (97-10). */
import { isAlnum, isDigit } from "../characters.ts";
import type { Spans } from "../spans.ts";
import { wideGapAt } from "./numbers.ts";

/** Length by country: the SWIFT registry, and the countries that use the form without being in it. */
const LENGTHS = new Map<string, number>(
  (
    "AD24 AE23 AL28 AO25 AT20 AZ28 BA20 BE16 BF28 BG22 BH22 BI27 BJ28 BR29 BY28 CF27 CG27 CH21 CI28 CM27 " +
    "CR22 CV25 CY28 CZ24 DE22 DJ27 DK18 DO28 DZ26 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GA27 GB22 GE22 GI23 " +
    "GL18 GQ27 GR27 GT28 GW25 HN28 HR21 HU28 IE22 IL23 IQ23 IR26 IS26 IT27 JO30 KM27 KW30 KZ20 LB28 LC32 " +
    "LI21 LT20 LU20 LV21 LY25 MA28 MC27 MD24 ME22 MG27 MK19 ML28 MN20 MR27 MT31 MU30 MZ25 NE28 NI28 NL18 " +
    "NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SN28 SO23 ST25 " +
    "SV28 TD27 TG28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Their countries, by two capitals. */
export const IBAN_COUNTRIES: readonly string[] = [...LENGTHS.keys()];

/** Looks at the number that would begin two letters before the digit at `digitAt`. */
export function findIban(text: string, digitAt: number, found: Spans): void {
  const start = digitAt - 2;
  if (start < 0 || isAlnum(text.charCodeAt(start - 1)) || !isDigit(text.charCodeAt(digitAt + 1))) return;
  const check = Number(text.slice(digitAt, digitAt + 2));
  // 98 less the remainder: never below 2.
  if (check < 2 || check > 98) return;
  const length = LENGTHS.get(text.slice(start, digitAt).toUpperCase());
  if (length === undefined) return;
  const end = endOf(text, start, length);
  if (end >= 0 && hasCheck(text, start, digitAt, end)) found.add(start, end, "iban");
}

function isSeparator(code: number): boolean {
  return code === 32 || code === 45 || code === 46 || code === 43 || code === 47 || code === 95;
}

/** Where `length` letters and digits end that spaces, hyphens or dots may hold apart; -1 when they do not. */
function endOf(text: string, start: number, length: number): number {
  let count = 0;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isAlnum(code)) {
      count += 1;
      at += 1;
      if (count === length) return isAlnum(text.charCodeAt(at)) ? -1 : at;
    } else {
      const gap = wideGapAt(text, at) || (isSeparator(code) ? 1 : 0);
      if (gap === 0 || !isAlnum(text.charCodeAt(at + gap))) return -1;
      at += gap;
    }
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
