import type { Socket } from "node:net";
import { type buildConnector, errors } from "undici";

/**
 * Makes undici report why a connection ended. In TLS 1.3 a peer turns our certificate down after the handshake, by an
 * alert and the end of the connection: Node tells of both, and undici, up to 7 at least, keeps the end alone.
 */
export function keepAlert(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...result) => {
      const [error, socket] = result;
      if (error === null) keepFirstError(socket);
      callback(...result);
    });
  };
}

function keepFirstError(socket: Socket): void {
  let first: Error | undefined;
  socket.once("error", (error) => {
    first = error;
  });
  const { destroy } = socket;
  Reflect.set(socket, "destroy", (...args: readonly unknown[]): unknown => {
    const isEnd = args[0] instanceof errors.SocketError;
    return Reflect.apply(destroy, socket, isEnd && first !== undefined ? [first] : args);
  });
}
