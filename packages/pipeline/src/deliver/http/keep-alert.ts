import type { Socket } from "node:net";
import { type buildConnector, errors } from "undici";
import { isClientCertificateCode } from "../network-failure.ts";

/**
 * Makes undici report that the peer does not accept our certificate. In TLS 1.3 it says so after the handshake, by an
 * alert and the end of the connection: Node tells of both, and undici, up to 7 at least, keeps the end alone. Of all
 * other errors the end is what counts: the peer broke a connection that stood, perhaps over an event.
 */
export function keepAlert(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...result) => {
      const [error, socket] = result;
      if (error === null) keepRefusal(socket);
      callback(...result);
    });
  };
}

function keepRefusal(socket: Socket): void {
  let refusal: Error | undefined;
  socket.once("error", (error) => {
    if ("code" in error && isClientCertificateCode(error.code)) refusal = error;
  });
  const { destroy } = socket;
  Reflect.set(socket, "destroy", (...args: readonly unknown[]): unknown => {
    const isEnd = args[0] instanceof errors.SocketError;
    return Reflect.apply(destroy, socket, isEnd && refusal !== undefined ? [refusal] : args);
  });
}
