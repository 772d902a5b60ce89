/**
 * Looks for damage in SQLite's write-ahead log, which SQLite does not report: it reads the log up to the first
 * frame that does not fit the chain of checksums, and later writes over the rest (https://sqlite.org/fileformat2.html,
 * section 4). That is right for what a crash leaves behind, and wrong for what was acknowledged.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The last bit says in which order the checksums read their words: set for the most significant byte first. */
const MAGIC = 0x377f0682;
const VERSION = 3_007_000;
const PAGE_MIN_BYTES = 512;
const PAGE_MAX_BYTES = 65_536;
/** A write that is cut short ends where a sector does. */
const SECTOR_BYTES = 512;
/** A start must not take minutes: a longer log is looked at up to here. */
const MAX_BYTES = 512 * 1024 * 1024;

interface Log {
  readonly handle: number;
  readonly size: number;
  readonly frameBytes: number;
  readonly salts: Buffer;
  readonly swaps: boolean;
  readonly chain: Chain;
}

/** The two running sums of SQLite's checksum. */
interface Chain {
  a: number;
  b: number;
}

/**
 * Says what is damaged in the log, or nothing when it ends as a crash may end it. A crash leaves at most one
 * transaction unfinished, so nothing committed stands behind a frame that is not whole; and it cuts the file
 * between two writes of SQLite or at the end of a sector. The last transaction alone can be either: a power
 * cut may keep its end and lose its middle. It counts as damaged, since it may have been acknowledged. A last
 * frame that does not fit cannot be told from one that was being written.
 */
export function findLogDamage(file: string): string | undefined {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    if (size === 0) return undefined;
    const header = read(handle, 0, HEADER_BYTES + FRAME_HEADER_BYTES);
    // A header that never reached the disk; the first sync comes after it and before any frame.
    if (header.every((byte) => byte === 0)) return undefined;
    const log = readHeader(handle, size, header.subarray(0, HEADER_BYTES));
    return log === undefined ? "its header does not fit its checksum" : findFrameDamage(log);
  } finally {
    closeSync(handle);
  }
}

function readHeader(handle: number, size: number, header: Buffer): Log | undefined {
  if (header.length < HEADER_BYTES) return undefined;
  const magic = header.readUInt32BE(0);
  const pageBytes = header.readUInt32BE(8);
  const isPage =
    pageBytes >= PAGE_MIN_BYTES && pageBytes <= PAGE_MAX_BYTES && (pageBytes & (pageBytes - 1)) === 0;
  if ((magic & ~1) !== MAGIC || header.readUInt32BE(4) !== VERSION || !isPage) return undefined;
  const swaps = (magic & 1) !== (endianness() === "BE" ? 1 : 0);
  const chain = { a: 0, b: 0 };
  extend(chain, header.subarray(0, 24), swaps);
  if (!matches(chain, header, 24)) return undefined;
  const salts = header.subarray(16, 24);
  return { handle, size, frameBytes: FRAME_HEADER_BYTES + pageBytes, salts, swaps, chain };
}

function findFrameDamage(log: Log): string | undefined {
  const { handle, size, frameBytes } = log;
  const end = Math.min(size, MAX_BYTES);
  let at = HEADER_BYTES;
  for (; at + frameBytes <= end; at += frameBytes) {
    if (!isNextFrame(log, read(handle, at, frameBytes))) return findCommitsBehind(log, at, end);
  }
  const isCut = end === size && at < size && !isTornEnd(log, at);
  return isCut ? `it is cut off within the frame at byte ${at}` : undefined;
}

/** True when the frame goes on the chain, which then includes it. */
function isNextFrame({ salts, swaps, chain }: Log, frame: Buffer): boolean {
  if (frame.length < FRAME_HEADER_BYTES || frame.readUInt32BE(0) === 0) return false;
  if (!frame.subarray(8, 16).equals(salts)) return false;
  extend(chain, frame.subarray(0, 8), swaps);
  extend(chain, frame.subarray(FRAME_HEADER_BYTES), swaps);
  return matches(chain, frame, 16);
}

/** Frames of former rounds of the log have other salts; a commit is marked by the size of the database. */
function findCommitsBehind(
  { handle, frameBytes, salts }: Log,
  broken: number,
  end: number,
): string | undefined {
  let commits = 0;
  let last = broken;
  for (let at = broken; at + frameBytes <= end; at += frameBytes) {
    const header = read(handle, at, FRAME_HEADER_BYTES);
    if (header.length < FRAME_HEADER_BYTES) break;
    if (!header.subarray(8, 16).equals(salts) || header.readUInt32BE(4) === 0) continue;
    commits++;
    last = at;
  }
  if (last === broken) return undefined;
  const where = `the frame at byte ${broken} does not fit its checksum`;
  if (commits > 1) return `${where}, and ${commits} transactions end at it or behind it`;
  return `${where}, and the last transaction ends behind it: damage, or a power cut before it was acknowledged`;
}

/** True for a last frame that a crash may leave: the file ends where a write may end, or the frame is an old one. */
function isTornEnd({ handle, size, salts }: Log, at: number): boolean {
  const length = size - at;
  if (length === FRAME_HEADER_BYTES || size % SECTOR_BYTES === 0) return true;
  return length >= 16 && !read(handle, at + 8, 8).equals(salts);
}

function extend(chain: Chain, bytes: Buffer, swaps: boolean): void {
  // A copy starts at a multiple of four, which the words need.
  const copy = Buffer.from(new Uint8Array(bytes).buffer);
  if (swaps) copy.swap32();
  const words = new Uint32Array(copy.buffer);
  let { a, b } = chain;
  for (let i = 0; i + 1 < words.length; i += 2) {
    a = (a + (words[i] ?? 0) + b) >>> 0;
    b = (b + (words[i + 1] ?? 0) + a) >>> 0;
  }
  chain.a = a;
  chain.b = b;
}

function matches({ a, b }: Chain, bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b;
}

/** As many of the bytes as there are. */
function read(handle: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let count = 0;
  while (count < length) {
    const more = readSync(handle, bytes, count, length - count, at + count);
    if (more === 0) break;
    count += more;
  }
  return bytes.subarray(0, count);
}
