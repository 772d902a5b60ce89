import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchView } from "../../src/batch.ts";
import { BatchLog } from "../../src/queue/batch-log.ts";
import { buildBatch } from "../build-batch.ts";

function view(count: number): BatchView {
  const events = Array.from({ length: count }, (_, i) => ({ id: String(i) }));
  return new BatchView(new Uint8Array(buildBatch(events).buffer));
}

test("whatever is removed, the rest is found by any of its sequences", () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ removeAt: fc.nat(200) }),
    fc.constant({ shift: true }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const log = new BatchLog(1);
      const model: { first: number; last: number; bytes: number }[] = [];
      let end = 1;
      for (const each of steps) {
        if ("push" in each) {
          const batch = view(each.push);
          log.push(end, batch);
          model.push({ first: end, last: end + each.push - 1, bytes: batch.byteLength });
          end += each.push;
        } else if ("shift" in each) {
          assert.equal(log.shift()?.first, model.shift()?.first);
        } else {
          const [gone] = model.splice(each.removeAt % (model.length || 1), 1);
          const stored = gone === undefined ? undefined : log.from(gone.last);
          assert.equal(stored?.first, gone?.first);
          if (stored !== undefined) log.remove(stored);
        }
        assert.equal(log.size, model.length);
        assert.equal(
          log.bytes,
          model.reduce((sum, { bytes }) => sum + bytes, 0),
        );
      }
      for (let sequence = 0; sequence <= end; sequence++) {
        assert.equal(log.from(sequence)?.first, model.find(({ last }) => last >= sequence)?.first);
      }
      assert.deepEqual(
        [...log.within(1, end)].map(({ first }) => first),
        model.map(({ first }) => first),
      );
    }),
    { numRuns: 60 },
  );
});
