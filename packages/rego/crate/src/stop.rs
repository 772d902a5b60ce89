//! Why an evaluation has to end with an error, found out where the answer would only be *undefined*, whose negation is
//! true: what OPA would do with it is not known here, or takes more memory than there is.

use std::cell::RefCell;

use anyhow::{anyhow, Error};

#[derive(Clone)]
pub enum Stop {
    /// It would take more memory than there is.
    Memory,
    /// This engine cannot do it, for the reason that is said.
    Unsupported(String),
}

thread_local! {
    static STOPPED: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

pub fn restart() {
    STOPPED.take();
}

/// What the evaluation has to end with.
pub fn taken() -> Option<Stop> {
    STOPPED.with_borrow(Clone::clone)
}

/// Ends the evaluation, whatever becomes of the error.
pub fn for_memory() -> Error {
    STOPPED.replace(Some(Stop::Memory));
    anyhow!("there is not enough memory")
}

/// The same, for what is not the same here as in OPA.
pub fn unsupported(why: impl Into<String>) -> Error {
    let why = why.into();
    let error = anyhow!("{why}");
    STOPPED.replace(Some(Stop::Unsupported(why)));
    error
}
