/** What a request's header must be before anything in it counts; Node's parser takes more than RFC 9112 lets pass. */
import type { IncomingMessage } from "node:http";
import { countLines } from "../header-lines.ts";

/** `uri-host [ ":" port ]`, or nothing (RFC 9112, section 3.2; RFC 3986, section 3.2.2). */
const HOST = /^(?:\[[\w.~!$&'()*+,;=:%-]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?$/i;

/** One of two could be read by whoever is in front, and the other one here. */
const SINGLE = ["host", "content-type"] as const;

/** Says what the header must be and is not, to be answered with 400; `undefined` when nothing is wrong with it. */
export function checkHeader(request: IncomingMessage): string | undefined {
  // Node says no more of the request line than the numbers behind the protocol's name.
  if (request.httpVersion !== "1.1" && request.httpVersion !== "1.0") return "the protocol must be HTTP/1.1";
  for (const name of SINGLE) {
    if (countLines(request.rawHeaders, name) > 1) return `there must be one ${name} header`;
  }
  return HOST.test(request.headers.host ?? "")
    ? undefined
    : "the host header must be a host, with or without a port";
}

/** Whether `100-continue` is all that is expected (RFC 9110, section 10.1.1): Node looks for it among other words. */
export function expectsContinueAlone(expect: string | undefined): boolean {
  return (expect ?? "").split(",").every((each) => each.trim().toLowerCase() === "100-continue");
}
