import { type AnyValue, KeyValues, type Resource } from "../log-event.ts";
import type { KeyTable } from "./key-table.ts";

/** Tenant and user that attributes name. */
export interface Names {
  readonly tenant: Naming | undefined;
  readonly user: Naming | undefined;
}

/** What the events of one resource have in common. */
export interface ResourceFacts extends Names {
  /** `service.namespace` and `service.name`, without those that are absent or empty. */
  readonly sourceParts: readonly string[];
}

/** A tenant or user: its text for the subject, and what was found, for the data. */
export interface Naming {
  readonly name: string;
  readonly text: string;
  readonly value: AnyValue;
}

/** Reads what section 2 of the semantics takes from a resource. */
export function readResource(resource: Resource, table: KeyTable): ResourceFacts {
  const { keys, values } = resource.attributes;
  let namespace = "";
  let service = "";
  for (let i = 0; i < keys.length; i++) {
    const name = keys[i] ?? "";
    const value = values[i] ?? null;
    if (name === "service.namespace") namespace ||= textOf(value);
    else if (name === "service.name") service ||= textOf(value);
  }
  const sourceParts = [namespace, service].filter((part) => part !== "");
  return { sourceParts, ...findNames(resource.attributes, table) };
}

/** The best tenant and the best user among attributes that are not the record's own. */
export function findNames({ keys, values }: KeyValues, table: KeyTable): Names {
  let tenant: Naming | undefined;
  let user: Naming | undefined;
  let tenantRank = Number.POSITIVE_INFINITY;
  let userRank = Number.POSITIVE_INFINITY;
  for (let i = 0; i < keys.length; i++) {
    const name = keys[i] ?? "";
    const value = values[i] ?? null;
    const rule = table.rule(name);
    if (rule.tenantRank >= 0 && rule.tenantRank < tenantRank && textOf(value) !== "") {
      tenant = { name, text: textOf(value), value };
      tenantRank = rule.tenantRank;
    }
    if (rule.userRank >= 0 && rule.userRank < userRank && textOf(value) !== "") {
      user = { name, text: textOf(value), value };
      userRank = rule.userRank;
    }
  }
  return { tenant, user };
}

/** A value as part of a subject: text or an integer; anything else names nobody and is `""`. */
export function textOf(value: AnyValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)))
    return String(value);
  return "";
}

/** True for what section 3 of the semantics calls an empty body. */
export function isEmpty(value: AnyValue | undefined): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (value instanceof KeyValues) return value.size === 0;
  return (Array.isArray(value) || value instanceof Uint8Array) && value.length === 0;
}
