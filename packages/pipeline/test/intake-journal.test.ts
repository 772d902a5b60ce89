import assert from "node:assert/strict";
import { test } from "node:test";
import type { FactRecorder } from "../src/contracts.ts";
import { facts } from "../src/facts.ts";
import { IntakeJournal } from "../src/intake-journal.ts";
import { nothingTaken as nothing } from "./intake/take-in.ts";

test("clients that make up event types do not make up labels without end, and every event is counted", () => {
  const counts = new Map<string, number>();
  const recorder: FactRecorder = {
    record(fact, amount = 1, labels = {}) {
      assert.equal(fact, facts.eventsDenied);
      const type = labels["type"] ?? "none";
      counts.set(type, (counts.get(type) ?? 0) + amount);
    },
  };
  const journal = new IntakeJournal(recorder);
  journal.committed({ ...nothing, denied: new Map([["x".repeat(10_000), 1]]) });
  for (let i = 0; i < 1_000; i++) {
    journal.committed({
      ...nothing,
      denied: new Map([
        ["com.acme.known", 2],
        [`com.acme.${i}`, 1],
      ]),
    });
  }
  assert.equal(counts.size, 101);
  assert.equal(counts.get("com.acme.known"), 2_000);
  assert.equal(counts.get("com.acme.98"), 1);
  assert.equal(counts.get("other"), 1 + 1_000 - 99);
  // What follows a reload has the same metrics.
  new IntakeJournal(recorder).committed({ ...nothing, denied: new Map([["com.acme.later", 1]]) });
  assert.equal(counts.size, 101);
});
