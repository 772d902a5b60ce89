/** The oldest Node.js that the libraries run on (`engines`), from npm: installed into `.cache` on first use. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const VERSION = "22.0.0";

const cache = join(import.meta.dirname, "..", ".cache");
const home = join(cache, `node-${VERSION}`);

/** The package that has the program and no install script; `node`, which everybody knows, is a script around these. */
const { platform, arch } = process;
const prefix = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
const name = `${prefix}-${platform === "win32" ? "win" : platform}-${arch}`;

/** The path of the program. */
export function findOldestNode(): string | Error {
  const program = platform === "win32" ? "node.exe" : "node";
  const path = join(home, "node_modules", name, "bin", program);
  if (!existsSync(path)) install();
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 30_000 });
  return stdout?.trim() === `v${VERSION}`
    ? path
    : new Error(`npm install ${name}@${VERSION} gives no Node.js`);
}

/** Made aside and moved into place whole, so that an interrupted or a second run never leaves half of it. */
function install(): void {
  mkdirSync(cache, { recursive: true });
  const aside = mkdtempSync(join(cache, "node-"));
  try {
    const flags = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
    const args = ["install", ...flags, "--prefix", aside, `${name}@${VERSION}`];
    const { status } = spawnSync("npm", args, { cwd: aside, stdio: "ignore", timeout: 300_000 });
    if (status === 0 && !existsSync(home)) renameSync(aside, home);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
