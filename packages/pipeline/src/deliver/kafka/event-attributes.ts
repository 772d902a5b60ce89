/** The context attributes of an event by name, each as its canonical string. */
export type Attributes = ReadonlyMap<string, string>;

/**
 * Reads the attributes of an event in the JSON event format.
 *
 * The whole event is parsed. Scanning its bytes for the attributes alone was measured and took twice as long at
 * the size of events here.
 *
 * @throws SyntaxError when the bytes are not a JSON object
 */
export function readAttributes(event: Buffer): Attributes {
  const value: unknown = JSON.parse(event.toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("an event is a JSON object");
  }
  const attributes = new Map<string, string>();
  for (const [name, attribute] of Object.entries(value)) {
    if (name === "data" || name === "data_base64" || attribute === null) continue;
    attributes.set(name, String(attribute));
  }
  return attributes;
}
