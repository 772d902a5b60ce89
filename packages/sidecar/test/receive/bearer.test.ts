import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { type TestContext, test } from "node:test";
import { Secret } from "@coresdk/pipeline";
import { createAuthorizer } from "../../src/receive/bearer.ts";

const TOKEN = "s3cret of the door";
/** Of the same length and not, that share more or less of the beginning or the end, and the token itself. */
const GUESSES = [
  "",
  "s",
  "s3cret of the doo",
  "s3cret of the dooR",
  "S3cret of the door",
  `${TOKEN}s`,
  TOKEN,
];

type Comparison = readonly [guess: Buffer, expected: Buffer];

/** Hands Node's comparison in constant time over to the test, which answers in its place. */
function takeOver(context: TestContext, answer: (...comparison: Comparison) => boolean): Comparison[] {
  const comparisons: Comparison[] = [];
  const mocked = context.mock.method(
    crypto,
    "timingSafeEqual",
    (guess: NodeJS.ArrayBufferView, expected: NodeJS.ArrayBufferView) => {
      const comparison = [bytesOf(guess), bytesOf(expected)] as const;
      comparisons.push(comparison);
      return answer(...comparison);
    },
  );
  // What is imported by name follows only now.
  syncBuiltinESMExports();
  context.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
  return comparisons;
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function bearer(token: string): string[] {
  return ["authorization", `Bearer ${token}`];
}

test("each guess of the token is compared once, in constant time, as a keyed digest of one length", (context) => {
  const comparisons = takeOver(context, (guess, expected) => guess.equals(expected));
  const authorize = createAuthorizer(new Secret(TOKEN));
  assert.deepEqual(
    GUESSES.map((guess) => authorize(bearer(guess))),
    GUESSES.map((guess) => guess === TOKEN),
  );
  assert.equal(comparisons.length, GUESSES.length);
  for (const [guess, expected] of comparisons) {
    assert.equal(guess.length, 32);
    assert.deepEqual(expected, comparisons[0]?.[1]);
  }
  assert.equal(new Set(comparisons.map(([guess]) => guess.toString("hex"))).size, GUESSES.length);
  // Under a key that no other door has, so that a digest says nothing of the token.
  createAuthorizer(new Secret(TOKEN))(bearer(TOKEN));
  assert.notDeepEqual(comparisons.at(-1)?.[1], comparisons[0]?.[1]);
  assert.notDeepEqual(comparisons[0]?.[1], crypto.createHash("sha256").update(TOKEN).digest());
});

test("that comparison alone decides", (context) => {
  takeOver(context, (guess, expected) => !guess.equals(expected));
  const authorize = createAuthorizer(new Secret(TOKEN));
  for (const guess of GUESSES) assert.equal(authorize(bearer(guess)), guess !== TOKEN, guess);
});
