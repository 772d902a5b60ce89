import type { Draft, Mask } from "../draft.ts";
import type { AnyValue, KeyValues } from "../log-event.ts";
import { maskUnder } from "./any-value.ts";
import { firstOf } from "./first-of.ts";
import type { MaskerCore } from "./masker-core.ts";
import { CleanTexts, EntryRules, TextMemo } from "./memos.ts";

/** Extension attributes that hold ids of a trace, checked when they were taken over. */
const TRACEPARENT = "traceparent";
const EXTENSION_PREFIX = "cloudevents.";

/** The masking stage (semantics, section 8): everything of a draft that a user's text can reach. */
export function createDraftMask(core: MaskerCore): Mask {
  const rules = new EntryRules(core);
  const partRules = new EntryRules(core);
  const clean = new CleanTexts(core);
  const types = new TextMemo(core);
  const texts = new TextMemo(core);
  let parts: readonly string[] = [];
  let maskedParts: readonly string[] = [];

  function maskEntries(draft: Draft): void {
    const { names, keys, values } = draft;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? "";
      const rule = rules.of(i, names[i] ?? "", key);
      const value = values[i] ?? null;
      // Most values are texts in which there is nothing.
      const isClean = typeof value === "string" && rule.treatment === "search" && clean.has(value);
      const masked = isClean ? value : maskUnder(core, rule.treatment, key, value);
      if (masked !== value) {
        values[i] = masked;
        draft.valuesMasked++;
      }
      if (rule.masked === key) continue;
      keys[i] = rule.masked;
      draft.keysChanged = true;
      draft.valuesMasked++;
    }
  }

  /** A part of the subject, under the name of the attribute that it came from. */
  function maskPart(part: string, place: number, name: string): string {
    if (part === "") return part;
    const { treatment } = partRules.of(place, name, name);
    if (treatment === "search" && clean.has(part)) return part;
    const masked = maskUnder(core, treatment, name, part);
    return typeof masked === "string" ? masked : part;
  }

  function maskParts(given: readonly string[]): readonly string[] {
    // The list is the resource's, one for all its records, and stays one, so that the source is composed once.
    if (given !== parts) {
      const masked = given.map((part) => core.text(part));
      maskedParts = masked.every((part, i) => part === given[i]) ? given : masked;
      parts = given;
    }
    return maskedParts;
  }

  return (draft) => {
    const failures = core.failures;
    draft.type = types.mask(draft.type);
    if (draft.source === undefined && draft.sourceParts.length > 0) {
      draft.sourceParts = maskParts(draft.sourceParts);
    }
    draft.tenant = maskPart(draft.tenant, 0, draft.tenantName);
    const user = maskPart(draft.user, 1, draft.userName);
    if (user !== draft.user) {
      draft.user = user;
      draft.userMasked = true;
    }
    // An id with a mark in it would be the same for many events.
    if (draft.uid !== "" && core.text(draft.uid) !== draft.uid) draft.uid = "";
    if (draft.severityText !== "") draft.severityText = texts.mask(draft.severityText);
    // A part of a state is none.
    if (draft.traceState !== "" && core.text(draft.traceState) !== draft.traceState) draft.traceState = "";
    if (draft.extensions !== undefined) draft.extensions = maskExtensions(core, draft.extensions);
    maskEntries(draft);
    if (draft.body !== undefined) {
      const body: AnyValue = maskUnder(core, "search", "", draft.body);
      if (body !== draft.body) {
        draft.body = body;
        draft.valuesMasked++;
      }
    }
    draft.maskFailures += core.failures - failures;
  };
}

function maskExtensions(core: MaskerCore, extensions: KeyValues): KeyValues {
  let changed: KeyValues | undefined;
  for (let i = 0; i < extensions.size; i++) {
    const name = extensions.keys[i] ?? "";
    const value = extensions.values[i] ?? null;
    const own = core.verdictOn(name);
    const treatment =
      own.treatment === "search" ? core.verdictOn(EXTENSION_PREFIX + name).treatment : own.treatment;
    const masked = name === TRACEPARENT ? value : maskUnder(core, treatment, name, value);
    // A name with a mark in it is none of an extension's: its attribute stays in the data, masked.
    const isNamed = own.key === name;
    if (isNamed && masked === value) {
      changed?.add(name, value);
      continue;
    }
    changed ??= firstOf(extensions, i);
    if (isNamed) changed.add(name, masked);
  }
  return changed ?? extensions;
}
