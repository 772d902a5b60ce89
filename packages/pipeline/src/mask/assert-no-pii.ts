import { createMasker, type Masker } from "./masker.ts";
import type { Finding } from "./plain-value.ts";

/** Something personal or secret is where none should be. The message says where and of what kind, never what. */
export class PiiError extends Error {
  override readonly name = "PiiError";
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(describe(findings));
    this.findings = findings;
  }
}

let builtIn: Masker | undefined;

/**
 * For tests: throws when masking would still find something. Texts, values of any depth, events, bytes and log
 * attributes are looked through.
 *
 * @param masker one with rules of your own; default: the built-in rules
 * @throws TypeError when `masker` is none, as options for one are not
 * @throws PiiError with the place and kind of each finding
 */
export function assertNoPii(value: unknown, masker?: Masker): void {
  if (masker !== undefined && typeof masker?.find !== "function")
    throw new TypeError("masker must be what createMasker gives, or left out");
  builtIn ??= createMasker();
  const findings = (masker ?? builtIn).find(value);
  if (findings.length > 0) throw new PiiError(findings);
}

const SHOWN = 10;

function describe(findings: readonly Finding[]): string {
  const lines = findings
    .slice(0, SHOWN)
    .map(({ path, kind }) => `${path === "" ? "the text" : path}: ${kind}`);
  if (findings.length > SHOWN) lines.push(`and ${findings.length - SHOWN} more`);
  return `personal or secret: ${lines.join("; ")}`;
}
