/** CloudEvents 1.0: the event, how it is made and what makes it valid. */
export { CloudEventError, type CloudEventErrorCode, type CloudEventErrorDetail } from "./errors.ts";
export { checkAttribute, checkAttributeName } from "./event/attributes.ts";
export { createEvent, validateEvent, withAttributes } from "./event/create.ts";
export type {
  AttributeValue,
  CloudEvent,
  CloudEventChanges,
  CloudEventInit,
  CloudEventWithData,
} from "./event/event.ts";
export type { DocumentedExtensions } from "./event/extensions.ts";
export { isEvent } from "./event/own.ts";
