import { type Cases, gone, kept, testCases } from "./cases.ts";

const CASES: Cases = {
  "the blanks of a form hold words apart": [
    ...gone(
      "Zx9vQ2mL7pTr",
      "http://influx:8086/query?q=CREATE+USER+bob+WITH+PASSWORD+%27§%27",
      "/?query=CREATE+USER+x+IDENTIFIED+BY+'§'",
      "payload=%7B%22password%22+%3A+%22§%22%7D",
      "%7B%22password%22+%3A+%22§%22%7D",
      "text=docker+login+-u+bob+--password+§",
      "command=mysql+-u+root+-p§",
      "command=redis-cli+-a+§+ping",
      '{"url":"/?q=CREATE+USER+bob+WITH+PASSWORD+%27§%27"}',
      "POST /run?cmd=sshpass+-p+§&x=1 HTTP/1.1",
    ),
    ...gone("a%3D1%3B+b%3DZx9vQ2mL7pTr", "text=Cookie%3A+§"),
  ],
  "so do those of a form within a form": gone(
    "Zx9vQ2mL7pTr",
    "next=%2Flogin%3Ftext%3Ddocker%2Blogin%2B--password%2B§",
    "next=%252Flogin%253Ftext%253Ddocker%252Blogin%252B--password%252B§",
  ),
  "elsewhere a plus is a sign": kept(
    "GET /login?q=reset+password+link HTTP/1.1",
    "x=1 WITH+PASSWORD+'x1y2z3'",
    "c++ --version",
    "at=2026-11-23T10:00:00+01:00 n=+5",
  ),
};

testCases(CASES);
