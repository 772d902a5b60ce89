/** The part of a Kafka broker that a login needs, to put faults into what a real one would say. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { int16, int32 } from "./wire.ts";

/** What the broker says in a login; each part can be replaced by what no broker should say. */
export interface Lines {
  first(clientNonce: string): string;
  final(signature: string): string;
}

const SALT = Buffer.from("a salt of some bytes");
const ITERATIONS = 4096;

/** What an honest broker says. */
export const honest: Lines = {
  first: (clientNonce) => `r=${clientNonce}server,s=${SALT.toString("base64")},i=${ITERATIONS}`,
  final: (signature) => `v=${signature}`,
};

const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;

/** Answers logins; what a client asks after one ends the connection. */
export class FakeBroker implements AsyncDisposable {
  connections = 0;
  /** Requests that a client made after its login, by their API key: it took the broker for real. */
  readonly after: number[] = [];
  /** All bytes that came. */
  readonly received: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #password: string;
  readonly #lines: Lines;

  constructor(password: string, lines: Partial<Lines> = {}) {
    this.#password = password;
    this.#lines = { ...honest, ...lines };
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(): Promise<this> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return this;
  }

  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    const login = new Login(this.#password, this.#lines);
    let buffered: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      this.received.push(chunk);
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const end = 4 + buffered.readInt32BE(0);
        const answer = this.#answer(buffered.subarray(4, end), login);
        buffered = buffered.subarray(end);
        if (answer === undefined) {
          socket.destroy();
          return;
        }
        const size = Buffer.alloc(4);
        size.writeInt32BE(answer.length);
        socket.write(Buffer.concat([size, answer]));
      }
    });
  }

  /** `request = api_key:i16 api_version:i16 correlation_id:i32 client_id:i16-string [tags] body` */
  #answer(request: Buffer, login: Login): Buffer | undefined {
    const key = request.readInt16BE(0);
    const correlation = request.subarray(4, 8);
    const body = request.subarray(10 + Math.max(0, request.readInt16BE(8)));
    // Within a login it is asked in version 1, and in a later one after it.
    if (key === API_VERSIONS && request.readInt16BE(2) === 1) {
      const keys = [SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE];
      const entries = keys.flatMap((it) => [int16(it), int16(0), int16(2)]);
      return Buffer.concat([correlation, int16(0), int32(keys.length), ...entries, int32(0)]);
    }
    if (key === SASL_HANDSHAKE) {
      const name = Buffer.from("SCRAM-SHA-256");
      return Buffer.concat([correlation, int16(0), int32(1), int16(name.length), name]);
    }
    if (key === SASL_AUTHENTICATE) {
      // Behind the header's tags: compact bytes, their length plus one in front.
      const said = Buffer.from(login.answer(body.subarray(2, 1 + (body[1] ?? 0)).toString()));
      const length = said.length + 1;
      const prefix = Buffer.of((length & 0x7f) | 0x80, length >> 7);
      return Buffer.concat([
        correlation,
        Buffer.of(0),
        int16(0),
        Buffer.of(0),
        prefix,
        said,
        Buffer.alloc(9),
      ]);
    }
    this.after.push(key);
    return undefined;
  }
}

/** The server's side of SCRAM-SHA-256 (RFC 5802, section 3). */
class Login {
  readonly #password: string;
  readonly #lines: Lines;
  #begun = "";

  constructor(password: string, lines: Lines) {
    this.#password = password;
    this.#lines = lines;
  }

  answer(message: string): string {
    if (this.#begun === "") {
      const bare = message.slice("n,,".length);
      const first = this.#lines.first(bare.slice(bare.indexOf("r=") + 2));
      this.#begun = `${bare},${first}`;
      return first;
    }
    const salted = pbkdf2Sync(this.#password, SALT, ITERATIONS, 32, "sha256");
    const text = `${this.#begun},${message.slice(0, message.indexOf(",p="))}`;
    const serverKey = createHmac("sha256", salted).update("Server Key").digest();
    return this.#lines.final(createHmac("sha256", serverKey).update(text).digest("base64"));
  }
}

/** As a wrong signature: of the right form, and of another password. */
export function otherSignature(): string {
  return createHash("sha256").update("something else").digest("base64");
}
