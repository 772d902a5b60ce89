/** What `policy test` asks about: a file each. */
import { readFile, stat } from "node:fs/promises";
import type { PolicyInput } from "@coresdk/pipeline";

export type Verdict = "allow" | "deny";

export interface TestCase {
  readonly input: Partial<PolicyInput>;
  /** What the file itself expects; `undefined` when it says nothing. */
  readonly expect: Verdict | undefined;
  /** What is in the file and in no input of an egress policy: left out. */
  readonly foreign: readonly string[];
}

/** A file that is no test case; the message says why, without naming the file. */
export class TestCaseError extends Error {
  override readonly name = "TestCaseError";
}

const MAX_BYTES = 1024 * 1024;
const FIELDS = ["event_type", "subject", "source", "tenant_id"] as const;

/**
 * Reads a case in one of three forms: an input, `{ input, expect }`, or an event in the JSON event format, such as `tap`
 * prints.
 *
 * @throws TestCaseError when it is none
 */
export async function readTestCase(path: string): Promise<TestCase> {
  const fields = await readObject(path);
  const inner = fields.get("input");
  if (!fields.has("event_type") && inner !== undefined) {
    const { input, foreign } = readInput(toFields(inner, "input"));
    const unknown = [...fields.keys()].filter((key) => key !== "input" && key !== "expect");
    return { input, expect: readExpect(fields.get("expect")), foreign: [...unknown, ...foreign] };
  }
  if (fields.has("specversion")) return { input: readEvent(fields), expect: undefined, foreign: [] };
  return { ...readInput(fields), expect: undefined };
}

type Fields = ReadonlyMap<string, unknown>;

async function readObject(path: string): Promise<Fields> {
  let text: string;
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new TestCaseError("is no file");
    if (stats.size > MAX_BYTES) throw new TestCaseError(`is larger than ${MAX_BYTES} bytes`);
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof TestCaseError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new TestCaseError(`cannot be read: ${why}`, { cause: error });
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return toFields(parsed, "it");
  } catch (error) {
    if (error instanceof TestCaseError) throw error;
    throw new TestCaseError("is no JSON", { cause: error });
  }
}

function toFields(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TestCaseError(`${name} must be an object`);
  }
  return new Map<string, unknown>(Object.entries(value));
}

function readInput(fields: Fields): Pick<TestCase, "input" | "foreign"> {
  const input: { -readonly [Name in keyof PolicyInput]?: string } = {};
  for (const field of FIELDS) {
    const value = readText(fields, field);
    if (value !== undefined) input[field] = value;
  }
  return { input, foreign: [...fields.keys()].filter((key) => !FIELDS.some((field) => field === key)) };
}

/** The input that such an event had; its tenant is a part of the subject. */
function readEvent(fields: Fields): Partial<PolicyInput> {
  const subject = readText(fields, "subject");
  const tenant = /^tenant\/([^/]+)/.exec(subject ?? "")?.[1];
  const all = { event_type: readText(fields, "type"), subject, source: readText(fields, "source") };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(tenant === undefined ? {} : { tenant_id: decodePart(tenant) }) };
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
