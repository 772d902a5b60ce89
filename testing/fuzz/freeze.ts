/**
 * Freezes what everything inherits from, so that a decoder that writes to a prototype fails at once. Imported
 * first, for its effect.
 */
for (const shared of [
  Object,
  Array,
  Function,
  Map,
  Set,
  String,
  Number,
  Boolean,
  Promise,
  RegExp,
  Uint8Array,
]) {
  Object.freeze(shared.prototype);
}
