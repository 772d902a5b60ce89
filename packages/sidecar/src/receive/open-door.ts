/** What a door of either protocol does with its sockets, from listening to closing. */
import type { Server, Socket } from "node:net";
import type { Clock } from "@coresdk/pipeline";
import type { Receiver } from "../contracts.ts";
import { type Connection, Connections } from "./connections.ts";
import type { DoorLog, Standing } from "./door.ts";
import { closeServer, listen } from "./listen.ts";
import type { DoorSettings, ServerTlsSettings } from "./settings.ts";

/** The part of a server's options that its TLS makes. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly requestCert?: true;
  readonly rejectUnauthorized?: true;
  /** In ms. */
  readonly handshakeTimeout: number;
}

export function tlsOptionsOf(
  { cert, key, clientCa }: ServerTlsSettings,
  handshakeTimeout: number,
): TlsOptions {
  const mutual =
    clientCa === undefined ? {} : ({ ca: clientCa, requestCert: true, rejectUnauthorized: true } as const);
  return { cert, key: key.reveal(), ...mutual, handshakeTimeout };
}

/** One server as a door: it counts connections and the requests on them. */
export class Door {
  readonly connections: Connections;
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #log: DoorLog;
  readonly #answerTimeoutMs: number;
  #draining = false;

  /**
   * @param server one that does not listen yet
   * @param firstRequestMs closes a connection on which no request has begun by then; left out where the server does
   */
  constructor(server: Server, settings: DoorSettings, clock: Clock, log: DoorLog, firstRequestMs?: number) {
    this.#server = server;
    this.#clock = clock;
    this.#log = log;
    // As long as the client had for its request.
    this.#answerTimeoutMs = settings.requestTimeoutMs;
    this.connections = new Connections(settings.maxConnections, { clock, log });
    server.maxConnections = this.connections.hardLimit;
    // Every socket from its accepting on, before any TLS. First of all listeners: the others may begin a request at once.
    server.prependListener("connection", (socket: Socket) => this.connections.open(socket, firstRequestMs));
    server.on("drop", () => log.connectionRefused());
    server.on("tlsClientError", (error: Error) => log.malformed(`TLS: ${error.name}`));
  }

  /** Counts a request as under way until what it is answered on closes; says how the request stands. */
  begin(
    connection: Connection | undefined,
    answer: { once(event: "close", listener: () => void): unknown },
  ): Standing {
    if (connection !== undefined) {
      this.connections.begin(connection);
      answer.once("close", () => this.connections.end(connection));
    }
    return { draining: this.#draining, surplus: connection?.surplus ?? false };
  }

  /**
   * Ends the connection of a client that does not take its answer in time. Until it has, its request counts as
   * under way: clients that never read would fill the door for good.
   */
  expectTaken(
    connection: Connection | undefined,
    answer: { readonly closed: boolean; once(event: "close", listener: () => void): unknown },
  ): void {
    if (connection === undefined || answer.closed) return;
    const cancel = this.#clock.schedule(this.#answerTimeoutMs, () => {
      if (connection.gone) return;
      this.#log.malformed("an answer was not taken in time");
      this.connections.cut(connection);
    });
    answer.once("close", cancel);
  }

  /**
   * Listens.
   *
   * @param onClose called when closing begins, for what the protocol says to its clients then
   * @throws (rejects) when the address cannot be listened on
   */
  async open(at: DoorSettings, onClose: () => void = () => undefined): Promise<Receiver> {
    const { connections } = this;
    const address = await listen(this.#server, at);
    return {
      address,
      full: () => connections.full,
      stopAccepting: () => {
        this.#draining = true;
      },
      settle: (deadlineMs) => connections.settle(deadlineMs),
      close: (deadlineMs) => {
        this.#draining = true;
        onClose();
        return closeServer(this.#server, deadlineMs, this.#clock, () => connections.destroyAll());
      },
    };
  }
}
