/**
 * What the READMEs show is compiled and run as it stands there: TypeScript blocks against a receiver on this
 * machine that stands in for the documented endpoint, sidecar configurations through `validate`, and the npm
 * scripts that they name exist. A block marked `ts compile` is type-checked only.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { repositoryRoot } from "../components.ts";

const run = promisify(execFile);
const DOCUMENTED_ENDPOINT = "https://events.acme.internal/ingest";

interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly mode: string;
  readonly text: string;
}

async function readBlocks(): Promise<readonly Block[]> {
  const packages = await readdir(join(repositoryRoot, "packages"));
  const files = ["README.md", "examples/README.md", ...packages.map((name) => `packages/${name}/README.md`)];
  const blocks: Block[] = [];
  for (const file of files) {
    const text = await readFile(join(repositoryRoot, file), "utf8");
    for (const match of text.matchAll(/^```(\w+)(?: +(\w+))?\n(.*?)^```$/gms)) {
      const line = text.slice(0, match.index).split("\n").length;
      blocks.push({ file, line, language: match[1] ?? "", mode: match[2] ?? "run", text: match[3] ?? "" });
    }
  }
  return blocks;
}

/** A folder for the blocks, inside the repository so that packages resolve from it. */
async function blockFolder(): Promise<string> {
  const parent = join(repositoryRoot, "testing", ".cache");
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, "readme-"));
}

test("TypeScript in the READMEs compiles", async (t) => {
  const folder = await blockFolder();
  t.after(() => rm(folder, { recursive: true }));
  const blocks = (await readBlocks()).filter(({ language }) => language === "ts");
  assert.ok(blocks.length > 0, "there are TypeScript blocks");
  for (const [i, block] of blocks.entries()) {
    await writeFile(
      join(folder, `block-${i}.ts`),
      `// ${block.file}:${block.line}\n${block.text}\nexport {};\n`,
    );
  }
  const config = {
    extends: "../../../tsconfig.check.json",
    // A reader's snippet may keep a value only to show its type.
    compilerOptions: { noUnusedLocals: false },
    include: ["*.ts"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  await run(join(repositoryRoot, "node_modules", ".bin", "tsc"), ["-p", folder]).catch(
    (error: { stdout?: string }) => assert.fail(`a README block does not compile:\n${error.stdout}`),
  );
});

test("TypeScript in the READMEs runs, and what it sends arrives", async (t) => {
  const folder = await blockFolder();
  t.after(() => rm(folder, { recursive: true }));
  let requests = 0;
  const receiver = createServer((request, response) => {
    request.resume().on("end", () => {
      requests++;
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  t.after(() => receiver.close());
  const { port } = receiver.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}/ingest`;

  const blocks = (await readBlocks()).filter(({ language, mode }) => language === "ts" && mode === "run");
  for (const [i, block] of blocks.entries()) {
    await t.test(`${block.file}:${block.line}`, async () => {
      const file = join(folder, `block-${i}.ts`);
      await writeFile(file, block.text.replaceAll(DOCUMENTED_ENDPOINT, endpoint));
      requests = 0;
      await run(process.execPath, ["--conditions=coresdk-source", file], { timeout: 60_000 });
      if (block.text.includes(DOCUMENTED_ENDPOINT)) assert.ok(requests > 0, "the receiver got a request");
    });
  }
});

test("Sidecar configurations in the READMEs are valid", async (t) => {
  const folder = await blockFolder();
  t.after(() => rm(folder, { recursive: true }));
  const blocks = (await readBlocks()).filter(({ language, text }) => {
    return language === "yaml" && text.startsWith("# coresdk-sidecar.yaml");
  });
  assert.ok(blocks.length > 0, "there are configurations");
  const env = { ...process.env, EVENTS_TOKEN: "t", KAFKA_USERNAME: "u", KAFKA_PASSWORD: "p" };
  const bin = join(repositoryRoot, "packages", "sidecar", "bin", "coresdk-sidecar.js");
  for (const [i, block] of blocks.entries()) {
    await t.test(`${block.file}:${block.line}`, async () => {
      const file = join(folder, `block-${i}.yaml`);
      await writeFile(file, block.text);
      await run(process.execPath, [bin, "validate", "--config", file], { env });
    });
  }
});

test("npm scripts named in the READMEs exist", async () => {
  const manifest: { scripts: Record<string, string> } = JSON.parse(
    await readFile(join(repositoryRoot, "package.json"), "utf8"),
  );
  for (const block of (await readBlocks()).filter(({ language }) => language === "sh")) {
    for (const [, script = ""] of block.text.matchAll(/npm run ([\w:-]+)/g)) {
      assert.ok(script in manifest.scripts, `${block.file}:${block.line} names npm run ${script}`);
    }
  }
});
