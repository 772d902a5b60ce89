/**
 * `npm run generate`: writes the TypeScript of the OTLP messages from `packages/sidecar/proto`. The output is
 * committed; nothing of the build or the tests needs the generator.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const out = join(root, "packages/sidecar/src/otlp/gen");

const template = {
  version: "v2",
  plugins: [
    {
      local: "protoc-gen-es",
      out,
      opt: ["target=ts", "import_extension=ts", "erasable_syntax=true", "elide_plugin_version=true"],
    },
  ],
};

rmSync(out, { recursive: true, force: true });
const run = spawnSync(
  join(bin, "buf"),
  ["generate", join(root, "packages/sidecar/proto"), "--template", JSON.stringify(template)],
  { stdio: "inherit", env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` } },
);
if (run.error !== undefined) throw new Error("buf could not be started", { cause: run.error });
process.exitCode = run.status ?? 1;
