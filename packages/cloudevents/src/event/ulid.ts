/** ULID: 48 bits of milliseconds, 80 random bits, in Crockford's base32. */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

/** Asking the system for randomness costs more than an id; a pool serves this many ids at once. */
const POOL_IDS = 256;
const pool = new Uint8Array(POOL_IDS * RANDOM_CHARACTERS);
const CODES: Uint8Array = new TextEncoder().encode(ALPHABET);
const ascii = new TextDecoder();
let poolText = "";
let unused = 0;

let lastTimeMs = -1;
let lastTimeText = "";

/** A fresh ULID for that time in milliseconds since the epoch. */
export function createUlid(timeMs: number): string {
  if (timeMs !== lastTimeMs) {
    lastTimeText = encodeTime(timeMs);
    lastTimeMs = timeMs;
  }
  if (unused === 0) refill();
  unused--;
  const start = unused * RANDOM_CHARACTERS;
  return lastTimeText + poolText.slice(start, start + RANDOM_CHARACTERS);
}

function refill(): void {
  crypto.getRandomValues(pool);
  for (let i = 0; i < pool.length; i++) pool[i] = CODES[(pool[i] ?? 0) & 31] ?? 0;
  poolText = ascii.decode(pool);
  unused = POOL_IDS;
}

function encodeTime(timeMs: number): string {
  let text = "";
  let rest = timeMs;
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
