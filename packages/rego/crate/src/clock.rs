//! The time that the host passed in, if it did. regorus turns errors inside functions into *undefined*, whose negation
//! is true; so that a policy without a clock never allows anything by that, the question itself is remembered.

use std::cell::Cell;

use anyhow::{bail, Result};
use regorus::Value;

thread_local! {
    static NOW: Cell<Option<i64>> = const { Cell::new(None) };
    static MISSED: Cell<bool> = const { Cell::new(false) };
}

pub fn set(nanoseconds: Option<i64>) {
    NOW.set(nanoseconds);
}

pub fn restart() {
    MISSED.set(false);
}

/// Whether the evaluation asked for a time that it was not given.
pub fn missed() -> bool {
    MISSED.get()
}

/// `time.now_ns`
pub fn now_ns(_: Vec<Value>) -> Result<Value> {
    let Some(now) = NOW.get() else {
        MISSED.set(true);
        bail!("no clock was passed in");
    };
    Ok(Value::from(now))
}
