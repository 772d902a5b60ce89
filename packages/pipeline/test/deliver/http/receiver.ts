import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo, Server } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server on the loopback interface that keeps what it gets and answers as the test says. */
export class Receiver implements AsyncDisposable {
  readonly requests: Received[] = [];
  /** Answers a request; 204 unless the test says otherwise. */
  answer: (request: Received, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(204).end();
  };
  connections = 0;
  readonly #server: Server & { closeAllConnections(): void };
  readonly #scheme: string;

  constructor(tls?: ServerOptions) {
    const listener: RequestListener = async (request, response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method = "", url: path = "", headers } = request;
      const received = { method, path, headers, body: Buffer.concat(chunks).toString() };
      this.requests.push(received);
      this.answer(received, response);
    };
    this.#scheme = tls === undefined ? "http" : "https";
    this.#server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
    this.#server.on(tls === undefined ? "connection" : "secureConnection", () => {
      this.connections += 1;
    });
  }

  async listen(port = 0): Promise<this> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(port, "127.0.0.1", resolve);
    await promise;
    return this;
  }

  get port(): number {
    const address = this.#server.address();
    return isAddress(address) ? address.port : 0;
  }

  /** The URL of a path; with TLS the host is the name in the certificate. */
  url(path = "/ingest"): string {
    return `${this.#scheme}://${this.#scheme === "https" ? "localhost" : "127.0.0.1"}:${this.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
