import type { EngineLimits } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import { instantiate } from "./wasm-module.ts";

/** What the module exports; `crate/src/lib.rs` says what each does. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  reserve(length: number): number;
  answer_ptr(): number;
  answer_len(): number;
  configure(steps: bigint, bytes: number, strict: number): void;
  add_module(file: number, text: number): number;
  add_data(path: number, text: number): number;
  prepare(): number;
  evaluate(rule: number, input: number): number;
  query(query: number, input: number): number;
  syntax_tree(index: number): number;
  set_clock(nanoseconds: bigint): void;
  clear_clock(): void;
  memory_used(): number;
  memory_exhausted(): number;
  /** Where the stack ends; a trap leaves it where it was. */
  readonly __stack_pointer: { value: number };
}

/** The numbers that calls return, by their place. */
const statuses = [
  "value",
  "undefined",
  "error",
  "out of fuel",
  "no clock",
  "unreadable",
  "out of memory",
] as const;

/** What a call came to, and the text it left; for `too long`, how many bytes it had. */
export interface Outcome {
  readonly status: (typeof statuses)[number] | "too long";
  readonly text: string;
}

/** The unit in which a memory of WebAssembly grows. */
const PAGE_BYTES = 65_536;
/** By so much a memory may have grown in an instance that is used again: what grew is not used by the old state. */
const MOST_GROWN_BYTES = 8_388_608;

/** What an instance can be set back to; threads share it. */
export interface SavedState {
  readonly memory: Uint8Array<SharedArrayBuffer>;
  readonly stackPointer: number;
}

type Call = "add_module" | "add_data" | "evaluate" | "query";

/** One engine of WebAssembly, with its own memory. After an error that it throws it has to be restored. */
export class Instance {
  readonly #exports: Exports;
  readonly #maxAnswerLength: number;
  #buffer: ArrayBuffer = new ArrayBuffer(0);
  #memory: Buffer = Buffer.from(this.#buffer);
  #hasClock = false;

  /** @param state what it begins with: of an instance with the same limits; without, it has no policies */
  constructor(limits: EngineLimits, isStrict: boolean, state?: SavedState) {
    const exports = instantiate();
    if (!areOurs(exports)) throw new Error("rego.wasm is not the module that this version was made for");
    this.#exports = exports;
    this.#maxAnswerLength = limits.maxAnswerLength;
    exports.configure(BigInt(limits.maxSteps), limits.maxMemoryBytes, Number(isStrict));
    if (state !== undefined) this.restore(state);
  }

  /** A copy of all that changes in an instance; to be made between two calls, before the first that sets the clock. */
  save(): SavedState {
    const current = this.#view();
    const memory = new Uint8Array(new SharedArrayBuffer(current.length));
    memory.set(current);
    return { memory, stackPointer: this.#exports.__stack_pointer.value };
  }

  /** Whether the memory has become much larger than in a state: it cannot shrink. */
  hasGrownSince({ memory }: SavedState): boolean {
    return this.#exports.memory.buffer.byteLength > memory.length + MOST_GROWN_BYTES;
  }

  /** Sets an instance back to a state of one with the same limits; also when it broke. */
  restore({ memory, stackPointer }: SavedState): void {
    const exports = this.#exports;
    const missing = memory.length - exports.memory.buffer.byteLength;
    if (missing > 0) exports.memory.grow(missing / PAGE_BYTES);
    const current = this.#view();
    current.set(memory);
    current.fill(0, memory.length);
    exports.__stack_pointer.value = stackPointer;
    this.#hasClock = false;
  }

  /** Live bytes, out of those that are allowed. */
  get memoryUsed(): number {
    return this.#exports.memory_used();
  }

  addModule(file: string, text: string): Outcome {
    return this.#call("add_module", file, text);
  }

  addData(path: readonly string[], text: string): Outcome {
    return this.#call("add_data", JSON.stringify(path), text);
  }

  prepare(): Outcome {
    return this.#guard(() => this.#read(this.#exports.prepare()));
  }

  evaluate(rule: string, input: string, nowNs: bigint | undefined): Outcome {
    this.#setClock(nowNs);
    return this.#call("evaluate", rule, input, this.#maxAnswerLength);
  }

  query(query: string, input: string, nowNs: bigint | undefined): Outcome {
    this.#setClock(nowNs);
    return this.#call("query", query, input, this.#maxAnswerLength);
  }

  /** The syntax tree of a module, by the order in which they were added, as JSON. */
  syntaxTree(index: number): Outcome {
    return this.#guard(() => this.#read(this.#exports.syntax_tree(index)));
  }

  #setClock(nowNs: bigint | undefined): void {
    if (nowNs !== undefined) this.#exports.set_clock(nowNs);
    else if (this.#hasClock) this.#exports.clear_clock();
    this.#hasClock = nowNs !== undefined;
  }

  #call(name: Call, first: string, second: string, mostBytes?: number): Outcome {
    return this.#guard(() => {
      const exports = this.#exports;
      const start = exports.reserve(roomFor(first) + roomFor(second));
      const memory = this.#view();
      const firstLength = memory.write(first, start, "utf8");
      const secondLength = memory.write(second, start + firstLength, "utf8");
      return this.#read(exports[name](firstLength, secondLength), mostBytes);
    });
  }

  #read(code: number, mostBytes = Number.POSITIVE_INFINITY): Outcome {
    const status = statuses[code];
    if (status === undefined) throw new Error(`rego.wasm answers with the status ${code}`);
    const length = this.#exports.answer_len();
    if (length === 0) return { status, text: "" };
    if (length > mostBytes) return { status: "too long", text: String(length) };
    const start = this.#exports.answer_ptr();
    return { status, text: this.#view().toString("utf8", start, start + length) };
  }

  /** The memory; when it has grown, what was seen of it before is gone. */
  #view(): Buffer {
    const { buffer } = this.#exports.memory;
    if (this.#buffer !== buffer) {
      this.#buffer = buffer;
      this.#memory = Buffer.from(buffer);
    }
    return this.#memory;
  }

  /** Says what a trap means: memory, or a breakdown such as a stack that is full. */
  #guard(run: () => Outcome): Outcome {
    try {
      return run();
    } catch (cause) {
      if (this.#exports.memory_exhausted() !== 0) {
        throw new RegoError("memory", "the engine needs more memory than it is allowed", { cause });
      }
      throw new RegoError("crash", "the engine broke down; recursion without end does that", { cause });
    }
  }
}

/** For a short text as many bytes as it can have at most: each UTF-16 unit takes three or fewer. */
function roomFor(text: string): number {
  return text.length < 4096 ? text.length * 3 : Buffer.byteLength(text);
}

/** The checksum vouches for the rest. */
function areOurs(exports: object): exports is Exports {
  return "memory" in exports && "evaluate" in exports && "__stack_pointer" in exports;
}
