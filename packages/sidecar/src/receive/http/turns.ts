/**
 * Pipelined requests (RFC 9112, section 9.3.2). Node hands over every request that a connection has sent, however
 * many were not answered yet; here one of a connection is served at a time, and few wait behind it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** Requests that may wait behind the one that is being served; no exporter sends even one. */
const MAX_WAITING = 8;

interface Turn {
  readonly response: ServerResponse;
  readonly serve: () => void;
}

/** The requests of one connection. */
interface Line {
  serving: ServerResponse | undefined;
  readonly waiting: Turn[];
}

export class Turns {
  readonly #lines = new WeakMap<object, Line>();

  /**
   * Serves the request now, or once those before it on its connection were answered. A connection with too many
   * of them is ended.
   * @returns false when it was ended
   */
  take({ socket }: IncomingMessage, response: ServerResponse, serve: () => void): boolean {
    // What the parser still finds in bytes that came before the end.
    if (socket.destroyed) return true;
    const line = this.#lineOf(socket);
    if (line.serving === undefined) {
      this.#begin(socket, line, { response, serve });
      return true;
    }
    if (line.waiting.length < MAX_WAITING) {
      line.waiting.push({ response, serve });
      return true;
    }
    line.waiting.length = 0;
    socket.destroy();
    return false;
  }

  /** The answer that is to be written next to a connection. */
  serving(socket: object): ServerResponse | undefined {
    return this.#lines.get(socket)?.serving;
  }

  #lineOf(socket: object): Line {
    const known = this.#lines.get(socket);
    if (known !== undefined) return known;
    const line: Line = { serving: undefined, waiting: [] };
    this.#lines.set(socket, line);
    return line;
  }

  #begin(socket: IncomingMessage["socket"], line: Line, turn: Turn): void {
    line.serving = turn.response;
    turn.serve();
    turn.response.once("close", () => {
      line.serving = undefined;
      const next = line.waiting.shift();
      if (next === undefined) return;
      if (socket.writable) this.#begin(socket, line, next);
      else line.waiting.length = 0;
    });
  }
}
