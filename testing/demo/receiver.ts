import { createServer } from "node:http";
import { type CloudEvent, CloudEventError } from "@coresdk/cloudevents";
import { decodeBatch } from "@coresdk/cloudevents/http";

/** An event, and when it came. */
export interface Arrival {
  readonly event: CloudEvent;
  readonly atMs: number;
}

/** What the demo has running on this machine to receive things. */
export interface DemoReceiver {
  readonly url: string;
  close(): Promise<void>;
}

/** A webhook as anybody would write it: decode, handle, answer. */
export async function startReceiver(
  onEvent: (arrival: Arrival) => void,
  onError: (error: CloudEventError) => void,
): Promise<DemoReceiver> {
  return listen((headers, body) => {
    try {
      const { events, errors } = decodeBatch({ headers, body });
      for (const event of events) onEvent({ event, atMs: Date.now() });
      for (const error of errors) onError(error);
      return errors.length > 0 ? 400 : 202;
    } catch (error) {
      if (!(error instanceof CloudEventError)) throw error;
      onError(error);
      return 400;
    }
  });
}

/** Stands in for an OpenTelemetry collector: it counts the exports that the sidecar forwards. */
export async function startCollector(
  onExport: (signal: string, bytes: number) => void,
): Promise<DemoReceiver> {
  return listen((_headers, body, path) => {
    onExport(path.split("/").at(-1) ?? "", body.length);
    return 200;
  });
}

type Handle = (headers: Record<string, string | string[] | undefined>, body: Buffer, path: string) => number;

async function listen(handle: Handle): Promise<DemoReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const status = handle(request.headers, Buffer.concat(chunks), request.url ?? "/");
      response.writeHead(status, { "content-type": "application/x-protobuf" }).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
