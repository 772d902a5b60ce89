import type * as z from "zod";
import type { ConfigDocument } from "./document.ts";
import type { Merged, PathIssue } from "./merge.ts";
import { configSchema } from "./schema.ts";
import { describeKey, describeKind, showPath } from "./shown.ts";
import { suggestKey } from "./suggest-key.ts";
import { isTreeMap, type Path, pathKey, readAt, TextValue, type Tree } from "./tree.ts";

export type Validated =
  | { readonly ok: true; readonly document: ConfigDocument }
  | { readonly ok: false; readonly issues: readonly PathIssue[] };

/** Validates the merged tree; all issues at once, and no value in any of them. */
export function validateConfig({ tree, issues: known }: Merged): Validated {
  const result = configSchema.safeParse(tree);
  if (result.success) return { ok: true, document: result.data };
  // Where the text itself was wrong there is no value, and nothing more to say.
  const said = new Set(known.map(({ path }) => pathKey(path)));
  const issues = result.error.issues
    .flatMap((issue) => describe(issue, toPath(issue.path), tree))
    .filter(({ path }) => !said.has(pathKey(path)));
  return { ok: false, issues };
}

function describe(issue: z.core.$ZodIssue, path: Path, tree: Merged["tree"]): readonly PathIssue[] {
  const name = showPath(path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: describeUnknown(path, key),
        atKey: true,
      }));
    case "invalid_key": {
      const [inner] = issue.issues;
      const where = showPath(path.slice(0, -1));
      const message = inner?.message ?? "is not allowed";
      return [
        { path, message: join(isPredicate(message) ? `a key of ${where}` : where, message), atKey: true },
      ];
    }
    case "invalid_union": {
      const inner = chooseBranch(issue.errors, readAt(tree, path));
      if (inner === undefined) return [{ path, message: `${name} ${issue.message}` }];
      return inner.flatMap((one) => describe(one, [...path, ...toPath(one.path)], tree));
    }
    case "invalid_type":
      return [{ path, message: describeType(issue, name, readAt(tree, path)) }];
    default:
      return [{ path, message: join(name, issue.message) }];
  }
}

/** Where structure is wanted, what is there instead is said: the line shows nothing of it. */
function describeType({ expected, message }: z.core.$ZodIssueInvalidType, name: string, value: Tree): string {
  const wanted = expected === "object" ? `${name} must be a mapping of keys to values` : join(name, message);
  const structured = expected === "object" || expected === "record" || expected === "array";
  if (!structured || value === undefined || value instanceof TextValue) return wanted;
  return `${wanted}; this is ${describeKind(value)}`;
}

/** Most own messages read on from the name; zod's are sentences. */
function join(name: string, message: string): string {
  return isPredicate(message) ? `${name} ${message}` : `${name}: ${message}`;
}

function isPredicate(message: string): boolean {
  return /^(?:must|is|holds) /.test(message);
}

/** Of a union's branches the one that a mapping was meant for; a plain value is told all the forms instead. */
function chooseBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  value: unknown,
): readonly z.core.$ZodIssue[] | undefined {
  if (!isTreeMap(value)) return undefined;
  return branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
}

function describeUnknown(path: Path, key: string): string {
  const where = path.length === 0 ? "" : ` in ${showPath(path)}`;
  const unknown = `unknown key ${describeKey(path, key)}${where}`;
  return key === "<<" ? `${unknown}: merge keys are not read` : `${unknown}; ${suggestKey(path, key)}`;
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === "number" ? part : String(part)));
}
