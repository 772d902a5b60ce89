/** Reads OPA's test cases and judges what the engine makes of one. */
import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { createEngine, type QueryAnswer, RegoError, type RegoValue } from "@coresdk/rego";
import { parse } from "yaml";

/** A case as OPA writes it; `v1/test/cases/cases.go` says what the fields mean. */
export interface OpaCase {
  readonly folder: string;
  readonly note: string;
  readonly query: string;
  readonly modules?: readonly string[];
  readonly data?: RegoValue;
  readonly input?: RegoValue;
  readonly input_term?: string;
  readonly want_defined?: boolean;
  readonly want_result?: readonly Bindings[];
  readonly want_error?: string;
  readonly want_error_code?: string;
  readonly sort_bindings?: boolean;
  readonly strict_error?: boolean;
}

interface Bindings {
  readonly [name: string]: RegoValue;
}

/** All cases below a folder. Their shape is OPA's, and trusted. */
export function readCases(root: string): OpaCase[] {
  return globSync("**/*.yaml", { cwd: root })
    .sort()
    .flatMap((path) => {
      const file: { readonly cases: readonly Omit<OpaCase, "folder">[] } = parse(
        readFileSync(join(root, path), "utf8"),
      );
      const folder = path.split(sep)[0] ?? "";
      return file.cases.map((each) => ({ ...each, folder }));
    });
}

/** Runs a case; says what is wrong, or nothing. Errors have other words here than in OPA, so any will do. */
export function objectionTo(opaCase: OpaCase): string | undefined {
  const answer = run(opaCase);
  const { want_error, want_error_code, want_result, want_defined = true, sort_bindings = false } = opaCase;
  const wantsError = want_error !== undefined || want_error_code !== undefined;
  if (answer.kind === "error") return wantsError ? undefined : answer.error.message;
  if (wantsError) return `no error: ${want_error ?? want_error_code}`;
  const bindings = answer.results.map((result) => result.bindings);
  if (want_result === undefined) {
    return bindings.length > 0 === want_defined ? undefined : `${bindings.length} results`;
  }
  const [got, wanted] = [bindings, want_result].map((list) => comparable(list, sort_bindings));
  return got === wanted ? undefined : `gives ${got}, not ${wanted}`;
}

function run({ modules = [], data, input, input_term, query, strict_error = false }: OpaCase): QueryAnswer {
  try {
    const engine = createEngine(
      {
        modules: modules.map((text, index) => ({ file: `module-${index}.rego`, text })),
        documents: data === undefined ? [] : [{ file: "data.json", path: [], text: JSON.stringify(data) }],
      },
      { strictBuiltinErrors: strict_error },
    );
    const term = input_term === undefined ? undefined : engine.query(input_term, undefined);
    const given = term?.kind === "results" ? term.results[0]?.values[0] : input;
    return engine.query(query, given, { nowNs: 1_700_000_000_000_000_000n });
  } catch (error) {
    if (error instanceof RegoError) return { kind: "error", error };
    throw error;
  }
}

/** Results in no order, numbers by their value. */
function comparable(results: readonly Bindings[], sortsBindings: boolean): string {
  const lines = results.map((bindings) => {
    const values = Object.entries(bindings).map(([name, value]): [string, RegoValue] => {
      const isList = sortsBindings && isArray(value);
      return [name, isList ? value.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) : value];
    });
    return key(Object.fromEntries(values));
  });
  return lines.sort().join(" ");
}

function key(value: RegoValue): string {
  return JSON.stringify(normal(value));
}

function normal(value: RegoValue): RegoValue {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map(normal);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, normal(inner)]));
}

function isArray(value: RegoValue): value is readonly RegoValue[] {
  return Array.isArray(value);
}
