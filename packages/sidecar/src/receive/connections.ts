/**
 * The connections of one server. Idle ones are cheap to lose, requests are not: beyond the limit a new connection
 * pushes out another one that has no request under way, so that idle sockets cannot keep anyone out. Strangers, of
 * which no request was let in yet, are the first to go, whatever they are doing. Only when every connection has a
 * request under way that was let in is a new one surplus, and its requests are refused by status; but one that may come
 * in takes the place of one whose request has been coming for long.
 */
import type { Socket } from "node:net";
import type { Clock } from "@coresdk/pipeline";
import { Share } from "./budget.ts";

/** Surplus connections that wait for their refusal at once; beyond it the oldest of them goes. */
const MAX_SURPLUS = 64;

/** Room for those that are being pushed out while a burst comes: as many as the system keeps for accepting. */
const BURST_CONNECTIONS = 512;

/** A request that has been coming for so long, in ms, gives way to others when there is no room. */
const LONG_READING_MS = 1_000;

/** A connection that was asked to close gets this long, in ms. */
const LINGER_MS = 1_000;

export interface ConnectionsPorts {
  readonly clock: Clock;
  readonly log: {
    /** Every connection has a request under way; this one is beyond the limit. */
    connectionRefused(): void;
    connectionPushedOut(): void;
    malformed(detail: string): void;
  };
}

/** What identifies a connection on a raw socket and on what is layered over it (TLS, HTTP/2) alike. */
export type Peer = Pick<Socket, "remoteAddress" | "remotePort" | "localAddress">;

/** One connection. */
export class Connection {
  readonly socket: Socket;
  /** What its requests hold. */
  readonly share: Share = new Share();
  /** Ends it in the manner of its protocol. */
  close: () => void;
  /** Beyond the limit: its requests are to be refused. */
  surplus = false;
  /** Requests that were let in and are not answered yet. */
  underWay = 0;
  /** Those of them whose bodies have not come whole. */
  reading = 0;
  /** Since when there have been such, on the monotonic clock. */
  readingSince = 0;
  /** The header of a request has come at some time. */
  used = false;
  /** A request was let in at some time. */
  known = false;
  gone = false;
  readonly #onLeft = new Set<() => void>();
  #left = false;

  constructor(socket: Socket) {
    this.socket = socket;
    this.close = () => socket.destroy();
  }

  /** Its client sends nothing more and has been waiting for long: as a rule it has gone. */
  get left(): boolean {
    return this.#left;
  }

  /** From now on its client counts as gone. */
  leave(): void {
    this.#left = true;
    for (const callback of this.#onLeft) callback();
    this.#onLeft.clear();
  }

  /** Calls back when the client counts as gone, unless the returned function was called before. */
  onLeft(callback: () => void): () => void {
    this.#onLeft.add(callback);
    return () => this.#onLeft.delete(callback);
  }
}

export class Connections {
  readonly #max: number;
  readonly #ports: ConnectionsPorts;
  readonly #open = new Set<Connection>();
  readonly #byPeer = new Map<string, Connection>();
  /** Within the limit and never let in, the oldest first. */
  readonly #strangers = new Set<Connection>();
  /** Within the limit, known and without a request under way, the longest idle first. */
  readonly #idle = new Set<Connection>();
  /** With a request that was let in and has not come whole, the longest so first. */
  readonly #reading = new Set<Connection>();
  readonly #surplus = new Set<Connection>();
  /** With requests under way whose client counts as gone, the longest so first. */
  readonly #left = new Set<Connection>();
  readonly #waiting = new Set<() => void>();
  #underWay = 0;

  constructor(max: number, ports: ConnectionsPorts) {
    this.#max = max;
    this.#ports = ports;
  }

  /** The most sockets that the server may hold; beyond it the system's resources are at stake, and it drops them. */
  get hardLimit(): number {
    return this.#max + MAX_SURPLUS + BURST_CONNECTIONS;
  }

  /** True when a new connection would be surplus. */
  get full(): boolean {
    if (this.#hasRoom()) return false;
    if (this.#strangers.size > 0 || this.#idle.size > 0 || this.#left.size > 0) return false;
    return this.#findLongReading() === undefined;
  }

  /**
   * Takes a socket that was just accepted.
   * @param firstRequestMs closes it when no request has begun by then
   */
  open(socket: Socket, firstRequestMs?: number): void {
    const connection = new Connection(socket);
    const peer = describePeer(socket);
    if (peer !== undefined) this.#byPeer.set(peer, connection);
    socket.once("close", () => {
      if (peer !== undefined && this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer);
      this.#forget(connection);
    });
    const hasRoom = this.#makeRoom();
    this.#open.add(connection);
    if (hasRoom) {
      this.#strangers.add(connection);
    } else {
      connection.surplus = true;
      this.#surplus.add(connection);
      this.#ports.log.connectionRefused();
      if (this.#surplus.size > MAX_SURPLUS) this.#cutOldestSurplus();
    }
    if (firstRequestMs !== undefined) this.#limitSilence(connection, firstRequestMs);
  }

  /** The connection that a socket or what is layered over it belongs to. */
  find(peer: Peer): Connection | undefined {
    const key = describePeer(peer);
    return key === undefined ? undefined : this.#byPeer.get(key);
  }

  /** True when there is no room for a connection that came beyond the limit; it becomes an ordinary one when there is. */
  isSurplus(connection: Connection): boolean {
    if (!connection.surplus || connection.gone) return connection.surplus;
    if (!this.#makeRoom() && !this.#pushOut(this.#findLongReading())) return true;
    connection.surplus = false;
    this.#surplus.delete(connection);
    this.#strangers.add(connection);
    return false;
  }

  /** A request was let in. */
  begin(connection: Connection): void {
    connection.underWay += 1;
    connection.known = true;
    connection.reading += 1;
    if (connection.gone) return;
    this.#underWay += 1;
    this.#strangers.delete(connection);
    this.#idle.delete(connection);
    if (connection.reading > 1) return;
    connection.readingSince = this.#ports.clock.elapsed();
    this.#reading.add(connection);
  }

  /** A request that was let in has come whole, or will not be read on. */
  endReading(connection: Connection): void {
    connection.reading -= 1;
    if (connection.reading === 0) this.#reading.delete(connection);
  }

  /** A request that was let in has its answer, or its client has gone. */
  end(connection: Connection): void {
    connection.underWay -= 1;
    if (connection.gone) return;
    this.#release(1);
    if (connection.underWay === 0 && !connection.surplus) this.#idle.add(connection);
  }

  /** The client of a connection counts as gone. It may still read, and gets its answers while there is room for others. */
  leave(connection: Connection): void {
    connection.leave();
    if (!connection.gone && !connection.surplus) this.#left.add(connection);
  }

  /** Waits for the requests under way, at most `deadlineMs`. */
  settle(deadlineMs: number): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        this.#waiting.delete(finish);
        resolve();
      };
      const cancel = this.#ports.clock.schedule(deadlineMs, finish);
      this.#waiting.add(finish);
    });
  }

  /** Ends every connection at once. */
  destroyAll(): void {
    for (const { socket } of this.#open) socket.destroy();
  }

  /** Ends a connection in the manner of its protocol; it counts no longer. */
  cut(connection: Connection): void {
    this.#forget(connection);
    connection.close();
    const { socket } = connection;
    if (socket.destroyed) return;
    const cancel = this.#ports.clock.schedule(LINGER_MS, () => socket.destroy());
    socket.once("close", cancel);
  }

  #hasRoom(): boolean {
    return this.#open.size - this.#surplus.size < this.#max;
  }

  #makeRoom(): boolean {
    if (this.#hasRoom()) return true;
    const [oldestStranger] = this.#strangers;
    const [longestIdle] = this.#idle;
    const [longestLeft] = this.#left;
    return this.#pushOut(oldestStranger ?? longestIdle ?? longestLeft);
  }

  #pushOut(connection: Connection | undefined): boolean {
    if (connection === undefined) return false;
    this.#ports.log.connectionPushedOut();
    this.cut(connection);
    return true;
  }

  /** One that has nothing else under way than what has been coming for long. */
  #findLongReading(): Connection | undefined {
    const latest = this.#ports.clock.elapsed() - LONG_READING_MS;
    for (const connection of this.#reading) {
      if (connection.readingSince > latest) return undefined;
      if (connection.reading === connection.underWay) return connection;
    }
    return undefined;
  }

  #cutOldestSurplus(): void {
    for (const connection of this.#surplus) {
      if (connection.underWay > 0) continue;
      this.cut(connection);
      return;
    }
  }

  #limitSilence(connection: Connection, ms: number): void {
    const cancel = this.#ports.clock.schedule(ms, () => {
      if (connection.gone || connection.used) return;
      this.#ports.log.malformed("no request came");
      this.cut(connection);
    });
    connection.socket.once("close", cancel);
  }

  #forget(connection: Connection): void {
    if (connection.gone) return;
    connection.gone = true;
    this.#open.delete(connection);
    this.#strangers.delete(connection);
    this.#idle.delete(connection);
    this.#reading.delete(connection);
    this.#surplus.delete(connection);
    this.#left.delete(connection);
    this.#release(connection.underWay);
  }

  #release(requests: number): void {
    this.#underWay -= requests;
    if (this.#underWay > 0) return;
    for (const finish of [...this.#waiting]) finish();
  }
}

function describePeer({ remoteAddress, remotePort, localAddress }: Peer): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort} ${localAddress}`;
}
