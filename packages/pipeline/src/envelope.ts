import type { Draft } from "./draft.ts";

/** The attributes of one CloudEvent, all of them legal; the data is still the draft's. */
export class Envelope {
  readonly draft: Draft;
  readonly type: string;
  readonly source: string;
  /** `""` when there is none, as for {@link time}. */
  readonly subject: string;
  readonly id: string;
  readonly time: string;
  /** The subject names an unmasked user, and order is asked for. */
  readonly ordered: boolean;
  /** Extension attributes, in the order in which they are written; no name twice. */
  readonly extensionNames: string[] = [];
  readonly extensionValues: (string | number | boolean)[] = [];

  constructor(
    draft: Draft,
    type: string,
    source: string,
    subject: string,
    id: string,
    time: string,
    ordered: boolean,
  ) {
    this.draft = draft;
    this.type = type;
    this.source = source;
    this.subject = subject;
    this.id = id;
    this.time = time;
    this.ordered = ordered;
  }
}
