import { type Fact, facts } from "@coresdk/pipeline";

/** Counts the events that a pipeline has taken and not yet settled, by its facts: the queue itself answers later. */
export class HeldEvents {
  count = 0;

  note(fact: Fact, amount: number): void {
    if (fact === facts.eventsAccepted) this.count += amount;
    else if (fact === facts.delivered || fact === facts.deadLettered) this.count -= amount;
  }
}
