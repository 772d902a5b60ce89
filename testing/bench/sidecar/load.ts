/**
 * The load: OTLP/HTTP protobuf requests of 100 events each, several under way at once. Every request differs in
 * its bytes from all others, as real ones do, so that each event has an id of its own. A refusal that can be
 * retried is retried.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { decisionRequest } from "../../otlp/requests.ts";
import { answerQuestions } from "./worker.ts";

export interface LoadQuestion {
  /** `http://host:port` */
  readonly origin: string;
  /** How many requests, or how long, in milliseconds, whatever is set. */
  readonly requests?: number;
  readonly forMs?: number;
}

export interface LoadAnswer {
  readonly acknowledgedRequests: number;
  /** Answers that asked to try again. */
  readonly refusals: number;
  readonly seconds: number;
}

const eventsPerRequest = 100;
const inFlight = 16;

const bases = Array.from({ length: 100 }, (_, seed) => decisionRequest(eventsPerRequest, seed));
let made = 0;

/**
 * The next request: one of the prepared ones, and behind it a ResourceLogs that holds no record but a schema URL
 * with a running number (fields 1 and 3 of the messages around it), so that no two requests are the same.
 */
function nextRequest(): Buffer {
  const url = Buffer.from(`urn:request:${++made}`);
  const tail = Buffer.from([0x0a, url.length + 2, 0x1a, url.length]);
  return Buffer.concat([bases[made % bases.length] ?? Buffer.alloc(0), tail, url]);
}

async function load({ origin, requests = Infinity, forMs = Infinity }: LoadQuestion): Promise<LoadAnswer> {
  const pool = new Pool(origin, { connections: inFlight });
  const started = performance.now();
  let [begun, acknowledgedRequests, refusals] = [0, 0, 0];
  const lane = async (): Promise<void> => {
    while (begun < requests && performance.now() - started < forMs) {
      begun++;
      const body = nextRequest();
      while (!(await send(pool, body))) {
        refusals++;
        await delay(20);
      }
      acknowledgedRequests++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  return { acknowledgedRequests, refusals, seconds };
}

/** True when acknowledged, false when refused for now. */
async function send(pool: Pool, body: Buffer): Promise<boolean> {
  const headers = { "content-type": "application/x-protobuf" };
  const response = await pool.request({ path: "/v1/logs", method: "POST", headers, body });
  const said = Buffer.from(await response.body.arrayBuffer());
  if (response.statusCode === 429 || response.statusCode === 503) return false;
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${said.toString("latin1")}`);
  return true;
}

answerQuestions(load);
