/** The context attributes of an event, without its data. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * Intake writes the data last, and attributes are never objects: up to this mark there are attributes alone.
 * It cannot stand inside a string, where a quotation mark is escaped.
 */
const DATA_MARK = Buffer.from(',"data":');
const OPENING = Buffer.from('{"data');

/**
 * Reads the attributes of an event in the JSON event format, without parsing its data where intake wrote it.
 *
 * @throws SyntaxError when the bytes are not JSON
 */
export function readAttributes(event: Buffer): Attributes {
  const end = event.indexOf(DATA_MARK);
  if (end > 0 && !event.subarray(0, OPENING.length).equals(OPENING)) {
    try {
      return asAttributes(JSON.parse(`${event.toString("utf8", 0, end)}}`));
    } catch {
      // Not as intake writes it: another member has an object. The whole event tells.
    }
  }
  return asAttributes(JSON.parse(event.toString("utf8")));
}

function asAttributes(value: unknown): Attributes {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("an event is a JSON object");
  }
  const { data: _data, data_base64: _bytes, ...attributes } = Object.fromEntries(Object.entries(value));
  return attributes;
}
