/**
 * All packages installed once, from their tarballs and beside what a user has next to them: asking the registry
 * takes by far the longest. A project of one package is then made of what that package says that it needs.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { packPackages } from "../../scripts/pack.ts";

const execute = promisify(execFile);

const packages = ["cloudevents", "rego", "pipeline", "opentelemetry", "sidecar"];
/** What a user of the emitter has beside it. */
const neighbours = ["@opentelemetry/api@1.10", "@opentelemetry/sdk-logs@3"];

const manifest = { private: true, type: "module" };

/** A package as npm's lock file describes it. */
interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Packages by the folder that they are in, from the project's: `node_modules/a/node_modules/b`. */
type Lock = Readonly<Record<string, Locked>>;

export interface Installation {
  /** Puts into a project the named packages and all that they declare, directly or not; and nothing else. */
  project(folder: string, names: readonly string[]): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Packs the packages and installs the tarballs.
 * @throws Error with what the compiler or npm said
 */
export async function installAll(): Promise<Installation> {
  const root = await mkdtemp(join(tmpdir(), "coresdk-installed-"));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    const tarballs = await packPackages(packages, root);
    await writeFile(join(root, "package.json"), JSON.stringify(manifest));
    const flags = ["install", "--no-audit", "--no-fund", "--prefer-offline"];
    const paths = tarballs.map((tarball) => tarball.path);
    await runAsUser(root, "npm", [...flags, ...paths, ...neighbours]);
    const text = await readFile(join(root, "node_modules", ".package-lock.json"), "utf8");
    const { packages: lock }: { readonly packages: Lock } = JSON.parse(text);
    return {
      remove,
      project: (folder, names) => makeProject(root, lock, folder, names),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeProject(
  root: string,
  lock: Lock,
  folder: string,
  names: readonly string[],
): Promise<void> {
  const dependencies = Object.fromEntries(names.map((name) => [name, "*"]));
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, dependencies }));
  for (const place of closure(lock, names)) {
    const source = join(root, place);
    await mkdir(dirname(join(folder, place)), { recursive: true });
    await cp(source, join(folder, place), {
      recursive: true,
      // What is nested in it is a package of its own, which may be another's.
      filter: (path) => path === source || basename(path) !== "node_modules",
    });
  }
  await linkCommands(join(root, "node_modules", ".bin"), join(folder, "node_modules", ".bin"));
}

/** The commands of the packages that are there. */
async function linkCommands(source: string, destination: string): Promise<void> {
  await mkdir(destination);
  for (const name of await readdir(source)) {
    const target = await readlink(join(source, name));
    if (existsSync(join(destination, target))) await symlink(target, join(destination, name));
  }
}

/** Where the packages and all that they declare are. */
function closure(lock: Lock, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = names.map((name) => ({ name, from: "" }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const place = resolve(lock, next.name, next.from);
    if (place === undefined || found.has(place)) continue;
    found.add(place);
    const { dependencies, optionalDependencies, peerDependencies } = lock[place] ?? {};
    const needed = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    waiting.push(...needed.map((name) => ({ name, from: place })));
  }
  return found;
}

/** As Node looks for it: beside what needs it first, then further out. Undefined: for another kind of machine. */
function resolve(lock: Lock, name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const place = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (Object.hasOwn(lock, place)) return place;
    if (at === "") return undefined;
  }
}

/**
 * Runs a program as in a user's shell: without what `npm test` sets for this repository, and with the Node that
 * runs the tests in front. The authorities that a machine trusts are its user's: without them npm would ask a
 * registry behind them again and again. Gives what it printed.
 *
 * @throws Error when it fails
 */
export async function runAsUser(cwd: string, program: string, args: readonly string[]): Promise<string> {
  const ours =
    /^(npm_(lifecycle|package|execpath|node|command|config_local_prefix)|INIT_CWD|NODE_(?!EXTRA_CA_CERTS$)|CORESDK_|OTEL_)/;
  const kept = Object.entries(process.env).filter(([key]) => !ours.test(key));
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  const env = { ...Object.fromEntries(kept), PATH };
  const { stdout } = await execute(program, args, { cwd, env, timeout: 300_000 });
  return stdout;
}
