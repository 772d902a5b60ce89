/** Names in each kind of quotes, in front of each sign and of what joins texts, beside each other and in turns. */
const NAMES: readonly string[] = ["token", "'token'", '"token"', '\\"token\\"'];
const SIGNS: readonly string[] = [
  ...[
    "=",
    " = ",
    ":",
    ": ",
    "=>",
    " => ",
    " -> ",
    "->",
    ":=",
    "==",
    " <> ",
    " in (",
    " + ",
    " +\n",
    "\n",
    "\n ",
  ],
  ...[", ", ",\n", " ", "'\\''", "'\"'\"'", ": '", "='", ' => "'],
];

export const NAME_PIECES: readonly string[] = [
  ...NAMES.flatMap((name) => SIGNS.map((sign) => name + sign)),
  ...SIGNS.map((sign) => `'token'${sign}'a' => "password" => `),
];

/** Blanks and hyphens that stand for those of ASCII between digits alone. */
const WIDE: readonly string[] = ["\u00a0", "\u2003", "\u202f", "\u3000", "\u2010", "\u2013", "\u2212"];

export const WIDE_PIECES: readonly string[] = WIDE.flatMap((wide) => [wide, `日本${wide}語`, `4${wide}`]);

/** What begins a value of several parts, behind a name whose quote nothing closes. */
const OPENERS: readonly string[] = [
  "(a ",
  "a(b ",
  "&{a ",
  "[]a(&[{",
  "[]byte(a ",
  "Set(1) { ",
  "#<struct A b'",
];

export const OPENED_PIECES: readonly string[] = OPENERS.flatMap((opener) => [
  `"pwd=${opener}`,
  `'pwd=${opener}`,
]);
