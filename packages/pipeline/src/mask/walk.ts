import { Reach } from "./rules/reach.ts";
import { Runs } from "./runs.ts";
import { Spans } from "./spans.ts";

/** What one text was found to hold so far. Made when something may begin in it. */
export class Walk {
  readonly text: string;
  readonly found: Spans = new Spans();
  readonly runs: Runs;
  readonly reach: Reach = new Reach();
  /** Behind the headers of tokens that were looked at. */
  headersEnd = 0;
  /** Behind the digits that were looked at with wide gaps between them. */
  wideEnd = 0;
  foldable = false;
  escaped = false;

  constructor(text: string) {
    this.text = text;
    this.runs = new Runs(text);
  }
}
