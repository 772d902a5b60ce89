/** The event types that CoreSDK's own signals have (semantics, section 4). */
const CORE_EVENT_TYPES: ReadonlySet<string> = new Set([
  "io.coresdk.policy.decision",
  "io.coresdk.auth.verified",
  "io.coresdk.auth.denied",
  "io.coresdk.tenant.created",
  "io.coresdk.tenant.suspended",
  "io.coresdk.secret.rotated",
  "io.coresdk.error",
]);

/** True for a type that makes a span event an event by its name alone. */
export function isCoreEventType(name: string): boolean {
  return CORE_EVENT_TYPES.has(name);
}
