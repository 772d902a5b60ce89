/** What stands in front of the rows of an INSERT: `INSERT INTO users (email, password) VALUES`, as people and programs write it. */

/** Between two words: as it was typed, indented, as a form has it or with its line ends written out, and with comments. */
const BLANK = String.raw`(?:[\s+]|\\[nrt]|/\*(?:[^*]|\*(?!/)){0,128}\*/|--(?:[^\r\n\\]|\\(?![nr])){0,128}(?:[\r\n]|\\[nr]))`;
const GAP = `${BLANK}{1,64}`;
const MAYBE_GAP = `${BLANK}{0,64}`;
const BLANKS: RegExp = new RegExp(GAP, "g");

/** Up to the bracket in front of the columns. Each sign begins one of the forms alone, so that nothing is tried twice. */
const UP_TO_COLUMNS: RegExp = new RegExp(
  String.raw`(?:insert|replace|upsert)(?=[\s+\\/-])((?:${BLANK}|[^\s+\\/(),;=-]|/(?!\*)|-(?!-)|\\(?![nrt])){1,640})\(`,
  "iy",
);
const VERB_ENDS = "(?: (?:or [a-z]{4,8}|ignore|low_priority|high_priority|delayed|overwrite|all|first))?";
/** The name of a table, with quotes around its parts or without. */
const TABLE = String.raw`(?:\\?["\x60[][^"\x60[\]\\]{1,128}\\?["\x60\]]|[^\s"\x60[\]\\]){1,128}`;
/** The same with each gap as one space. What follows the table is its alias. */
const INTO_TABLE: RegExp = new RegExp(
  `^${VERB_ENDS}(?: (?:into|table))? ${TABLE}(?: as)?(?: \\S{1,64})? ?$`,
  "i",
);

/** `WHEN NOT MATCHED THEN INSERT (...)`, of a MERGE. */
const THEN = /\bthen\s{1,64}$/i;
const SEEN_OF_THEN = 70;
/** `INTO users PARTITION (p0) (...)` */
const OF_PARTITION = / partition ?$/i;
const PARTITION: RegExp = new RegExp(String.raw`\([^()]{0,256}\)${MAYBE_GAP}(?=\()`, "y");

const COLUMNS = /\(([^()]{1,8192})\)/y;
/** `OUTPUT inserted.id`, `OVERRIDING SYSTEM VALUE`, `FORMAT`, `SETTINGS async_insert = 1` may come first. */
const UP_TO_ROWS: RegExp = new RegExp(
  String.raw`${MAYBE_GAP}(?:(?:output|overriding|format|settings)[\s+][^();]{0,512}?)?values?(?:${GAP}row)?${MAYBE_GAP}(?=\()`,
  "iy",
);
const NEXT_ROW: RegExp = new RegExp(String.raw`\)${MAYBE_GAP},${MAYBE_GAP}(?:row${MAYBE_GAP})?(?=\()`, "iy");
const OPENING: RegExp = new RegExp(String.raw`${MAYBE_GAP}(?:[A-Za-z]|[Uu]&|_\w{1,16})?\\{0,3}(?=["'])`, "y");

/** The columns of an INSERT, and where the bracket of its first row stands. */
export interface InsertHead {
  readonly columns: readonly string[];
  readonly rows: number;
}

/** Reads the head that begins at `at`; `undefined` when none does. */
export function readInsertHead(text: string, at: number): InsertHead | undefined {
  const head = matchAt(UP_TO_COLUMNS, text, at);
  if (head === undefined) return undefined;
  const into = (head[1] ?? "").replace(BLANKS, " ");
  const isMerge = into === " " && THEN.test(text.slice(Math.max(0, at - SEEN_OF_THEN), at));
  if (!isMerge && !INTO_TABLE.test(into)) return undefined;
  let from = at + head[0].length - 1;
  if (OF_PARTITION.test(into)) from += matchAt(PARTITION, text, from)?.[0].length ?? 0;
  const columns = matchAt(COLUMNS, text, from);
  if (columns === undefined) return undefined;
  const behind = from + columns[0].length;
  const values = matchAt(UP_TO_ROWS, text, behind);
  if (values === undefined) return undefined;
  const names = (columns[1] ?? "").replace(BLANKS, "").split(",");
  return { columns: names.map((name) => name.replace(/["'`[\]\\]/g, "")), rows: behind + values[0].length };
}

/** Where the bracket of the next row stands, when the one before ends at `at`; -1 when there is none. */
export function startOfNextRow(text: string, at: number): number {
  const next = matchAt(NEXT_ROW, text, at);
  return next === undefined ? -1 : at + next[0].length;
}

/** Where the quote of the text stands that would begin at `at`, as in `N'...'`, `U&'...'`, `_utf8'...'`; -1 when none does. */
export function startOfText(text: string, at: number): number {
  const opening = matchAt(OPENING, text, at);
  return opening === undefined ? -1 : at + opening[0].length;
}

function matchAt(form: RegExp, text: string, at: number): RegExpExecArray | undefined {
  form.lastIndex = at;
  return form.exec(text) ?? undefined;
}
