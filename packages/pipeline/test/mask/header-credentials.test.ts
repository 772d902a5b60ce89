import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** `Authorization` in dumps of headers: texts, and what is left of them. */
const CASES: Cases = {
  "credentials that are a list of parameters go with their signature, whatever the scheme": [
    [
      'Authorization: hmac username="alice123", algorithm="hmac-sha256", headers="date", signature="ujWC7c9Axw="',
      `Authorization: ${R}`,
    ],
    [
      'Authorization: MAC id="h480djs93hd8", nonce="2:dj8", mac="bhCQXTVyfj5cmA9uKkP="',
      `Authorization: ${R}`,
    ],
    [
      "Authorization: TC3-HMAC-SHA256 Credential=AKID/2019/cvm/tc3_request, SignedHeaders=host, Signature=10b1a37a",
      `Authorization: ${R}`,
    ],
    [
      "authorization: HMAC-SHA256 Credential=0-l1:abc&SignedHeaders=date;host&Signature=ujWC7c9Axw=\nHost: a",
      `authorization: ${R}\nHost: a`,
    ],
    [
      "Authorization: ACS3-HMAC-SHA256 Credential=LTAIx,SignedHeaders=host;x-acs-action,Signature=d6c2",
      `Authorization: ${R}`,
    ],
    [
      "Authorization: GOOG4-RSA-SHA256 Credential=a/storage/goog4_request, SignedHeaders=host, Signature=4b0a1d",
      `Authorization: ${R}`,
    ],
    [
      "Authorization: SDK-HMAC-SHA256 Access=QTWA, SignedHeaders=host;x-sdk-date, Signature=7be666",
      `Authorization: ${R}`,
    ],
    [
      "Authorization: EG1-HMAC-SHA256 client_token=a;access_token=b;timestamp=2;nonce=d;signature=9f8e7d",
      `Authorization: ${R}`,
    ],
    ['Authorization=Hawk id = "dh37", mac = "aSe1DERmZuRl3pI3="', `Authorization=${R}`],
    ['Authorization: Token token="q8Zk2"', `Authorization: ${R}`],
  ],
  "a quote in front of the header ends it, and a parameter's does not": [
    [
      'msg="Authorization: Token token=abc123def" level=info trace_id=4bf9',
      `msg="Authorization: ${R}" level=info trace_id=4bf9`,
    ],
    [
      'curl -H "Authorization: GoogleLogin auth=x1" https://acme.io -d 1',
      `curl -H "Authorization: ${R}" https://acme.io -d 1`,
    ],
    ['curl -H "Authorization: hmac username="alice123", signature="ujWC', `curl -H "Authorization: ${R}`],
    ['"Authorization: hmac id=5, mac="ujWC7c9"', `"Authorization: ${R}`],
  ],
  "folded lines go, and the next header stays": [
    [
      'Authorization: Digest username="a",\r\n    realm="b",\r\n    response="753927fa0e85"\r\nHost: acme',
      `Authorization: ${R}\r\nHost: acme`,
    ],
    [
      "Authorization: AWS4-HMAC-SHA256\n  Credential=AKID/1, SignedHeaders=host,\n  Signature=5d672d79\nHost: acme",
      `Authorization: ${R}\nHost: acme`,
    ],
    [
      '  Authorization: Digest username="a", response="753927fa0e85"\n  Host: acme=1\n  Accept: a',
      `  Authorization: ${R}\n  Host: acme=1\n  Accept: a`,
    ],
  ],
  "what stands behind the quote around a header stays": [
    [
      `curl -H 'Authorization: hmac username="a", signature="ujWC7c9Axw="' https://acme.com/x`,
      `curl -H 'Authorization: ${R}' https://acme.com/x`,
    ],
  ],
  "single quotes within single quotes do not end the header": [
    ["'Authorization: Digest username='bob', response='abc123def''", `'Authorization: ${R}`],
    ["'Authorization: Token token=q8Zk2=' -d x", `'Authorization: ${R}' -d x`],
  ],
  "one token ends where it did": [
    ["Authorization: Bearer q8Zk2x9Yk2== and more", `Authorization: ${R} and more`],
    ["Authorization: Basic dXNlcjpwYXNz and more", `Authorization: ${R} and more`],
    ["Authorization: ApiKey q8Zk2x9Yk2= and more", `Authorization: ${R} and more`],
    ["authorization=Bearer expires=5 status=200", `authorization=${R} status=200`],
  ],
  "words that say there are no credentials stay": [
    ["authorization: failed user=5 path=/x", "authorization: failed user=5 path=/x"],
    ["authorization: no bearer token", "authorization: no bearer token"],
  ],
};

testCases(CASES);
