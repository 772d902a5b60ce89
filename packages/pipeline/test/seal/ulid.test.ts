import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Random } from "../../src/contracts.ts";
import { FreshIds, RequestIds } from "../../src/seal/ulid.ts";

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The bits of a ULID, by the book. */
function bitsOf(ulid: string): bigint {
  return [...ulid].reduce((bits, character) => (bits << 5n) | BigInt(ALPHABET.indexOf(character)), 0n);
}

function randomOf(byte: number): Random {
  return { next: () => 0, fill: (bytes) => bytes.fill(byte) };
}

test("a fresh id is the clock's milliseconds and the random bytes, in the order of a ULID", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      fc.uint8Array({ minLength: 10, maxLength: 10 }),
      (ms, drawn) => {
        const random: Random = {
          next: () => 0,
          fill(bytes) {
            bytes.set(drawn);
            return bytes;
          },
        };
        const id = new FreshIds(random).next(ms);
        assert.match(id, ULID);
        assert.equal(bitsOf(id), (BigInt(ms) << 80n) | BigInt(`0x${Buffer.from(drawn).toString("hex")}`));
      },
    ),
    { seed: 61, numRuns: 200 },
  );
});

test("ids count up within a millisecond, over word boundaries, and when the clock goes back", () => {
  for (const byte of [0x00, 0xff, 0x7f]) {
    const ids = new FreshIds(randomOf(byte));
    const made = [1000, 1000, 1000, 999, 0, 1000].map((ms) => ids.next(ms));
    assert.deepEqual(made, made.toSorted());
    assert.equal(new Set(made).size, made.length);
    const bits = made.map(bitsOf);
    for (const [i, value] of bits.slice(1).entries()) assert.equal(value, (bits[i] ?? 0n) + 1n);
  }
});

test("the id of a record is a ULID of its time, and its own for each place and request", () => {
  const time = { seconds: 1_773_930_900, nanos: 123_999_999 };
  const ids = new Set<string>();
  for (let request = 0; request < 20; request++) {
    const source = new RequestIds(Uint8Array.of(request));
    for (let index = 0; index < 500; index++) {
      const id = source.idOf(index, time);
      assert.match(id, ULID);
      assert.equal(bitsOf(id) >> 80n, 1_773_930_900_123n);
      ids.add(id);
    }
  }
  assert.equal(ids.size, 20 * 500);
});

test("the random bits of neighbours look nothing alike", () => {
  const source = new RequestIds(Uint8Array.of(7));
  const ones = Array.from({ length: 80 }, () => 0);
  const count = 2000;
  for (let index = 0; index < count; index++) {
    const bits = bitsOf(source.idOf(index, { seconds: 1, nanos: 0 }));
    for (let bit = 0; bit < 80; bit++) ones[bit] = (ones[bit] ?? 0) + Number((bits >> BigInt(bit)) & 1n);
  }
  // Each bit is set in half of them: 2000 draws stray by six standard deviations less than once in a lifetime.
  for (const set of ones) assert.ok(Math.abs(set - count / 2) < 6 * Math.sqrt(count / 4), String(set));
});
