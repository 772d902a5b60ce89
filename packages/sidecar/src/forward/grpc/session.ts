/** The HTTP/2 connection to the upstream, made when it is needed and made anew when it is lost. */
import { type ClientHttp2Session, connect } from "node:http2";
import type { Clock } from "@coresdk/pipeline";
import type { ForwardSettings } from "../settings.ts";
import { tlsOptions } from "../transport.ts";

/** Megabytes that one session may hold: several requests of the largest size that OTLP recommends. */
const MAX_SESSION_MB = 512;

const KEEP_ALIVE_DELAY_MS = 30_000;
/** How long the end of a session may take that is destroyed already. */
const CLOSE_GRACE_MS = 500;

export interface SessionKeeper {
  /** The session in use, or a new one. */
  acquire(): ClientHttp2Session;
  /** Uses the session for no further call: it does not answer. Calls under way may still end. */
  retire(session: ClientHttp2Session): void;
  /** Ends every session, with what is under way on it. */
  close(): Promise<void>;
}

export function createSessionKeeper(settings: ForwardSettings, clock: Clock): SessionKeeper {
  const { origin } = new URL(settings.endpoint);
  const options = {
    ...tlsOptions(settings),
    settings: { enablePush: false },
    maxSessionMemory: MAX_SESSION_MB,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  };
  const open = new Set<ClientHttp2Session>();
  let current: ClientHttp2Session | undefined;

  const leave = (session: ClientHttp2Session): void => {
    if (current === session) current = undefined;
  };

  function openSession(): ClientHttp2Session {
    const session = connect(origin, options);
    open.add(session);
    // Each call under way listens.
    session.setMaxListeners(0);
    // The calls under way report the failure; the session only has to be left.
    session.on("error", () => leave(session));
    session.on("goaway", () => leave(session));
    session.on("close", () => {
      leave(session);
      open.delete(session);
    });
    return session;
  }

  return {
    acquire() {
      const lost = current;
      // Its end may never be told: see below.
      if (lost?.destroyed) clock.schedule(CLOSE_GRACE_MS, () => open.delete(lost));
      if (lost !== undefined && !lost.closed && !lost.destroyed) return lost;
      current = openSession();
      return current;
    },
    retire(session) {
      leave(session);
      session.close();
      // What is still under way on it has its own deadline, which is over by then.
      const cancel = clock.schedule(settings.timeoutMs, () => session.destroy());
      session.once("close", cancel);
    },
    async close() {
      // `once` of node:events would reject when a session ends with an error, which is an end as well.
      const closed = [...open].map((session) => {
        return new Promise<void>((resolve) => {
          // Node tells nobody of the end of a session whose client certificate the upstream refused.
          const cancel = session.destroyed ? clock.schedule(CLOSE_GRACE_MS, resolve) : () => undefined;
          session.once("close", () => {
            cancel();
            resolve();
          });
        });
      });
      for (const session of open) session.destroy();
      await Promise.all(closed);
    },
  };
}
