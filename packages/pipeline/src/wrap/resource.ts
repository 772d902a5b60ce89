import { type AnyValue, KeyValues, type Resource } from "../log-event.ts";
import { TENANT_NAMES, USER_NAMES } from "./envelope-names.ts";

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
export function readResource(resource: Resource): ResourceFacts {
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
  return { sourceParts, ...findNames(resource.attributes) };
}

/**
 * The best tenant and the best user among attributes that are not the record's own. Nothing is remembered of the others:
 * there may be millions of them.
 */
export function findNames({ keys, values }: KeyValues): Names {
  let tenant: Naming | undefined;
  let user: Naming | undefined;
  let tenantRank = Number.POSITIVE_INFINITY;
  let userRank = Number.POSITIVE_INFINITY;
  for (let i = 0; i < keys.length; i++) {
    const name = keys[i] ?? "";
    const value = values[i] ?? null;
    const asTenant = TENANT_NAMES.indexOf(name);
    if (asTenant >= 0 && asTenant < tenantRank && textOf(value) !== "") {
      tenant = { name, text: textOf(value), value };
      tenantRank = asTenant;
    }
    const asUser = USER_NAMES.indexOf(name);
    if (asUser >= 0 && asUser < userRank && textOf(value) !== "") {
      user = { name, text: textOf(value), value };
      userRank = asUser;
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
