import { Worker } from "node:worker_threads";
import type { Clock, DeadLetter, SequenceRange } from "../contracts.ts";
import type {
  Answer,
  Append,
  Committed,
  DiskThreadStart,
  Opened,
  Question,
  Reply,
  Work,
} from "./disk-protocol.ts";
import { findThreadScript } from "./thread-script.ts";

/**
 * Settlements wait this long for an append to ride with; alone, they cost a sync of their own. Long enough for a sender's
 * next request, since those who were answered together send together.
 */
const SETTLE_WAIT_MS = 20;
/** A close waits this long for the thread; one that a disk holds up longer is left to end when it can. */
const CLOSE_LIMIT_MS = 3_000;

/** What the queue is told of, beside answers to its own calls. */
export interface DiskLinkEvents {
  committed(reply: Committed): void;
  damaged(detail: string): void;
  exposed(detail: string): void;
  failing(detail: string): void;
  writable(): void;
  /** The thread is gone, and with it all that was under way. Called once. */
  failed(error: Error): void;
}

type QuestionBody = Question extends infer Each ? (Each extends Question ? Omit<Each, "id"> : never) : never;

/** What will be sent to the thread at the end of this turn, and who waits for its settlements. */
interface Outbox {
  readonly work: {
    readonly appends: Append[];
    readonly settlements: { reader: string; ranges: readonly SequenceRange[] }[];
    readonly burials: { reader: string; letters: readonly DeadLetter[] }[];
  };
  readonly durable: PromiseWithResolvers<void>;
}

/** The wire to the disk thread: gathers what comes up in one turn, and hands answers to who asked. */
export class DiskLink {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #events: DiskLinkEvents;
  readonly #questions = new Map<number, PromiseWithResolvers<Answer>>();
  #unsettled: { id: number; durable: PromiseWithResolvers<void> }[] = [];
  #appending = 0;
  #outbox = newOutbox();
  #lastId = 0;
  #send: NodeJS.Immediate | undefined;
  #cancelSettle: (() => void) | undefined;
  #failure: Error | undefined;
  readonly #opened = Promise.withResolvers<Opened>();
  readonly #ended = Promise.withResolvers<void>();
  #isOpen = false;
  #isClosing = false;

  constructor(start: DiskThreadStart, clock: Clock, events: DiskLinkEvents) {
    this.#clock = clock;
    this.#events = events;
    const script = findThreadScript(import.meta.url);
    this.#worker = new Worker(script, {
      name: "coresdk-queue",
      workerData: start,
      // What Node 22 says of node:sqlite is not for the users of a daemon.
      execArgv: [
        "--disable-warning=ExperimentalWarning",
        ...(script.pathname.endsWith(".ts") ? ["--conditions=coresdk-source"] : []),
      ],
    });
    this.#worker.on("message", (reply: Reply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#exited());
  }

  /** Resolves once the files are open; rejects with the reason why they cannot be. */
  opened(): Promise<Opened> {
    return this.#opened.promise;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Sends a batch; its outcome comes with `committed`, in the order of the calls. */
  append(append: Append): void {
    this.#appending++;
    this.#outbox.work.appends.push(append);
    this.#hold();
    // After the poll phase: requests that were read together are committed together.
    this.#send ??= setImmediate(() => this.flush());
  }

  settle(reader: string, ranges: readonly SequenceRange[]): Promise<void> {
    this.#outbox.work.settlements.push({ reader, ranges });
    return this.#soon();
  }

  bury(reader: string, letters: readonly DeadLetter[]): Promise<void> {
    this.#outbox.work.burials.push({ reader, letters });
    return this.#soon();
  }

  /** Asks the thread; what was appended and settled before is sent before. */
  ask(question: QuestionBody): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.flush();
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Answer>();
    this.#questions.set(id, answer);
    this.#worker.postMessage({ ...question, id });
    this.#hold();
    return answer.promise;
  }

  /** Sends what has gathered. */
  flush(): void {
    clearImmediate(this.#send);
    this.#send = undefined;
    this.#cancelSettle?.();
    this.#cancelSettle = undefined;
    const { work, durable } = this.#outbox;
    const isEmpty = work.appends.length + work.settlements.length + work.burials.length === 0;
    if (isEmpty || this.#failure !== undefined) return;
    this.#outbox = newOutbox();
    const id = ++this.#lastId;
    const message: Work = { kind: "work", id, ...work };
    this.#unsettled.push({ id, durable });
    this.#worker.postMessage(
      message,
      work.appends.map(({ buffer }) => buffer),
    );
  }

  /**
   * Sends the rest, lets the thread commit it, and waits for its end, up to a limit: past it what was not
   * committed is refused, and the directory stays locked until the thread has ended.
   */
  async close(): Promise<void> {
    this.#worker.ref();
    if (!this.#isClosing && this.#failure === undefined) {
      this.flush();
      this.#isClosing = true;
      this.#worker.postMessage({ kind: "close" });
    }
    const cancel = this.#clock.schedule(CLOSE_LIMIT_MS, () => this.#letGo());
    await this.#ended.promise;
    cancel();
  }

  #soon(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#hold();
    if (this.#send === undefined) {
      this.#cancelSettle ??= this.#clock.schedule(SETTLE_WAIT_MS, () => this.flush());
    }
    return this.#outbox.durable.promise;
  }

  #receive(reply: Reply): void {
    switch (reply.kind) {
      case "opened":
        this.#isOpen = true;
        this.#opened.resolve(reply);
        break;
      case "committed":
        this.#committed(reply);
        break;
      case "answer":
        this.#answered(reply);
        break;
      case "damaged":
        this.#events.damaged(reply.detail);
        break;
      case "exposed":
        this.#events.exposed(reply.detail);
        break;
      case "writable":
        this.#events.writable();
        break;
      case "failing":
        this.#events.failing(reply.detail);
        break;
      case "fatal":
        this.#fail(named(reply.name, reply.error));
        break;
      case "closed":
        break;
    }
    this.#hold();
  }

  #committed(reply: Committed): void {
    this.#appending -= reply.outcomes.length;
    this.#events.committed(reply);
    while ((this.#unsettled[0]?.id ?? Number.POSITIVE_INFINITY) <= reply.settledThrough) {
      this.#unsettled.shift()?.durable.resolve();
    }
  }

  #answered(answer: Answer): void {
    const question = this.#questions.get(answer.id);
    this.#questions.delete(answer.id);
    if (answer.error === undefined) question?.resolve(answer);
    else question?.reject(new Error(`the queue could not be read: ${answer.error}`));
  }

  /** Whoever waits for the disk keeps the process alive; an idle queue does not. */
  #hold(): void {
    const { settlements, burials } = this.#outbox.work;
    const waiting = this.#appending + this.#questions.size + this.#unsettled.length;
    const isBusy = waiting + settlements.length + burials.length > 0;
    if (isBusy || !this.#isOpen || this.#isClosing) this.#worker.ref();
    else this.#worker.unref();
  }

  /** The thread can be told to end, but not made to while the operating system has it wait. */
  #letGo(): void {
    void this.#worker.terminate();
    this.#worker.unref();
    this.#events.failing(`the disk did not let the queue be closed within ${CLOSE_LIMIT_MS} ms`);
    this.#abandon(new Error("the queue was closed before this could be committed"));
    this.#ended.resolve();
  }

  #exited(): void {
    if (this.#isClosing) this.#abandon(new Error("the queue was closed before this could be committed"));
    else this.#fail(new Error("the thread of the disk queue ended"));
    this.#ended.resolve();
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#abandon(error);
    if (this.#isOpen) this.#events.failed(error);
    else this.#opened.reject(error);
  }

  #abandon(error: Error): void {
    clearImmediate(this.#send);
    this.#cancelSettle?.();
    for (const question of this.#questions.values()) question.reject(error);
    this.#questions.clear();
    for (const { durable } of this.#unsettled) durable.reject(error);
    this.#unsettled = [];
    this.#outbox.durable.reject(error);
  }
}

function newOutbox(): Outbox {
  const durable = Promise.withResolvers<void>();
  // Not everyone who settles waits for it.
  durable.promise.catch(() => {});
  return { work: { appends: [], settlements: [], burials: [] }, durable };
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
