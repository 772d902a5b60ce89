import { checkAttribute, createEvent } from "@coresdk/cloudevents";

/**
 * The value of an extension attribute as an event in memory holds it: of the documented Integer and Boolean extensions
 * the canonical string is a number or boolean. Others, and what is illegal, stay as they are.
 */
export function nativeExtension(name: string, value: string | number | boolean): string | number | boolean {
  // An attribute that takes any text is a String.
  if (typeof value !== "string" || checkAttribute(name, "x") === undefined) return value;
  if (checkAttribute(name, value) !== undefined) return value;
  const { [name]: native } = createEvent({ id: "x", source: "x", type: "x", [name]: value });
  return typeof native === "number" || typeof native === "boolean" ? native : value;
}
