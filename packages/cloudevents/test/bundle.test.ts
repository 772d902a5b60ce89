/** What a page or a worker gets: bundled as users do, from the sources, with nothing of Node. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build, type Format } from "esbuild";

const MAX_ROOT_GZIPPED = 12 * 1024;

async function bundle(contents: string, format: Format): Promise<{ text: string; imports: string[] }> {
  const result = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    format,
    platform: "browser",
    target: "es2022",
    conditions: ["coresdk-source"],
    globalName: "bundled",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const [output] = Object.values(result.metafile.outputs);
  return { text: result.outputFiles[0]?.text ?? "", imports: output?.imports.map(({ path }) => path) ?? [] };
}

describe("bundles", () => {
  it("of the root entry are at most 12 kB, minified and gzipped", async () => {
    const { text } = await bundle('export * from "@coresdk/cloudevents";', "esm");
    const size = gzipSync(text, { level: 9 }).length;
    assert.ok(size <= MAX_ROOT_GZIPPED, `${size} bytes`);
    assert.ok(text.includes("missing_attribute"));
  });

  for (const entry of ["", "/json", "/http", "/kafka"]) {
    it(`of @coresdk/cloudevents${entry} import nothing`, async () => {
      const { text, imports } = await bundle(`export * from "@coresdk/cloudevents${entry}";`, "esm");
      assert.deepEqual(imports, []);
      assert.doesNotMatch(text, /node:|\brequire\(|\bBuffer\b|\bprocess\./);
    });
  }

  it("run where there is nothing but the web's own globals, without code made at run time", async () => {
    const { text } = await bundle(
      `import { createEvent } from "@coresdk/cloudevents";
       import * as http from "@coresdk/cloudevents/http";
       import * as kafka from "@coresdk/cloudevents/kafka";
       const event = createEvent({ type: "t", source: "/s", subject: "€", data: new Uint8Array([1, 2, 3]) });
       const over = [http.encode(event), http.encode(event, { mode: "binary" })].map((message) => http.decode(message));
       const record = kafka.decode(kafka.encode(event, { mode: "binary" }));
       export const outcome = JSON.stringify([...over, record].map(({ id, subject, data }) => [id === event.id, subject, [...data]]));`,
      "iife",
    );
    const globals = { TextEncoder, TextDecoder, crypto };
    const outcome: unknown = runInNewContext(`${text};bundled.outcome`, globals, {
      contextCodeGeneration: { strings: false, wasm: false },
      timeout: 10_000,
    });
    assert.equal(outcome, JSON.stringify(Array.from({ length: 3 }, () => [true, "€", [1, 2, 3]])));
  });
});
