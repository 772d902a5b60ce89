/** What a door of either protocol does with its sockets, from listening to closing. */
import { constants } from "node:crypto";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "@coresdk/pipeline";
import type { Receiver } from "../contracts.ts";
import type { InFlightBudget } from "./budget.ts";
import { type Connection, Connections } from "./connections.ts";
import type { DoorLog } from "./door.ts";
import { closeServer, listen } from "./listen.ts";
import { Pace } from "./pace.ts";
import type { DoorSettings, ServerTlsSettings } from "./settings.ts";
import { describeTlsFailure } from "./tls-failure.ts";
import { type Answer, Visit } from "./visit.ts";

/** The part of a server's options that its TLS makes. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly requestCert?: true;
  readonly rejectUnauthorized?: true;
  readonly secureOptions?: number;
  /** In ms. */
  readonly handshakeTimeout: number;
}

export function tlsOptionsOf(
  { cert, key, clientCa }: ServerTlsSettings,
  handshakeTimeout: number,
): TlsOptions {
  return {
    cert,
    key: key.reveal(),
    ...(clientCa === undefined ? {} : askForCertificate(clientCa)),
    handshakeTimeout,
  };
}

/**
 * A certificate is looked at in full handshakes alone, and each resumption makes a new ticket: who once had a valid one
 * would be let in without end. Without tickets nothing is resumed, nor by a session's id: those sessions would be in the
 * server's memory, and Node.js keeps none there unless it is told how.
 */
function askForCertificate(clientCa: string): Partial<TlsOptions> {
  return {
    ca: clientCa,
    requestCert: true,
    rejectUnauthorized: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** A client that is asked to go gets this long, in ms. */
const DISMISSAL_MS = 500;

/** What was not begun by then for a client that has closed its side is not begun any more, in ms. */
const HALF_CLOSED_MS = 1_000;

/** One server as a door: it counts connections and the requests on them. */
export class Door {
  readonly connections: Connections;
  /** How fast the bodies of its requests come. */
  readonly pace: Pace;
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #budget: InFlightBudget;
  readonly #log: DoorLog;
  readonly #answerTimeoutMs: number;
  #draining = false;

  /**
   * @param server one that does not listen yet
   * @param firstRequestMs closes a connection on which no request has begun by then; left out where the server does
   */
  constructor(
    server: Server,
    settings: DoorSettings,
    { clock, budget }: { readonly clock: Clock; readonly budget: InFlightBudget },
    log: DoorLog,
    firstRequestMs?: number,
  ) {
    this.#budget = budget;
    this.pace = new Pace(clock);
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
    server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
      const failure = describeTlsFailure(error, socket);
      // Probes that only connect end here; they are no news.
      if (failure === undefined) log.malformed("gone before the TLS handshake was done");
      else log.handshakeFailed(failure);
    });
  }

  /** A request has come whose answer is `answer`. */
  receive(connection: Connection, answer: Answer): Visit {
    connection.used = true;
    return new Visit(connection, answer, this.connections, this.#budget, this.#draining);
  }

  /** Asks a client to go, in the manner of its protocol; one that stays is cut. */
  dismiss(connection: Connection, ask: () => void): void {
    ask();
    const cancel = this.#clock.schedule(DISMISSAL_MS, () => this.connections.cut(connection));
    connection.socket.once("close", cancel);
  }

  /**
   * A client has closed its side, as it does when it has said everything, and when it goes: nothing tells the one from the
   * other but that who reads gets its answer soon.
   */
  expectGone(connection: Connection): void {
    const cancel = this.#clock.schedule(HALF_CLOSED_MS, () => this.connections.leave(connection));
    connection.socket.once("close", cancel);
  }

  /**
   * Ends the connection of a client that does not take its answer in time. Until it has, its request counts as
   * under way: clients that never read would fill the door for good.
   */
  expectTaken(
    connection: Connection,
    answer: { readonly closed: boolean; once(event: "close", listener: () => void): unknown },
  ): void {
    if (answer.closed) return;
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
