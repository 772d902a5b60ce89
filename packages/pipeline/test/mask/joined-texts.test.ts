import { type Cases, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";

const CASES: Cases = {
  "the new value of a plan goes as the old one does": [
    ['~ password: "hunter2" => "letmein9"', `~ password: "${R}" => "${R}"`],
    ['password:  "" => "hunter2" (forces)', `password:  "" => "${R}" (forces)`],
    ['password = "hunter2" -> "letmein9"', `password = "${R}" -> "${R}"`],
  ],
  "all pieces of a text go": [
    [
      "{'a': 1,\n 'password': 'correct horse 9x '\n             'battery '\n             'staple',\n 'x': 'y'}",
      `{'a': 1,\n 'password': '${R}'\n             '${R}'\n             '${R}',\n 'x': 'y'}`,
    ],
    [
      "{\n  password: 'a\\n' +\n    'hunter2\\n' +\n    'x',\n  b: 'c'\n}",
      `{\n  password: '${R}' +\n    '${R}' +\n    '${R}',\n  b: 'c'\n}`,
    ],
  ],
  "pieces go whatever their quotes are, and what is in front of them": [
    [
      "{'SECRET_KEY': b'\\x82\\xc7'\n               b'Q$G3x',\n 'b': 'c'}",
      `{'SECRET_KEY': b'${R}'\n               b'${R}',\n 'b': 'c'}`,
    ],
    [
      "{'password': \"it's hunter2 \"\n             '\"x\" battery ',\n 'b': 'c'}",
      `{'password': "${R}"\n             '${R}',\n 'b': 'c'}`,
    ],
    ["password: 'a1' +\n    \"it's\",\n b: 'c'", `password: '${R}' +\n    "${R}",\n b: 'c'`],
  ],
  "a text in the next line that is no piece stays": [
    ["'password': 'x1'\n'user': 'y'", `'password': '${R}'\n'user': 'y'`],
    ['a:\n  "password": "x1"\n  "user": "bob"', `a:\n  "password": "${R}"\n  "user": "bob"`],
    ...kept('password = ""\n"x"'),
  ],
  "lines up to a word of their own go": [
    [
      "  + password = <<-EOT\n        hunter2\n        abc\n    EOT\n  + x = 1",
      `  + password = <<-EOT\n        ${R}\n    EOT\n  + x = 1`,
    ],
    ["password = <<~'PW'\n  hunter2\nPW\nx", `password = <<~'PW'\n  ${R}\nPW\nx`],
    ["  + token = <<-EOT\n        hunter2", `  + token = <<-EOT\n        ${R}`],
    ...kept("password = <<EOT\nEOT\nx"),
  ],
};

testCases(CASES);
