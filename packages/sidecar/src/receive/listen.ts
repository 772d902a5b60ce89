/** Listening and closing, the same for every kind of server. */
import type { Server } from "node:net";
import type { Clock } from "@coresdk/pipeline";

/** Listens; resolves with where. */
export function listen(
  server: Server,
  at: { readonly host: string; readonly port: number },
): Promise<{ readonly host: string; readonly port: number }> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      reject(new Error(`cannot listen on ${at.host}:${at.port}: ${error.message}`, { cause: error }));
    };
    server.once("error", onError);
    server.listen(at.port, at.host, () => {
      server.off("error", onError);
      // Accepting can fail later (no file descriptors left); the door stays open for when they are.
      server.on("error", () => undefined);
      const address = server.address();
      resolve(
        typeof address === "object" && address !== null
          ? { host: address.address, port: address.port }
          : { host: at.host, port: at.port },
      );
    });
  });
}

/** Stops listening and waits for the connections to end, at most `deadlineMs`; then `cut` ends them. */
export function closeServer(
  server: Server,
  deadlineMs: number,
  clock: Clock,
  cut: () => void,
): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(deadlineMs, cut);
    const finish = (): void => {
      cancel();
      resolve();
    };
    // A server that was closed before calls back with an error once its connections have ended.
    server.close(finish);
  });
}
