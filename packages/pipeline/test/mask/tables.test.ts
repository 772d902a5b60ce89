import { type Cases, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** Texts in which `§` stands for what goes. */
function tables(...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text.replaceAll("§", "hunter2"), text.replaceAll("§", R)]);
}

const COLUMNS = Array.from({ length: 45 }, (_, i) => `column_name_${i}`);

const CASES: Cases = {
  "tables of Markdown go however they are ruled": tables(
    "| Name | Password |\n| --- | --- |\n| ada | § |",
    "| Name | Password |\n|:-----|---------:|\n| ada | § |",
    "| Name | Password |\n| :--- | ---: |\n| ada | § |\n| bob | § |",
    "Name | Password\n--- | ---\nada | §",
  ),
  "tables that are drawn go": tables(
    "+----+----------+\n| id | password |\n+----+----------+\n| 1  | §  |\n+----+----------+\n",
  ),
  "columns go whatever the others are called": tables(
    "id,größe,password\n1,3,§",
    "id,password,größe\n1,§,3",
    "id,名前,password\n1,3,§",
    "id,amount (EUR),password\n1,3,§",
    "id,Password (hash),x\n1,§,y",
    "First Name [Required],Password [Required],x\nAda,§,y",
    "id,is new?,amount/unit,first and last name,password\n1,2,3,4,§",
    "id,,password\n1,3,§",
    "id,password,,x\n1,§,,y",
    "'id','password'\n'1','§'",
    `${COLUMNS.join(",")},password\n${COLUMNS.map(() => 1).join(",")},§`,
  ),
  "columns go with a space behind each comma": tables(
    "id, password\n1, §",
    "id, password, name\n1, §, x\n2, §, y",
  ),
  "sentences, paths and lists stay": kept(
    "user, password, and more\nis what we ask for",
    "the user, password\nfoo, bar",
    "auth | token\n-----\nx | y",
    "token: a, b\nc, d",
    "f(user,password)\nx,y",
  ),
};

testCases(CASES);
