import { type MaskSettings, Secret } from "@coresdk/pipeline";
import { CATEGORIES, checkBlockedKey, checkLiteral, checkPattern } from "@coresdk/pipeline/mask";
import { isRecord, OptionReader } from "./option-reader.ts";

const NAMES = ["blockedKeys", "allowKeys", "patterns", "literals", "categories"] as const;

/**
 * Complete settings of masking from partial options; `false` is off.
 *
 * @param whose what takes the options, as errors name it; default: the emitter
 * @throws TypeError that names the option; no literal is in the message
 */
export function readMasking(options: unknown, whose?: string): MaskSettings | "off" {
  if (options === false) return "off";
  const reader = new OptionReader("masking", options ?? {}, NAMES, whose);
  return {
    blockedKeys: readTexts(reader, "blockedKeys", checkBlockedKey),
    allowKeys: readTexts(reader, "allowKeys", () => undefined),
    patterns: readPatterns(reader),
    literals: readTexts(reader, "literals", checkLiteral).map((literal) => new Secret(literal)),
    categories: readCategories(reader.raw("categories") ?? {}, reader.whose),
  };
}

function readList(reader: OptionReader, name: string, expected: string): readonly unknown[] {
  const value = reader.raw(name) ?? [];
  return Array.isArray(value) ? value : reader.fail(name, expected);
}

function readTexts(
  reader: OptionReader,
  name: string,
  check: (text: string) => string | undefined,
): readonly string[] {
  return readList(reader, name, "a list of texts").map((text, i) => {
    if (typeof text !== "string" || text === "")
      return reader.fail(`${name}[${i}]`, "a text that is not empty");
    const fault = check(text);
    return fault === undefined ? text : reader.reject(`${name}[${i}]`, fault);
  });
}

function readPatterns(reader: OptionReader): MaskSettings["patterns"] {
  const expected = "a list of { name, regex }";
  return readList(reader, "patterns", expected).map((pattern, i) => {
    if (!isRecord(pattern)) return reader.fail("patterns", expected);
    const name = pattern["name"];
    const regex = pattern["regex"];
    if (typeof name !== "string" || typeof regex !== "string") return reader.fail("patterns", expected);
    const fault = checkPattern(regex);
    return fault === undefined ? { name, regex } : reader.reject(`patterns[${i}].regex`, fault);
  });
}

function readCategories(options: unknown, whose: string): MaskSettings["categories"] {
  const reader = new OptionReader("masking.categories", options, CATEGORIES, whose);
  const entries = CATEGORIES.flatMap((category) => {
    const on = reader.raw(category);
    if (on === undefined) return [];
    return typeof on === "boolean" ? [[category, on] as const] : reader.fail(category, "true or false");
  });
  return Object.fromEntries(entries);
}
