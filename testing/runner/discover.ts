import { globSync } from "node:fs";
import { join, sep } from "node:path";
import { repositoryRoot } from "../components.ts";

/** One test file. */
export interface TestFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  /** What it is listed under: a package's name, a folder of `testing/`, `otel2` or `examples`. */
  readonly suite: string;
}

const patterns = [
  "packages/*/test/**/*.test.ts",
  "testing/**/*.test.ts",
  "testing-otel2/**/*.test.ts",
  "examples/**/*.test.ts",
];

/** The order in which suites run: what says most in the shortest time comes first. */
const order = ["cloudevents", "rego", "pipeline", "opentelemetry", "sidecar", "conformance"];

/**
 * Every test file of the repository, in the order to run them.
 *
 * @param filters names of suites or parts of paths; a file is taken when one of them fits, all are when there is none
 */
export function discover(filters: readonly string[]): TestFile[] {
  const paths = globSync(patterns, {
    cwd: repositoryRoot,
    exclude: (path) => /(^|[\\/])(node_modules|\.cache)$/.test(path),
  });
  return paths
    .map((path) => path.split(sep).join("/"))
    .map((path) => ({ path, suite: suiteOf(path) }))
    .filter((file) => filters.length === 0 || filters.some((filter) => fits(file, filter)))
    .sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}

/** The absolute path of a test file. */
export function absolute(file: TestFile): string {
  return join(repositoryRoot, file.path);
}

function suiteOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  if (first === "testing-otel2") return "otel2";
  return first === "packages" || first === "testing" ? second : first;
}

function fits(file: TestFile, filter: string): boolean {
  return file.suite === filter || file.path.includes(filter.replace(/^\.\//, ""));
}

function rank(file: TestFile): number {
  const place = order.indexOf(file.suite);
  return place < 0 ? order.length : place;
}
