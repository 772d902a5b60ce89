import { readError } from "./compile-error.ts";
import type { EngineLimits, PolicySet } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import { examine } from "./examine.ts";
import { Instance, type SavedState } from "./instance.ts";
import type { ModuleSummary } from "./module-summary.ts";
import { checkCharacters, checkImports, checkNesting } from "./module-text.ts";

/** Policies that have been loaded. */
export interface LoadedPolicies {
  /** What every instance that evaluates them begins with, in whichever thread. */
  readonly state: SavedState;
  /** What the modules read. */
  readonly summaries: readonly ModuleSummary[];
}

/**
 * Loads policies, once for all instances.
 *
 * @throws RegoError for policies that are refused, or break the engine
 */
export function loadPolicies(given: PolicySet, limits: EngineLimits, isStrict: boolean): LoadedPolicies {
  const policies = withoutMarks(given);
  checkTexts(policies, limits);
  const instance = loadInstance(policies, limits, isStrict);
  const parsed = instance.save();
  const summaries = examine(instance, policies);
  // Out of an instance whose memory has not grown by the syntax trees; the first evaluation forgets its own.
  const fresh = new Instance(limits, isStrict, parsed);
  fresh.query("true", "", undefined);
  return { state: fresh.save(), summaries };
}

/**
 * Refuses policies that are more, larger or nested deeper than allowed, or hold characters that are.
 *
 * @param policies without the byte order marks that a file may begin with
 * @throws RegoError with the code `limit`, or `compile` for a character
 */
function checkTexts({ modules, documents = [] }: PolicySet, limits: EngineLimits): void {
  const { maxModules, maxModuleBytes, maxDocumentBytes, maxNesting } = limits;
  if (modules.length > maxModules) refuse(`there are ${modules.length} modules, more than ${maxModules}`);
  if (bytesOf(modules) > maxModuleBytes)
    refuse(`the modules are larger than ${maxModuleBytes} bytes together`);
  if (bytesOf(documents) > maxDocumentBytes) {
    refuse(`the documents are larger than ${maxDocumentBytes} bytes together`);
  }
  for (const { file, text } of modules) {
    checkCharacters(file, text);
    checkNesting(file, text, maxNesting);
    checkImports(file, text);
  }
}

/** The policies without the byte order marks that a file may begin with. */
function withoutMarks({ modules, documents = [] }: PolicySet): PolicySet {
  const strip = <File extends { readonly text: string }>(file: File): File =>
    file.text.startsWith("\ufeff") ? { ...file, text: file.text.slice(1) } : file;
  return { modules: modules.map(strip), documents: documents.map(strip) };
}

/**
 * Makes an instance of the engine and loads policies into it.
 *
 * @throws RegoError for policies that do not parse, do not compile, or break the engine
 */
function loadInstance(policies: PolicySet, limits: EngineLimits, isStrict: boolean): Instance {
  const instance = new Instance(limits, isStrict);
  for (const { file, text } of policies.modules) {
    const { status, text: said } = explainCrash(file, () => instance.addModule(file, text));
    if (status !== "value") throw readError("compile", said);
  }
  for (const { file, path, text } of policies.documents ?? []) {
    const { status, text: said } = instance.addData(path, text);
    if (status !== "value") throw documentError(file, said.trim());
  }
  const [only, another] = policies.modules;
  const all = only === undefined || another !== undefined ? "the policies" : only.file;
  const { status, text: said } = explainCrash(all, () => instance.prepare());
  if (status !== "undefined")
    throw readError("compile", said || `the policies cannot be compiled: ${status}`);
  return instance;
}

/** Says what breaks the engine before anything is evaluated. */
function explainCrash<Result>(what: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof RegoError) || cause.code !== "crash") throw cause;
    const message = `${what}: too much for the engine; an expression of thousands of parts or a rule of thousands of statements is`;
    throw new RegoError("crash", message, { cause });
  }
}

/** The engine quotes the values of which two stand at one path: they are nobody's who reads a log. */
function documentError(file: string, said: string): RegoError {
  const match = /^(.{1,200}) at line (\d+) column (\d+)$/.exec(said);
  if (match !== null) return new RegoError("document", `${file}:${match[2]}:${match[3]}: ${match[1]}`);
  if (said === "data must be object")
    return new RegoError("document", `${file}: the whole must be an object`);
  return new RegoError("document", `${file} and another document have different values at one path`);
}

function bytesOf(files: readonly { readonly text: string }[]): number {
  return files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
}

function refuse(message: string): never {
  throw new RegoError("limit", message);
}
