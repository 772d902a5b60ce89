import type { Draft } from "./draft.ts";

export interface ExtensionAttribute {
  readonly name: string;
  readonly value: string | number | boolean;
}

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
  /** A `traceparent` is made of the draft's trace id, span id and flags. */
  traced = false;
  /** The other extension attributes, in the order in which they are written; no name twice. */
  extensions: ExtensionAttribute[] | undefined = undefined;

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

  /** Adds an extension attribute. */
  extend(name: string, value: string | number | boolean): void {
    this.extensions ??= [];
    this.extensions.push({ name, value });
  }
}
