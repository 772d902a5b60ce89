//! regorus behind a plain C interface. One instance of the module is one engine. The host writes the arguments of a
//! call, one after the other, into the bytes that `reserve` gives it, calls with their lengths, and reads the answer
//! at `answer_ptr` and `answer_len`. A call that traps leaves the instance unusable; the host makes another.

mod clock;
mod decimals;
mod engine;
mod fuel;
mod glob;
mod json_paths;
mod memory;
mod net;
mod operators;
mod policy;
mod queries;
mod regexes;
mod sprintf;
mod stop;
mod texts;
mod time;

use std::cell::RefCell;

use engine::{Engine, Outcome};

/// What a call returns; the host knows the same numbers.
#[repr(u32)]
#[derive(Clone, Copy)]
enum Status {
    /// The answer is JSON, or empty.
    Value = 0,
    Undefined = 1,
    /// The answer is a message, with its place where there is one.
    Error = 2,
    OutOfFuel = 3,
    NoClock = 4,
    /// The arguments cannot be read; the answer says why.
    Unreadable = 5,
    OutOfMemory = 6,
}

/// Arguments of more bytes are forgotten after their call.
const LARGE: usize = 1 << 16;

#[derive(Default)]
struct State {
    engine: Engine,
    arguments: Vec<u8>,
    answer: Vec<u8>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Runs a call over its arguments, which lie one after the other in the reserved bytes.
fn answer<const N: usize>(
    lengths: [usize; N],
    run: impl FnOnce(&mut Engine, [&str; N]) -> Outcome,
) -> Status {
    STATE.with_borrow_mut(|state| {
        let mut texts = [""; N];
        let mut start = 0;
        for (text, length) in texts.iter_mut().zip(lengths) {
            let bytes = state.arguments.get(start..start + length);
            match bytes.map(std::str::from_utf8) {
                Some(Ok(read)) => *text = read,
                _ => {
                    state.answer = b"an argument is not UTF-8".to_vec();
                    return Status::Unreadable;
                }
            }
            start += length;
        }
        let (status, answer) = match run(&mut state.engine, texts) {
            Outcome::Value(json) => (Status::Value, json),
            Outcome::Undefined => (Status::Undefined, String::new()),
            Outcome::Error(message) => (Status::Error, message),
            Outcome::OutOfFuel => (Status::OutOfFuel, String::new()),
            Outcome::NoClock => (Status::NoClock, String::new()),
            Outcome::OutOfMemory => (Status::OutOfMemory, String::new()),
            Outcome::Unreadable(message) => (Status::Unreadable, message),
        };
        state.answer = answer.into_bytes();
        status
    })
}

/// Makes room for the arguments of the next call and says where.
#[no_mangle]
extern "C" fn reserve(length: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        // What a large document needed once is not held against every evaluation.
        if state.arguments.capacity() > LARGE {
            state.arguments = Vec::new();
        }
        state.arguments.resize(length, 0);
        state.arguments.as_mut_ptr()
    })
}

#[no_mangle]
extern "C" fn answer_ptr() -> *const u8 {
    STATE.with_borrow(|state| state.answer.as_ptr())
}

#[no_mangle]
extern "C" fn answer_len() -> usize {
    STATE.with_borrow(|state| state.answer.len())
}

/// Sets how many steps an evaluation may take, how many bytes may be allocated, and whether an error in a builtin ends
/// the evaluation.
#[no_mangle]
extern "C" fn configure(steps: u64, bytes: usize, strict: bool) {
    fuel::set(steps);
    memory::set_limit(bytes);
    STATE.with_borrow_mut(|state| state.engine.set_strict(strict));
}

/// Parses a module: its file name, its text.
#[no_mangle]
extern "C" fn add_module(file: usize, text: usize) -> Status {
    answer([file, text], |engine, [file, text]| engine.add_module(file, text))
}

/// Merges a document into the base documents: the path to put it under, a JSON array of names, and its text.
#[no_mangle]
extern "C" fn add_data(path: usize, text: usize) -> Status {
    answer([path, text], |engine, [path, text]| engine.add_data(path, text))
}

/// Compiles what was added, so that what only the compiler sees is said now.
#[no_mangle]
extern "C" fn prepare() -> Status {
    answer([], |engine, []| engine.prepare())
}

/// Evaluates a rule by its path; an input of no length is no input.
#[no_mangle]
extern "C" fn evaluate(rule: usize, input: usize) -> Status {
    answer([rule, input], |engine, [rule, input]| engine.evaluate(rule, input))
}

/// Evaluates any query and answers with its results.
#[no_mangle]
extern "C" fn query(query: usize, input: usize) -> Status {
    answer([query, input], |engine, [query, input]| engine.query(query, input))
}

/// The syntax tree of a module, by its place in the order in which they were added, as JSON.
#[no_mangle]
extern "C" fn syntax_tree(index: usize) -> Status {
    answer([], |engine, []| engine.syntax_tree(index))
}

/// Gives the next evaluations the time: nanoseconds since the epoch.
#[no_mangle]
extern "C" fn set_clock(nanoseconds: i64) {
    clock::set(Some(nanoseconds));
}

#[no_mangle]
extern "C" fn clear_clock() {
    clock::set(None);
}

#[no_mangle]
extern "C" fn memory_used() -> usize {
    memory::used()
}

/// Whether an allocation was refused; can be asked after a trap.
#[no_mangle]
extern "C" fn memory_exhausted() -> bool {
    memory::exhausted()
}
