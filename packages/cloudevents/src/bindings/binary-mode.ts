import { CloudEventError } from "../errors.ts";
import { ATTRIBUTE_NAME, checkAttribute, nativeValue } from "../event/attributes.ts";
import type { CloudEvent } from "../event/event.ts";
import { missing, requireCount } from "../event/inspect.ts";
import { seal } from "../event/own.ts";
import type { DecodeSettings } from "../formats/json/options.ts";
import { type HeaderRole, headerError } from "./header-fields.ts";
import { decodePayload } from "./payload.ts";

/** A message in binary mode, taken apart. */
export interface BinaryMessage {
  /** What each header is for. */
  readonly roles: readonly HeaderRole[];
  /** The headers' decoded values, which have passed `requireValue`; `undefined` for one that has none. */
  readonly texts: readonly (string | undefined)[];
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/**
 * The event whose attributes stand in the headers and whose data is the body. The order of headers means
 * nothing: the core attributes come first, then the extensions, then the data.
 *
 * @throws CloudEventError for the first thing that is wrong
 */
export function decodeBinary(message: BinaryMessage, settings: DecodeSettings): CloudEvent {
  const { roles, texts, contentType, body } = message;
  const extensions: number[] = [];
  let specversion: string | undefined;
  let id: string | undefined;
  let source: string | undefined;
  let type: string | undefined;
  let subject: string | undefined;
  let time: string | undefined;
  let count = 0;
  for (let i = 0; i < roles.length; i++) {
    const text = texts[i];
    if (text === undefined) continue;
    count++;
    switch (roles[i]?.attribute) {
      case "specversion":
        specversion = once(specversion, text, "specversion");
        break;
      case "id":
        id = once(id, text, "id");
        break;
      case "source":
        source = once(source, text, "source");
        break;
      case "type":
        type = once(type, text, "type");
        break;
      case "subject":
        subject = once(subject, text, "subject");
        break;
      case "time":
        time = once(time, text, "time");
        break;
      default:
        extensions.push(i);
    }
  }
  if (count === 0) {
    throw new CloudEventError("not_a_cloudevent", "a CloudEvents content type, or headers with attributes");
  }
  if (contentType !== undefined) {
    requireMediaType(contentType);
    count++;
  }
  requireCount(count);
  const event = coreAttributes(specversion, id, source, type, time, subject, contentType);
  for (const i of extensions) addExtension(event, roles[i], texts[i], extensions.length > 1);
  if (specversion === undefined || id === undefined || source === undefined || type === undefined) {
    throw missing(event);
  }
  const data = decodePayload(body, contentType, settings);
  if (data !== undefined) event["data"] = data;
  return seal(event);
}

/** An attribute can be there only once (spec, "Context Attributes"). */
function once(before: string | undefined, text: string, attribute: string): string {
  if (before !== undefined) throw headerError(attribute, "one header, not several");
  return text;
}

function requireMediaType(contentType: string): void {
  if (contentType === "application/json") return;
  const expected = checkAttribute("datacontenttype", contentType);
  if (expected !== undefined) throw headerError("datacontenttype", expected);
}

/** A literal, and stores by name, take a fraction of the time of stores by a computed name. */
function coreAttributes(
  specversion: string | undefined,
  id: string | undefined,
  source: string | undefined,
  type: string | undefined,
  time: string | undefined,
  subject: string | undefined,
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

function addExtension(
  event: Record<string, unknown>,
  role: HeaderRole | undefined,
  text: string | undefined,
  hasNeighbours: boolean,
): void {
  if (role === undefined) return;
  const { attribute } = role;
  if (role.kind === "refused") throw refusal(attribute);
  if (hasNeighbours && Object.hasOwn(event, attribute)) {
    throw headerError(attribute, "one header, not several");
  }
  event[attribute] = role.takesPrintable ? text : nativeValue(attribute, text);
}

function refusal(attribute: string): CloudEventError {
  return attribute === "datacontenttype"
    ? headerError(attribute, "no header beside the content type's")
    : new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute });
}
