import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { findLogDamage } from "../../src/queue/disk-log-check.ts";
import { append, Facts, openDisk, takeIds, tempDirectory } from "./queue-under-test.ts";

const DAMAGED = "coresdk.queue.damaged";
const LOG = "queue.db-wal";
const IDS = Array.from({ length: 30 }, (_, i) => `${i}`);
const HEADER = 32;
const FRAME = 24 + 16_384;

for (const [what, damage] of [
  ["has four bytes flipped in its middle", (file: string) => overwrite(file, statSync(file).size >> 1, 4)],
  ["has its header flipped", (file: string) => overwrite(file, 12, 4)],
  ["is cut off within a frame", (file: string) => truncateSync(file, HEADER + FRAME * 20 + 8_209)],
  ["is cut off within its header", (file: string) => truncateSync(file, 20)],
] as const) {
  test(`a log that ${what} is reported and kept, and what stands before the damage is used`, async (t) => {
    const dir = await crash(t);
    const file = join(dir, LOG);
    damage(file);
    const log = readFileSync(file);
    const facts = new Facts();
    const after = await openDisk(t, dir, {}, facts);
    assert.equal(facts.sum(DAMAGED), 1);
    const [aside = "none", ...more] = readdirSync(dir).filter((name) => name.startsWith("queue-damaged-"));
    assert.deepEqual(more, []);
    assert.ok(facts.all.some(({ detail }) => detail.includes(aside) && detail.includes("acknowledged")));
    assert.deepEqual(readFileSync(join(dir, aside)), log);
    assert.equal(statSync(join(dir, aside)).mode & 0o777, 0o600);
    // Never a sequence again that one of the lost events had.
    assert.ok((await append(after, ["new"])) > 1_000_000);
    const taken: string[] = [];
    while (!taken.includes("new")) taken.push(...(await takeIds(after.reader("default"))));
    assert.deepEqual(taken, [...IDS.slice(0, taken.length - 1), "new"]);
    if (what.includes("middle") || what.includes("frame")) assert.ok(taken.length > 3);
    assert.equal(await after.reader("default").pending(), taken.length);
    await after.close();
    const again = new Facts();
    await openDisk(t, dir, {}, again);
    assert.equal(again.sum(DAMAGED), 0);
  });
}

test("a log that a crash cut between two writes or at a sector is no damage", async (t) => {
  const file = join(await crash(t), LOG);
  const { size } = statSync(file);
  assert.equal(findLogDamage(file), undefined);
  for (const cut of [size - FRAME + 24, size - FRAME, (size - 1) & ~511, (size & ~4095) - 4096]) {
    truncateSync(file, cut);
    assert.equal(findLogDamage(file), undefined, `${cut} of ${size}`);
  }
});

test("a last transaction that was not written to its end is no damage, nor are frames of former rounds", async (t) => {
  const file = join(await crash(t), LOG);
  const whole = readFileSync(file);
  const frames = (whole.length - HEADER) / FRAME;
  // The last frame, torn.
  writeFileSync(file, Buffer.from(whole).fill(0, HEADER + FRAME * (frames - 1) + 100));
  assert.equal(findLogDamage(file), undefined);
  // From the middle on, frames of another round.
  const mixed = Buffer.from(whole);
  for (let i = frames >> 1; i < frames; i++) mixed.writeUInt32BE(1, HEADER + FRAME * i + 8);
  writeFileSync(file, mixed);
  assert.equal(findLogDamage(file), undefined);
  writeFileSync(file, Buffer.alloc(whole.length));
  assert.equal(findLogDamage(file), undefined);
});

test("a flip anywhere before the last transaction of a log is found; any bytes at all end the search", async (t) => {
  const file = join(await crash(t), LOG);
  const whole = readFileSync(file);
  const sound = whole.length - 4 * FRAME;
  fc.assert(
    fc.property(fc.nat(sound - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8((flipped[at] ?? 0) ^ mask, at);
      writeFileSync(file, flipped);
      assert.notEqual(findLogDamage(file), undefined, `byte ${at}`);
    }),
    { numRuns: 40 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, withHeader) => {
      writeFileSync(file, withHeader ? Buffer.concat([whole.subarray(0, HEADER), bytes]) : bytes);
      findLogDamage(file);
    }),
    { numRuns: 100 },
  );
});

/** A directory as a kill leaves it: acknowledged events are in the log alone. */
async function crash(t: TestContext): Promise<string> {
  const running = tempDirectory(t);
  const queue = await openDisk(t, running);
  for (const id of IDS) await append(queue, [id]);
  const crashed = tempDirectory(t);
  for (const name of ["queue.db", LOG]) copyFileSync(join(running, name), join(crashed, name));
  return crashed;
}

function overwrite(file: string, at: number, length: number): void {
  const bytes = readFileSync(file);
  for (let i = at; i < at + length; i++) bytes.writeUInt8((bytes[i] ?? 0) ^ 0xff, i);
  writeFileSync(file, bytes);
}
