import type { Fact, FactRecorder } from "@coresdk/pipeline";

export interface RecordedFact {
  readonly name: string;
  readonly amount: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly detail: string;
}

/** Remembers what was recorded. */
export class RecordedFacts implements FactRecorder {
  readonly all: RecordedFact[] = [];

  record(fact: Fact, amount = 1, labels: Readonly<Record<string, string>> = {}, detail = ""): void {
    this.all.push({ name: fact.name, amount, labels, detail });
  }

  total(name: string): number {
    return this.all.reduce((sum, fact) => sum + (fact.name === name ? fact.amount : 0), 0);
  }
}
