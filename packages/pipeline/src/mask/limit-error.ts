/** Masking a value would take more than its bound: the value is masked whole. */
export class MaskLimitError extends Error {
  override readonly name = "MaskLimitError";
}
