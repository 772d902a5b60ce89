/** How an event is read and written again in binary mode. */
export interface IntegerOptions {
  readonly integers: "number" | "bigint";
}

/** A number outside of strings that may have more digits than a double; inside of one it costs a slower parse. */
const LONG_NUMBER = /[\s:,[]-?[0-9]{16}/;

const ROUNDED: IntegerOptions = { integers: "number" };
const EXACT: IntegerOptions = { integers: "bigint" };

/** With these all digits of the event's integers stay. Keeping them takes a slower parse, which few events need. */
export function integerOptions(event: Uint8Array): IntegerOptions {
  const text = Buffer.from(event.buffer, event.byteOffset, event.byteLength).toString("latin1");
  return LONG_NUMBER.test(text) ? EXACT : ROUNDED;
}
