import { CloudEventError } from "../errors.ts";
import { ATTRIBUTE_NAME, MEDIA_TYPE, nativeValue } from "../event/attributes.ts";
import type { CloudEvent } from "../event/event.ts";
import { missing, requireCount } from "../event/inspect.ts";
import { seal } from "../event/own.ts";
import type { DecodeSettings } from "../formats/json/options.ts";
import type { ContentType } from "./content-mode.ts";
import { type AttributeFields, type HeaderField, type HeaderRole, headerError } from "./header-fields.ts";
import { decodePayload } from "./payload.ts";

/** Attributes as text, each one right for its rule; what is refused may be among the other ones. */
export type AttributeTexts = Readonly<AttributeFields<string | undefined>>;

/**
 * The event whose attributes stand in the headers and whose data is the body. The order of headers means
 * nothing: the core attributes come first, then the extensions, then the data.
 *
 * @throws CloudEventError for the first thing that is wrong
 */
export function decodeBinary(
  texts: AttributeTexts,
  contentType: ContentType | undefined,
  body: unknown,
  settings: DecodeSettings,
): CloudEvent {
  const { otherRole, other, more } = texts;
  // Mostly there is nothing to count.
  if (texts.id === undefined || more !== undefined) requireAttributes(texts, contentType);
  if (contentType !== undefined && contentType.mediaType === undefined) {
    throw headerError("datacontenttype", MEDIA_TYPE);
  }
  const event = usualAttributes(texts, contentType?.text);
  if (otherRole !== undefined && other !== undefined) addAttribute(event, otherRole, other);
  if (more !== undefined) addMore(event, more);
  if (
    event["specversion"] === undefined ||
    event["id"] === undefined ||
    event["source"] === undefined ||
    event["type"] === undefined
  ) {
    throw missing(event);
  }
  const data = decodePayload(body, contentType, settings);
  if (data !== undefined) event["data"] = data;
  return seal(event);
}

/** @throws CloudEventError for a message without attributes, or with too many */
function requireAttributes(texts: AttributeTexts, contentType: ContentType | undefined): void {
  const { specversion, id, source, type, subject, time, other, more = [] } = texts;
  const values = [specversion, id, source, type, subject, time, other, ...more.map(({ value }) => value)];
  const count = values.filter((value) => value !== undefined).length;
  if (count === 0) {
    throw new CloudEventError("not_a_cloudevent", "a CloudEvents content type, or headers with attributes");
  }
  requireCount(contentType === undefined ? count : count + 1);
}

/** A literal, and stores by name, take a fraction of the time of stores by a computed name. */
function usualAttributes(
  { specversion, id, source, type, time, subject }: AttributeTexts,
  datacontenttype: string | undefined,
): Record<string, unknown> {
  if (time !== undefined && subject !== undefined && datacontenttype !== undefined) {
    return { specversion, id, source, type, time, subject, datacontenttype };
  }
  const event: Record<string, unknown> = { specversion, id, source, type };
  if (time !== undefined) event["time"] = time;
  if (subject !== undefined) event["subject"] = subject;
  if (datacontenttype !== undefined) event["datacontenttype"] = datacontenttype;
  return event;
}

/** An attribute can be there only once (spec, "Context Attributes"). */
function addMore(event: Record<string, unknown>, more: readonly HeaderField<string | undefined>[]): void {
  for (const { role, value } of more) {
    if (value === undefined) continue;
    const { attribute } = role;
    if (Object.hasOwn(event, attribute) && event[attribute] !== undefined) {
      throw headerError(attribute, "one header, not several");
    }
    addAttribute(event, role, value);
  }
}

function addAttribute(event: Record<string, unknown>, role: HeaderRole, text: string): void {
  const { attribute } = role;
  if (role.kind === "refused") throw refusal(attribute);
  event[attribute] = role.takesPrintable ? text : nativeValue(attribute, text);
}

function refusal(attribute: string): CloudEventError {
  return attribute === "datacontenttype"
    ? headerError(attribute, "no header beside the content type's")
    : new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute });
}
