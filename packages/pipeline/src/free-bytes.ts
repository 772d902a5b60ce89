/**
 * Frees the memory of bytes at once, instead of when the garbage collector comes by: at hundreds of requests a
 * second that is tens of megabytes later. The bytes read as empty from then on. Without effect on a part of a larger
 * buffer.
 *
 * Only for bytes that nobody needs any more, the operating system included: a write that is still under way would
 * send whatever has come to stand there.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength)
    buffer.transferToFixedLength(0);
}

/**
 * The same bytes in pages of their own, which the system has back as soon as they are freed: of what is allocated as
 * usual, the C library keeps much for later. The old ones are freed.
 */
export function moveToPages(bytes: Uint8Array): Uint8Array {
  const size = bytes.byteLength;
  // What may be resized is not allocated among other things.
  const moved = new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }), 0, size);
  moved.set(bytes);
  freeBytes(bytes);
  return moved;
}
