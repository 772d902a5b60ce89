import { RegoError } from "./errors.ts";

/**
 * The path below `data` of a package that is named with slashes: `acme/cloudevents-egress` is
 * `data.acme["cloudevents-egress"]`.
 *
 * @throws RegoError with the code `path` when a part is empty
 */
export function packagePath(name: string): string {
  const segments = name.split("/");
  if (segments.includes("")) throw new RegoError("path", `the package name ${quote(name)} has an empty part`);
  return dataPath(segments);
}

/**
 * The path of a rule of such a package: `data.acme["cloudevents-egress"].allow`.
 *
 * @param name the package, its parts divided by slashes
 * @param rule the rule's name
 * @throws RegoError with the code `path` when a part is empty
 */
export function rulePath(name: string, rule: string): string {
  if (rule === "") throw new RegoError("path", "the rule has no name");
  return packagePath(name) + step(rule);
}

/** The path to something below `data`. */
export function dataPath(segments: readonly string[]): string {
  return `data${segments.map(step).join("")}`;
}

/**
 * The names along a path that `dataPath` could have made.
 *
 * @returns `undefined` for any other text
 */
export function pathSegments(path: string): readonly string[] | undefined {
  const steps = /(?:\.([A-Za-z_]\w*))|(?:\[("(?:[^"\\]|\\.)*")\])/y;
  if (!path.startsWith("data")) return undefined;
  const segments: string[] = [];
  steps.lastIndex = 4;
  while (steps.lastIndex < path.length) {
    const match = steps.exec(path);
    if (match === null) return undefined;
    const name = match[1] ?? unquote(match[2] ?? "");
    if (name === undefined) return undefined;
    segments.push(name);
  }
  return segments;
}

const keywords = new Set(
  "as contains default else every false if import in not null package some true with".split(" "),
);

function step(name: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !keywords.has(name);
  return isPlain ? `.${name}` : `[${quote(name)}]`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function unquote(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
