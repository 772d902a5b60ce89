import assert from "node:assert/strict";
import { test } from "node:test";
import { facts } from "../src/facts.ts";
import { IntakeJournal } from "../src/intake-journal.ts";
import { nothingTaken as nothing } from "./intake/take-in.ts";

test("clients that make up event types do not make up labels without end, and every event is counted", () => {
  const counts = new Map<string, number>();
  const journal = new IntakeJournal({
    record(fact, amount = 1, labels = {}) {
      assert.equal(fact, facts.eventsDenied);
      const type = labels["type"] ?? "none";
      counts.set(type, (counts.get(type) ?? 0) + amount);
    },
  });
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
});
