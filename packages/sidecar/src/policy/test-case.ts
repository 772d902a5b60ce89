/** What `policy test` asks about: a file each. */
import type { PolicyInput } from "@coresdk/pipeline";
import { findNearest } from "../config/nearest.ts";
import { readJson, TestCaseError } from "./test-json.ts";

export type Verdict = "allow" | "deny";

export interface TestCase {
  readonly input: Partial<PolicyInput>;
  /** What the file itself expects; `undefined` when it says nothing. */
  readonly expect: Verdict | undefined;
}

const INPUT_FIELDS = ["event_type", "subject", "source", "tenant_id"] as const;
const CASE_FIELDS = ["input", "expect"] as const;

/**
 * Reads a case in one of three forms: an input, an event in the JSON event format, such as `tap` prints, or
 * `{ input, expect }` with either of them.
 *
 * @throws TestCaseError when it is none
 */
export async function readTestCase(path: string): Promise<TestCase> {
  const fields = toFields(await readJson(path), "it");
  if (!CASE_FIELDS.some((name) => fields.has(name))) return { input: readInput(fields), expect: undefined };
  refuseOthers(fields, CASE_FIELDS);
  if (!fields.has("input")) throw new TestCaseError("input is missing beside expect");
  const input = readInput(toFields(fields.get("input"), "input"));
  return { input, expect: readExpect(fields.get("expect")) };
}

type Fields = ReadonlyMap<string, unknown>;

function toFields(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TestCaseError(`${name} must be an object`);
  }
  return new Map<string, unknown>(Object.entries(value));
}

function readInput(fields: Fields): Partial<PolicyInput> {
  if (fields.has("specversion")) return readEvent(fields);
  refuseOthers(fields, INPUT_FIELDS);
  const input: { -readonly [Name in keyof PolicyInput]?: string } = {};
  for (const field of INPUT_FIELDS) {
    const value = readText(fields, field);
    if (value !== undefined) input[field] = value;
  }
  return input;
}

/** What a policy never sees would be tested in vain. */
function refuseOthers(fields: Fields, known: readonly string[]): void {
  const other = [...fields.keys()].find((key) => !known.includes(key));
  if (other === undefined) return;
  const nearest = findNearest(other, known);
  const instead = nearest === undefined ? `there are ${known.join(", ")}` : `did you mean ${nearest}?`;
  throw new TestCaseError(`${JSON.stringify(other)} is unknown here; ${instead}`);
}

/** The input that such an event had; its tenant is a part of the subject. */
function readEvent(fields: Fields): Partial<PolicyInput> {
  const subject = readText(fields, "subject");
  const tenant = /^tenant\/([^/]+)/.exec(subject ?? "")?.[1];
  const [event_type, source] = [readText(fields, "type"), readText(fields, "source")];
  if (event_type === undefined || source === undefined) {
    throw new TestCaseError(`${event_type === undefined ? "type" : "source"} of the event is missing`);
  }
  return {
    event_type,
    source,
    ...(subject === undefined ? {} : { subject }),
    ...(tenant === undefined ? {} : { tenant_id: decodePart(tenant) }),
  };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function readText(fields: Fields, name: string): string | undefined {
  const value = fields.get(name);
  if (value === undefined || typeof value === "string") return value;
  throw new TestCaseError(`${name} must be text`);
}

function readExpect(value: unknown): Verdict | undefined {
  if (value === undefined || value === "allow" || value === "deny") return value;
  throw new TestCaseError("expect must be allow or deny");
}
