/** What `npm run check` is to refuse, given to it. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Finding } from "../../scripts/check/finding.ts";
import { houseRules } from "../../scripts/check/house-rules.ts";
import { judgeLock } from "../../scripts/check/lockfile.ts";
import { judgeManifest } from "../../scripts/check/manifest-rules.ts";
import { readManifest } from "../../scripts/check/manifests.ts";
import { readSources } from "../../scripts/check/sources.ts";
import { createDirectory } from "../directory.ts";

/** What the house rules hold against a folder with these files. */
async function judge(t: TestContext, files: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const folder = createDirectory(t);
  const config = JSON.stringify({ compilerOptions: { noEmit: true }, files: Object.keys(files) });
  for (const [path, text] of Object.entries({ ...files, "tsconfig.check.json": config })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const { findings } = await houseRules(readSources(folder)).run();
  return findings;
}

const at = "packages/pipeline/src";
// Put together here, so that this file has none of them.
const ignore = (tool: string): string => `// ${tool}-ignore`;

const refused: readonly [name: string, path: string, text: string, line: number, because: RegExp][] = [
  ["any", `${at}/a.ts`, "export const a = 1;\nexport const b: any = a;\n", 2, /the type any/],
  ["any in a test", "testing/a.test.ts", "const a = [] as any[];\n", 1, /the type any/],
  ["any as an argument", `${at}/a.ts`, "export type A = Map<string, any>;\n", 1, /the type any/],
  ["a blanket export", `${at}/a.ts`, 'export * from "./b.ts";\n', 1, /export \*/],
  ["a blanket export under a name", `${at}/a.ts`, 'export * as b from "./b.ts";\n', 1, /export \*/],
  ["a default export", `${at}/a.ts`, "const a = 1;\nexport default a;\n", 2, /default export/],
  ["a default function", `${at}/a.ts`, "export default function a(): void {}\n", 1, /default export/],
  [
    "a compiler told to look away",
    `${at}/a.ts`,
    `${ignore("@ts")}\nexport {};\n`,
    1,
    /compiler to look away/,
  ],
  ["an error expected without a reason", `${at}/a.ts`, `// @ts-expect-${"error"}\n`, 1, /without saying why/],
  ["a linter told to look away", `${at}/a.ts`, `${ignore("biome")} lint: x\n`, 1, /linter to look away/],
  ["a focused test", "testing/a.test.ts", `test.${"only"}("a", () => {});\n`, 1, /focused or skipped/],
  ["a skipped suite", "testing/a.test.ts", `describe.${"skip"}("a", () => {});\n`, 1, /focused or skipped/],
  ["a test to come", "testing/a.test.ts", `it.${"todo"}("a");\n`, 1, /focused or skipped/],
  ["unfinished work", `${at}/a.ts`, `// ${"TO"}${"DO"}: more\nexport {};\n`, 1, /unfinished/],
  ["a name in camel case", `${at}/someThing.ts`, "export {};\n", 1, /not kebab-case/],
  ["a name that says nothing", `${at}/utils.ts`, "export {};\n", 1, /does not say what it holds/],
  ["a file of 401 lines", `${at}/a.ts`, "export {};\n".repeat(401), 401, /does it hold one thing/],
  ["a clock in wrap", `${at}/wrap/a.ts`, "export const now = Date.now();\n", 1, /of its own/],
  ["randomness in mask", `${at}/mask/a.ts`, "export const a = Math.random();\n", 1, /of its own/],
  ["a timer in encode", `${at}/encode/a.ts`, "setTimeout(() => {}, 1);\n", 1, /of its own/],
];

for (const [name, path, text, line, because] of refused) {
  test(`refused: ${name}`, async (t) => {
    const findings = await judge(t, { [path]: text });
    const found = findings.filter(({ message }) => because.test(message));
    assert.deepEqual(
      found.map(({ place }) => place),
      [`${path}:${line}`],
      JSON.stringify(findings),
    );
  });
}

test("refused: half of the files with more than 250 lines", async (t) => {
  const long = "export {};\n".repeat(250);
  const findings = await judge(t, { [`${at}/a.ts`]: long, [`${at}/b.ts`]: long });
  assert.deepEqual(findings, [{ place: "packages", message: "the median file has 250 lines" }]);
});

test("allowed: what only looks like it", async (t) => {
  const text = `/** Anything, by default; the clock is handed in. */
export function read(any: string, now: () => number): number {
  switch (any) {
    default:
      return now();
  }
}
`;
  assert.deepEqual(await judge(t, { [`${at}/wrap/read-it.ts`]: text }), []);
});

test("refused: a dependency that runs a script when it is installed, however deep", async () => {
  const packages = {
    "packages/pipeline": { dependencies: { one: "1" } },
    "node_modules/one": { optionalDependencies: { two: "1" } },
    "node_modules/one/node_modules/two": { hasInstallScript: true },
    "node_modules/of-tests-alone": { hasInstallScript: true },
  };
  const { findings } = await judgeLock({ packages });
  assert.deepEqual(
    findings.map(({ message }) => message),
    ["node_modules/one/node_modules/two runs a script when it is installed"],
  );
});

test("refused: a lock file that pins a download address or lacks another platform's package", async () => {
  const packages = {
    "node_modules/one": { resolved: "https://registry.example.com/one.tgz" },
    "node_modules/two": { optionalDependencies: { "two-of-windows": "1" } },
    "node_modules/@coresdk/pipeline": { resolved: "packages/pipeline", link: true },
  };
  const { findings } = await judgeLock({ packages });
  assert.deepEqual(
    findings.map(({ message }) => message.replace(/:.*/, "")),
    [
      "node_modules/one pins a download address",
      "node_modules/two may need two-of-windows on another platform, and nothing is locked",
    ],
  );
});

test("refused: a manifest that runs scripts, depends on who depends on it, or differs between its two lives", () => {
  const manifest = readManifest("pipeline");
  assert.deepEqual(judgeManifest("pipeline", manifest), []);
  const spoilt: readonly [Partial<typeof manifest>, RegExp][] = [
    [{ engines: {} }, /engines\.node is not set/],
    [{ publishConfig: {} }, /one manifest serves both lives/],
    [{ scripts: { postinstall: "node x.js" } }, /postinstall runs on installation/],
    [{ dependencies: { "@coresdk/sidecar": "0.1.0" } }, /may not depend on @coresdk\/sidecar/],
    [{ exports: { ".": { types: "./dist/a.d.ts", default: "./dist/a.js" } } }, /has the conditions types/],
    [
      {
        exports: { ".": { "coresdk-source": "./src/b.ts", types: "./dist/a.d.ts", default: "./dist/a.js" } },
      },
      /names different files/,
    ],
  ];
  for (const [change, because] of spoilt) {
    const messages = judgeManifest("pipeline", { ...manifest, ...change });
    assert.equal(messages.length, 1, JSON.stringify(messages));
    assert.match(messages[0] ?? "", because);
  }
});
