/** One thing that a check holds against the project. */
export interface Finding {
  /** `file:line`, or the file or package alone where no line is to blame. */
  readonly place: string;
  readonly message: string;
}

/** What a check found; no findings means that it passed. */
export interface Report {
  readonly findings: readonly Finding[];
  /** A few words on what was looked at, such as `212 files`. */
  readonly summary: string;
}

export interface Check {
  readonly name: string;
  readonly run: () => Promise<Report>;
}

/** `1 file`, `2 files`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
