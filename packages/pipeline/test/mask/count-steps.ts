/**
 * How much of texts a piece of work looks at: characters asked for one by one, and those that string functions and
 * regular expressions are given to look at. A count, so that a busy machine does not matter. What an expression does within
 * one search is not in it: `time-growth.ts` looks at that.
 */
export function countSteps(work: () => void): number {
  let steps = 0;
  const { charCodeAt, codePointAt, charAt, slice, startsWith, includes, indexOf, replace } = String.prototype;
  const { exec, test } = RegExp.prototype;
  const replaced = {
    charCodeAt(this: string, at: number): number {
      steps++;
      return charCodeAt.call(this, at);
    },
    codePointAt(this: string, at: number): number | undefined {
      steps++;
      return codePointAt.call(this, at);
    },
    charAt(this: string, at: number): string {
      steps++;
      return charAt.call(this, at);
    },
    slice(this: string, start?: number, end?: number): string {
      const part = slice.call(this, start, end);
      steps += part.length;
      return part;
    },
    startsWith(this: string, text: string, at?: number): boolean {
      steps += text.length;
      return startsWith.call(this, text, at);
    },
    includes(this: string, text: string): boolean {
      steps += this.length;
      return includes.call(this, text);
    },
    indexOf(this: string, text: string, from = 0): number {
      const at = indexOf.call(this, text, from);
      steps += (at < 0 ? this.length : at) - from;
      return at;
    },
  };
  const expressions = {
    exec(this: RegExp, text: string): RegExpExecArray | null {
      // A sticky one looks from its place on, and the ones in use stop soon.
      steps += this.sticky ? 32 : text.length;
      return exec.call(this, text);
    },
    test(this: RegExp, text: string): boolean {
      steps += text.length;
      return test.call(this, text);
    },
  };
  Object.assign(String.prototype, replaced);
  Object.assign(RegExp.prototype, expressions);
  try {
    work();
  } finally {
    Object.assign(String.prototype, {
      charCodeAt,
      codePointAt,
      charAt,
      slice,
      startsWith,
      includes,
      indexOf,
      replace,
    });
    Object.assign(RegExp.prototype, { exec, test });
  }
  return steps;
}
