/**
 * What goes between a {@link import("./task-thread.ts").TaskThread} and its thread, one task at a time; `tookMs` is
 * running time.
 */
export type ToThread<Task, Answer> =
  | { readonly kind: "task"; readonly task: Task }
  | { readonly kind: "answer"; readonly answer: Answer };

export type FromThread<Question, Result> =
  | { readonly kind: "question"; readonly question: Question }
  | { readonly kind: "done"; readonly result: Result; readonly tookMs: number }
  /** The task threw an error of that name. */
  | { readonly kind: "failed"; readonly name: string; readonly message: string; readonly tookMs: number };
