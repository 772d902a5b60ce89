import { CloudEventError } from "../errors.ts";
import { ATTRIBUTE_NAME } from "../event/attributes.ts";
import type { CloudEvent } from "../event/event.ts";
import { finish } from "../event/inspect.ts";
import type { DecodeSettings } from "../formats/json/parse.ts";
import { type HeaderRole, headerError } from "./header-fields.ts";
import { decodePayload } from "./payload.ts";

/** A message in binary mode, taken apart. */
export interface BinaryMessage {
  /** What each header is for. */
  readonly roles: readonly HeaderRole[];
  /** The headers' decoded values; `undefined` for one that has none. */
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
  let isEvent = false;
  for (let i = 0; i < roles.length; i++) {
    const text = texts[i];
    if (text === undefined) continue;
    isEvent = true;
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
  if (!isEvent) {
    throw new CloudEventError("not_a_cloudevent", "a CloudEvents content type, or headers with attributes");
  }
  // A literal, and stores by name, take a fraction of the time of stores by a computed name.
  const event: Record<string, unknown> = { specversion, id, source, type };
  if (time !== undefined) event["time"] = time;
  if (subject !== undefined) event["subject"] = subject;
  if (contentType !== undefined) event["datacontenttype"] = contentType;
  for (const i of extensions) addExtension(event, roles[i], texts[i]);
  const data = decodePayload(body, contentType, settings);
  if (data !== undefined) event["data"] = data;
  return finish(event);
}

/** An attribute can be there only once (spec, "Context Attributes"). */
function once(before: string | undefined, text: string, attribute: string): string {
  if (before !== undefined) throw headerError(attribute, "one header, not several");
  return text;
}

function addExtension(
  event: Record<string, unknown>,
  role: HeaderRole | undefined,
  text: string | undefined,
): void {
  if (role === undefined) return;
  const { attribute } = role;
  if (role.kind === "invalid") {
    throw new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute });
  }
  // HTTP binding, section 3.1.1; Kafka binding, section 3.2.1.
  if (attribute === "datacontenttype") throw headerError(attribute, "no header beside the content type's");
  if (Object.hasOwn(event, attribute)) throw headerError(attribute, "one header, not several");
  event[attribute] = text;
}
