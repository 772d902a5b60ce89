/**
 * Durations and sizes as a configuration writes them: `500ms`, `1s`, `72h`, `64MiB`.
 */

const MS_BY_UNIT: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const BYTES_BY_UNIT: ReadonlyMap<string, number> = new Map([
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

const AMOUNT = /^(\d{1,15}(?:\.\d{1,9})?)\s?([A-Za-z]{0,3})$/;

/** What a duration may look like, for messages and for the JSON Schema. */
export const DURATION_FORM = "a duration such as 500ms, 5s, 2m or 72h (a bare number is seconds)";

/** What a size may look like. */
export const SIZE_FORM = "a size such as 512KiB, 64MiB or 1GiB (a bare number is bytes)";

/**
 * Reads a duration; a bare number is seconds (semantics, section 5: `flush_interval: 5`).
 *
 * @returns milliseconds, rounded up to a whole one; `undefined` when the text is no duration
 */
export function parseDuration(text: string): number | undefined {
  return parseAmount(text, MS_BY_UNIT, "s");
}

/**
 * Reads a size; a bare number is bytes.
 *
 * @returns bytes; `undefined` when the text is no size
 */
export function parseSize(text: string): number | undefined {
  return parseAmount(text.toLowerCase(), BYTES_BY_UNIT, "b");
}

function parseAmount(
  text: string,
  units: ReadonlyMap<string, number>,
  defaultUnit: string,
): number | undefined {
  const [, digits, unit] = AMOUNT.exec(text.trim()) ?? [];
  const factor = units.get(unit || defaultUnit);
  if (digits === undefined || factor === undefined) return undefined;
  const amount = Math.ceil(Number(digits) * factor);
  return Number.isSafeInteger(amount) ? amount : undefined;
}

/** Writes milliseconds as a configuration would: the largest unit that divides them. */
export function formatDuration(ms: number): string {
  return (
    formatAmount(
      ms,
      [...MS_BY_UNIT].reverse().filter(([unit]) => unit !== "d"),
    ) ?? `${ms}ms`
  );
}

/** Writes bytes as a configuration would: the largest binary unit that divides them. */
export function formatSize(bytes: number): string {
  const units: [string, number][] = [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ];
  return formatAmount(bytes, units) ?? String(bytes);
}

function formatAmount(amount: number, units: readonly (readonly [string, number])[]): string | undefined {
  if (amount === 0) return undefined;
  const [unit, factor] = units.find(([, size]) => amount % size === 0) ?? [];
  return unit === undefined || factor === undefined ? undefined : `${amount / factor}${unit}`;
}
