/**
 * Pipelined requests (RFC 9112, section 9.3.2). Node hands over every request that a connection has sent, however
 * many were not answered yet; here one of a connection is served at a time, and few wait behind it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** Requests that may wait behind the one that is being served; no exporter sends even one. */
const MAX_WAITING = 8;

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly serve: () => void;
}

/** The requests of one connection. */
interface Line {
  serving: Turn | undefined;
  readonly waiting: Turn[];
  /** To be called when all of them were answered: no more will come. */
  onLast: (() => void) | undefined;
}

export class Turns {
  readonly #lines = new WeakMap<object, Line>();

  /**
   * Serves the request now, or once those before it on its connection were answered. A connection with too many
   * of them is ended.
   * @returns false when it was ended
   */
  take(request: IncomingMessage, response: ServerResponse, serve: () => void): boolean {
    const { socket } = request;
    // What the parser still finds in bytes that came before the end.
    if (socket.destroyed) return true;
    const line = this.#lineOf(socket);
    if (line.serving === undefined) {
      this.#begin(socket, line, { request, response, serve });
      return true;
    }
    if (line.waiting.length < MAX_WAITING) {
      line.waiting.push({ request, response, serve });
      return true;
    }
    line.waiting.length = 0;
    socket.destroy();
    return false;
  }

  /** The answer that is to be written next to a connection. */
  serving(socket: object): ServerResponse | undefined {
    return this.#lines.get(socket)?.serving?.response;
  }

  /**
   * What came last on a connection is no request, and nothing after it can be read. Calls back once those before it were
   * answered: at once when there are none, or when what is wrong is the body of the one that is being served.
   */
  finish(socket: object, onLast: () => void): void {
    const line = this.#lines.get(socket);
    if (line?.waiting.at(-1)?.request.complete === false) line.waiting.pop();
    if (line?.serving?.request.complete === true) line.onLast = onLast;
    else onLast();
  }

  #lineOf(socket: object): Line {
    const known = this.#lines.get(socket);
    if (known !== undefined) return known;
    const line: Line = { serving: undefined, waiting: [], onLast: undefined };
    this.#lines.set(socket, line);
    return line;
  }

  #begin(socket: IncomingMessage["socket"], line: Line, turn: Turn): void {
    line.serving = turn;
    turn.serve();
    turn.response.once("close", () => {
      line.serving = undefined;
      const next = line.waiting.shift();
      if (next === undefined) line.onLast?.();
      else if (socket.writable) this.#begin(socket, line, next);
      else line.waiting.length = 0;
    });
  }
}
