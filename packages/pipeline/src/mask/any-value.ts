/** Values of OpenTelemetry, masked. What is changed is a copy: lists and maps may be shared with other events. */
import { MAX_DEPTH } from "../depth.ts";
import { type AnyValue, IntegralDouble, KeyValues } from "../log-event.ts";
import { REDACTED } from "./categories.ts";
import { firstOf } from "./first-of.ts";
import { KeyLines } from "./key-lines.ts";
import { isTraceId, type Treatment } from "./key-rules.ts";
import type { MaskerCore } from "./masker-core.ts";
import { DistinctKeys, followsSecretName, holdsLogin, isPassKey } from "./pairs.ts";
import { secretMembers } from "./repeated.ts";
import { endWithValue } from "./rules/items.ts";

/** The value under a key that is not in a map; the same value when nothing was found. */
export function maskUnder(core: MaskerCore, treatment: Treatment, key: string, value: AnyValue): AnyValue {
  switch (treatment) {
    case "keep":
      return value;
    case "redact":
      return holdsNothing(value) ? value : core.redact("blocked_keys");
    case "id":
      return typeof value === "string" && isTraceId(value) ? value : maskAny(core, key, value, 0);
    default:
      return maskAny(core, key, value, 0);
  }
}

function maskAny(core: MaskerCore, key: string, value: AnyValue, depth: number): AnyValue {
  switch (typeof value) {
    case "string":
      return core.text(value);
    case "number":
    case "bigint":
      return maskNumber(core, value, value);
    case "boolean":
      return value;
    default:
      break;
  }
  if (value === null) return value;
  if (value instanceof IntegralDouble) return maskNumber(core, value, value.value);
  if (value instanceof Uint8Array) return core.bytes(value);
  // Seal refuses an event with a value nested deeper.
  if (depth > MAX_DEPTH) return value;
  return value instanceof KeyValues ? maskMap(core, key, value, depth) : maskList(core, key, value, depth);
}

function maskNumber(core: MaskerCore, value: AnyValue, number: number | bigint): AnyValue {
  const kind = core.findInNumber(number);
  return kind === undefined ? value : core.redact(kind);
}

function maskMap(core: MaskerCore, parent: string, map: KeyValues, depth: number): KeyValues {
  let changed: KeyValues | undefined;
  let distinct: DistinctKeys | undefined;
  const isSecret = secretMembers(core, map.keys, map.values);
  const isLogin = holdsLogin(core, map.keys);
  for (let i = 0; i < map.size; i++) {
    const key = map.keys[i] ?? "";
    const value = map.values[i] ?? null;
    let maskedKey = core.key(key);
    if (maskedKey !== key) {
      distinct ??= new DistinctKeys(new Set(map.keys));
      maskedKey = distinct.take(maskedKey);
    }
    const masked =
      (isSecret(key, value) || (isLogin && isPass(core, parent, key, value))) && !holdsNothing(value)
        ? core.redact("blocked_keys")
        : maskEntry(core, parent, key, value, depth);
    if (changed === undefined && (maskedKey !== key || masked !== value)) changed = firstOf(map, i);
    changed?.add(maskedKey, masked);
  }
  return changed ?? map;
}

/** A number counts something; what the user allows stays. */
function isPass(core: MaskerCore, parent: string, key: string, value: AnyValue): boolean {
  return isPassKey(key) && typeof value === "string" && core.treat(key, parent) === "search";
}

function maskEntry(core: MaskerCore, parent: string, key: string, value: AnyValue, depth: number): AnyValue {
  const treatment = core.treat(key, parent);
  if (treatment === "search") return maskAny(core, key, value, depth + 1);
  if (treatment === "id" && !(typeof value === "string" && isTraceId(value)))
    return maskAny(core, key, value, depth + 1);
  return treatment === "redact" && !holdsNothing(value) ? core.redact("blocked_keys") : value;
}

/** Under the key of a secret `true`, `false` and no value say that there is one, and not which. */
export function holdsNothing(value: unknown): boolean {
  return value === null || value === undefined || typeof value === "boolean" || value === REDACTED;
}

function maskList(
  core: MaskerCore,
  key: string,
  list: readonly AnyValue[],
  depth: number,
): readonly AnyValue[] {
  let changed: AnyValue[] | undefined;
  const lines = core.seeksKeys ? new KeyLines() : undefined;
  for (let i = 0; i < list.length; i++) {
    const item = list[i] ?? null;
    const isLine = lines?.takes(item) === true;
    const masked =
      (isLine || followsSecretName(core, key, list, i)) && item !== REDACTED
        ? core.redact("blocked_keys")
        : maskItem(core, key, item, depth + 1);
    if (changed === undefined && masked !== item) changed = list.slice(0, i);
    changed?.push(masked);
  }
  return changed ?? list;
}

function maskItem(core: MaskerCore, key: string, item: AnyValue, depth: number): AnyValue {
  return typeof item === "string" ? endWithValue(core, core.text(item)) : maskAny(core, key, item, depth);
}
