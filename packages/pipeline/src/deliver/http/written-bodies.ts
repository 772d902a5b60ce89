import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import { freeBytes } from "../../free-bytes.ts";

/**
 * Frees the bodies of answered requests. They live longer than the young generation keeps them, and the garbage
 * collector would come for them only with the old one: at saturation that is some twenty megabytes later.
 *
 * An answer does not say that the system has read all that was to be sent; a connection with nothing left to write
 * does. undici does not tell which connection a request took, so that all of them have to have written everything.
 */
export class WrittenBodies {
  readonly #sockets = new Set<Socket>();

  /** Follows the connections that `connect` opens; of HTTP/1.1, where a socket knows all that it has yet to write. */
  follow(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) => {
      connect(options, (...result) => {
        const [error, socket] = result;
        if (error === null) {
          this.#sockets.add(socket);
          socket.once("close", () => this.#sockets.delete(socket));
        }
        callback(...result);
      });
    };
  }

  /** Takes the body of a request whose answer was read to its end. Where it may still be read, it is left as garbage. */
  free(body: Uint8Array): void {
    for (const { writableLength } of this.#sockets) if (writableLength > 0) return;
    freeBytes(body);
  }
}
