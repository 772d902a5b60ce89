/** The official features where they are, and the project's own beside them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { conformanceDir, requireComponent } from "../components.ts";
import { parseFeature } from "./gherkin.ts";
import { runScenario } from "./steps.ts";

async function runFolder(t: TestContext, folder: string): Promise<void> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".feature"));
  t.assert.ok(files.length > 0, `no feature in ${folder}`);
  for (const file of files) {
    const scenarios = parseFeature(readFileSync(join(folder, file), "utf8"));
    t.assert.ok(scenarios.length > 0, `no scenario in ${file}`);
    for (const scenario of scenarios) await t.test(`${file}: ${scenario.name}`, () => runScenario(scenario));
  }
}

test("the official features of the CloudEvents conformance suite", async (t) => {
  if ((await requireComponent(t, "conformance data")) === undefined) return;
  await runFolder(t, join(conformanceDir, "features"));
});

test("the project's own features", async (t) => {
  await runFolder(t, join(import.meta.dirname, "features"));
});
