import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Remembered, ResendTable } from "../../src/logs/resends.ts";
import { ManualClock } from "../receive/doors.ts";

function remembered(restBytes: number): Remembered {
  return { rest: Buffer.alloc(restBytes), otherRecords: 1, rejected: 0, errorMessage: "" };
}

describe("the table of requests whose resend may come", () => {
  it("never holds more entries or bytes than it may, and is empty in the end", () => {
    const settings = { maxEntries: 4, maxBytes: 3000, maxAgeMs: 100 };
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ digest: fc.nat(8), bytes: fc.nat(2000), waitMs: fc.nat(40), forget: fc.boolean() }),
        ),
        (steps) => {
          const clock = new ManualClock();
          const table = new ResendTable(settings, clock, () => undefined);
          for (const { digest, bytes, waitMs, forget } of steps) {
            clock.advance(waitMs);
            if (forget) table.forget(String(digest));
            else table.remember(String(digest), remembered(bytes));
            assert.ok(table.byteLength <= settings.maxBytes);
            assert.equal(table.find(String(digest)) === undefined, forget);
          }
          clock.advance(settings.maxAgeMs);
          for (let digest = 0; digest <= 8; digest++) assert.equal(table.find(String(digest)), undefined);
          assert.ok(table.empty);
          assert.equal(table.byteLength, 0);
        },
      ),
    );
  });

  it("forgets the oldest first, and says so", () => {
    let forgotten = 0;
    const settings = { maxEntries: 2, maxBytes: 1e6, maxAgeMs: 1000 };
    const table = new ResendTable(settings, new ManualClock(), () => {
      forgotten += 1;
    });
    for (const digest of ["a", "b", "a", "c"]) table.remember(digest, remembered(1));
    assert.equal(table.find("b"), undefined);
    assert.ok(table.find("a") !== undefined && table.find("c") !== undefined);
    assert.equal(forgotten, 1);
  });

  it("does not keep a rest that is larger than all it may hold", () => {
    const table = new ResendTable(
      { maxEntries: 2, maxBytes: 1000, maxAgeMs: 1000 },
      new ManualClock(),
      () => undefined,
    );
    table.remember("a", remembered(2000));
    assert.ok(table.empty);
    assert.equal(table.byteLength, 0);
  });
});
