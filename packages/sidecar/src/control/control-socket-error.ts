/** There is no place for the control socket; the message names what is wrong and says what to do. */
export class ControlSocketError extends Error {
  override readonly name = "ControlSocketError";
}
