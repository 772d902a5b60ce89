import type { MaskSettings } from "@coresdk/pipeline";
import { CATEGORIES } from "@coresdk/pipeline/mask";
import type { ForwardMaskSettings } from "../forward/mask-forwarded.ts";
import type { MaskingDocument } from "./document.ts";
import type { Resolution } from "./resolution.ts";

/** What is masked of events (semantics, section 8): the built-in rules and what the configuration adds. */
export function resolveMasking({ document: { masking } }: Resolution): MaskSettings | "off" {
  if (masking?.enabled === false) return "off";
  return {
    blockedKeys: masking?.blocked_keys ?? [],
    allowKeys: masking?.allow_keys ?? [],
    patterns: masking?.patterns ?? [],
    literals: masking?.literals ?? [],
    categories: readCategories(masking?.categories),
  };
}

function readCategories(given: MaskingDocument["categories"]): MaskSettings["categories"] {
  const entries = CATEGORIES.flatMap((category) => {
    const on = given?.[category];
    return on === undefined ? [] : [[category, on] as const];
  });
  return Object.fromEntries(entries);
}

/** What is masked of that which is forwarded; events that are kept in OTLP are masked whatever `signals` says. */
export function resolveForwardMasking(
  { document }: Resolution,
  masking: MaskSettings | "off",
): ForwardMaskSettings | undefined {
  if (masking === "off") return undefined;
  const signals = new Set(document.masking?.signals ?? []);
  const enabled = document.cloud_events?.enabled ?? true;
  const keepsEvents = enabled && document.cloud_events?.keep_in_otlp === true;
  const settings: ForwardMaskSettings = {
    masking,
    logs: signals.has("logs") ? "all" : keepsEvents ? "events" : "none",
    traces: signals.has("traces"),
    metrics: signals.has("metrics"),
  };
  return settings.logs === "none" && !settings.traces && !settings.metrics ? undefined : settings;
}
