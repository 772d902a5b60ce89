import assert from "node:assert/strict";
import { test } from "node:test";
import { requireComponent } from "../components.ts";
import { objectionTo, readCases } from "./opa-cases.ts";
import { differences } from "./opa-differences.ts";

test("OPA's own cases pass, but for those that are listed with the reason", async (t) => {
  const root = await requireComponent(t, "OPA's cases");
  if (root === undefined) return;
  const cases = readCases(root);
  assert.ok(cases.length > 1_500, `${cases.length} cases`);
  const unlisted: string[] = [];
  const counts = new Map(differences.map((difference) => [difference, 0]));
  for (const opaCase of cases) {
    const objection = objectionTo(opaCase);
    if (objection === undefined) continue;
    const listed = differences.find(({ folder, says }) => folder === opaCase.folder && says.test(objection));
    if (listed === undefined) unlisted.push(`${opaCase.folder}: ${opaCase.note}: ${objection}`);
    else counts.set(listed, (counts.get(listed) ?? 0) + 1);
  }
  assert.deepEqual(unlisted, [], "cases that differ and are not listed");
  for (const [{ folder, says, cases: expected }, count] of counts) {
    assert.equal(count, expected, `${folder}: cases that differ as ${says}`);
  }
  const failed = [...counts.values()].reduce((sum, count) => sum + count, 0);
  t.diagnostic(`${cases.length - failed} of ${cases.length} cases pass`);
});
