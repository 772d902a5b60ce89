import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { countSteps } from "./count-steps.ts";

/** Pieces that make each rule begin as often as it can, and come to nothing as late as it can. */
const PIECES = [
  "a",
  "@",
  "a@",
  "a@b",
  "a@b.",
  "a.b@c.d@",
  '"',
  '"@x.y',
  "1",
  "1 ",
  "4111 ",
  "4111-1111-1111-111",
  "12-",
  "123-45-678 ",
  "ssn 12345678",
  "GB82",
  "GB82 ",
  "gb82west1234",
  "eyJ",
  "eyJ.",
  "eyJaaaaaaaa",
  "eyJaaaaaaaa.",
  "eyJaaaaaaaa.b",
  "sk-",
  "sk-a",
  "SG.",
  "SG.a.",
  "ghp_",
  "AKIA",
  "AIza-",
  "xoxb-1",
  "hooks.",
  "discord.com/api/webhooks/",
  "12345678:AA",
  "1//0",
  "dapi1",
  "SK",
  "SK0",
  "a.atlasv1.",
  "SSWS ",
  "ntlm+",
  "Bearer ",
  "bearer+",
  "bearer=",
  "Basic a+",
  "basic+",
  "password",
  "password=",
  "password:",
  'password="',
  "password='a'",
  '\\"password\\":\\"',
  "password={",
  'password=["',
  "a=",
  ":",
  "=",
  " :",
  "Authorization: ",
  "authorization: a ",
  "authorization: digest ",
  "Cookie: a=b; ",
  "cookie: ; ",
  "-----BEGIN ",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY----------END",
  "----------",
  "://",
  "://a:",
  "://a:b@",
  "https://user:",
  "redis://u:p/",
  "redis://u:p@/",
  "a:b@tcp(",
  "@tcp(",
  "{",
  "[",
  '{"a":',
  '["password",',
  '{"password":[',
  "{}",
  '"a":"b\\"',
  "\\",
  "\\u0034",
  "%34",
  "%2534",
  "%",
  "\u200b",
  "４",
  "١",
  "𝟒",
  "é",
  "(555) ",
  "+1 ",
  "1.1.",
  "1:",
  "a::",
  "\u001b[1m",
  "\u001b[1",
  "\u001b",
  "\\u001b[1m4",
  "a@b\u001b[1m",
  "-eyJ",
  "_eyJaaaaaaaa.",
  "ewog.",
  "ewogICJh.eyJ",
  ".ew",
  "=3D",
  "pass%77ord=a%20",
  "token=%61%20",
  '"value":',
  '"name":"password","value":',
  "--a ",
  "--password ",
  "--password x ",
  "-u a:",
  "curl -u a:b ",
  "<password>",
  "<password>x",
  '<a b="c">',
  "password=a ",
  "password=correct horse ",
  "password: must ",
  ";pwd=a b",
  "password=(((",
  "password=)))",
  "[REDACTED]",
  "password=[REDACTED]",
];

const SIZE = 100_000;

function repeated(piece: string, size: number): string {
  // Whole pieces, so that texts of all sizes end alike.
  return piece.repeat(Math.floor(size / piece.length));
}

const maskers = {
  "by default": createMasker(),
  "with everything on": createMasker({
    categories: { phone: true, ip: true },
    literals: ["aaaaaaaaab", "aab", "4111 4112"],
    blockedKeys: ["staff"],
  }),
};

for (const [name, masker] of Object.entries(maskers)) {
  describe(`twice the text is at most about twice the work, ${name}`, () => {
    for (const piece of PIECES) {
      test(JSON.stringify(piece), () => {
        const steps = [SIZE / 4, SIZE / 2, SIZE].map((size) => {
          const text = repeated(piece, size);
          return countSteps(() => masker.maskText(text));
        });
        const [quarter = 0, half = 0, whole = 0] = steps;
        assert.ok(whole <= half * 2.3 + 2_000, `${half} steps, then ${whole}`);
        assert.ok(half <= quarter * 2.3 + 2_000, `${quarter} steps, then ${half}`);
        // And no rule is linear with a factor that would stop the pipeline.
        assert.ok(whole <= SIZE * 600, `${whole} steps`);
      });
    }
  });
}
