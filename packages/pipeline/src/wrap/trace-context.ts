/** W3C Trace Context: the shapes of its two headers, which are extension attributes of CloudEvents as well. */

/** Version, trace id, parent id, flags; what versions after 00 may add stands behind another hyphen. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-[!-~]{0,512})?$/;
const NO_ID = /^0+$/;

const SIMPLE_KEY = "[a-z][a-z0-9_\\-*/]{0,255}";
const TENANT_KEY = "[a-z0-9][a-z0-9_\\-*/]{0,240}@[a-z][a-z0-9_\\-*/]{0,13}";
/** Printable ASCII without comma and equals sign, no space at the end. */
const VALUE = "[ -+\\--<>-~]{0,255}[!-+\\--<>-~]";
const MEMBER = new RegExp(`^(?:${SIMPLE_KEY}|${TENANT_KEY})=${VALUE}$`);
const MAX_MEMBERS = 32;
/** More than 32 members of the longest kind, with white space around them. */
const MAX_TRACESTATE = 32_768;

/** True for a `traceparent` (section 3.2) that names a trace and a span. */
export function isTraceparent(text: string): boolean {
  const [, version, traceId, parentId, more] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || traceId === undefined || parentId === undefined) return false;
  if (version === "ff" || (version === "00" && more !== undefined)) return false;
  return !NO_ID.test(traceId) && !NO_ID.test(parentId);
}

/** True for a `tracestate` (section 3.3) with at least one member. */
export function isTracestate(text: string): boolean {
  if (text.length > MAX_TRACESTATE || !/^[\t -~]+$/.test(text)) return false;
  const members = text
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
  return members.length > 0 && members.length <= MAX_MEMBERS && members.every((one) => MEMBER.test(one));
}

/**
 * Checks the value of an extension attribute that carries trace context; others are none of its business.
 *
 * @returns `undefined` when the value is right, else what was expected
 */
export function checkTraceContext(name: string, value: unknown): string | undefined {
  switch (name) {
    case "traceparent":
      return typeof value === "string" && isTraceparent(value)
        ? undefined
        : "version-traceid-parentid-flags in lower-case hex, ids not all zero (W3C Trace Context)";
    case "tracestate":
      return typeof value === "string" && isTracestate(value)
        ? undefined
        : `1 to ${MAX_MEMBERS} members key=value (W3C Trace Context)`;
    default:
      return undefined;
  }
}
