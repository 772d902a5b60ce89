/** Who issues cards: prefixes and lengths of ISO/IEC 7812 numbers, as the schemes publish them. */

interface Issuer {
  /** The first digits, as a range of numbers with the same count of digits. */
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

function lengthsFrom(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

const SIXTEEN = [16] as const;
const LONG: readonly number[] = lengthsFrom(16, 19);
/** Longer ones are allowed and not issued, and many an id of 64 bits begins as they would. */
const DINERS: readonly number[] = [14, 16];
const MAESTRO: readonly number[] = lengthsFrom(12, 19);

function issuer(from: number, to: number, lengths: readonly number[]): Issuer {
  return { from, to, lengths };
}

/**
 * No prefix here begins a time since the epoch that is written in this century so far: milliseconds (13 digits),
 * microseconds (16) and nanoseconds (19) begin with 1 until 2033, and with 20 or 21 until 2039.
 */
const ISSUERS: readonly Issuer[] = [
  issuer(4, 4, [13, 16, 19]), // Visa
  issuer(51, 55, SIXTEEN), // Mastercard
  issuer(2221, 2720, SIXTEEN), // Mastercard
  issuer(34, 34, [15]), // American Express
  issuer(37, 37, [15]), // American Express
  issuer(6011, 6011, LONG), // Discover
  issuer(644, 649, LONG), // Discover
  issuer(65, 65, LONG), // Discover, RuPay, Troy
  issuer(62, 62, LONG), // UnionPay
  issuer(81, 82, LONG), // UnionPay, RuPay
  issuer(300, 305, DINERS),
  issuer(3095, 3095, DINERS),
  issuer(36, 36, DINERS),
  issuer(38, 39, DINERS),
  issuer(3528, 3589, LONG), // JCB
  issuer(2200, 2205, LONG), // Mir, Borica
  issuer(5018, 5018, MAESTRO),
  issuer(5020, 5020, MAESTRO),
  issuer(5038, 5038, MAESTRO),
  issuer(5893, 5893, MAESTRO),
  issuer(6304, 6304, MAESTRO),
  issuer(6703, 6703, MAESTRO),
  issuer(6759, 6759, MAESTRO),
  issuer(6761, 6763, MAESTRO),
  issuer(6767, 6767, MAESTRO), // Maestro, Solo
  issuer(6706, 6706, LONG), // Laser
  issuer(6709, 6709, LONG), // Laser
  issuer(6771, 6771, LONG), // Laser, Maestro
  issuer(5019, 5019, SIXTEEN), // Dankort
  issuer(5060, 5061, [16, 18, 19]), // Verve
  issuer(5078, 5079, [16, 18, 19]), // Verve
  issuer(5066, 5067, SIXTEEN), // Elo
  issuer(508, 509, SIXTEEN), // RuPay, Elo
  issuer(60, 60, SIXTEEN), // RuPay, Hipercard
  issuer(636, 636, LONG), // InterPayment
  issuer(637, 639, SIXTEEN), // InstaPayment
  issuer(8600, 8600, SIXTEEN), // UzCard
  issuer(9704, 9704, [16, 19]), // NAPAS
  issuer(9792, 9792, SIXTEEN), // Troy
  issuer(9860, 9860, SIXTEEN), // Humo
];

/** The lengths of numbers that begin with these four digits, one bit for each: bit 16 for sixteen digits. */
const LENGTHS: Uint32Array = tabulate();

function tabulate(): Uint32Array {
  const table = new Uint32Array(10_000);
  for (const { from, to, lengths } of ISSUERS) {
    const width = 10 ** (4 - String(from).length);
    const bits = lengths.reduce((set, length) => set | (1 << length), 0);
    for (let first = from * width; first < (to + 1) * width; first++)
      table[first] = (table[first] ?? 0) | bits;
  }
  return table;
}

/** True when an issuer gives out numbers of this length that begin with these four digits. */
export function isIssued(firstFour: number, length: number): boolean {
  return ((LENGTHS[firstFour] ?? 0) & (1 << length)) !== 0;
}
