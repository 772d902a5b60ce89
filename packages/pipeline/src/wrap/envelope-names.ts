/** Where tenant and user are looked for, best first (semantics, section 2). */
export const TENANT_NAMES: readonly string[] = ["coresdk.tenant_id", "tenant_id", "tenant.id"];
export const USER_NAMES: readonly string[] = ["coresdk.user_id", "user_id", "user.id", "enduser.id"];

export const ID_NAME = "log.record.uid";
/** What stands in front of the extension attributes that a record gives, and of a span's event type. */
export const EXTENSION_PREFIX = "cloudevents.";
/** A span's event type: no extension. */
export const EVENT_TYPE_NAME = "cloudevents.event_type";

const OTHERS = "coresdk.event_type otel.event.name event.name service.namespace service.name".split(" ");
const NAMES: ReadonlySet<string> = new Set([...TENANT_NAMES, ...USER_NAMES, ID_NAME, ...OTHERS]);

/**
 * True for an attribute of a record, a span or a resource that becomes part of the envelope, not of the data
 * alone (semantics, sections 1, 2 and 12). A front door that cannot hand over the value of such an attribute
 * hands over `null`: a text that says why would be taken for the tenant, the id or the type.
 */
export function isEnvelopeName(name: string): boolean {
  return NAMES.has(name) || name.startsWith(EXTENSION_PREFIX);
}
