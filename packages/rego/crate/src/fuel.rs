//! How many steps an evaluation may take. regorus limits time, and asks for it at every step; here a step is the time.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use regorus::utils::limits::{set_time_source, ExecutionTimerConfig, TimeSource};

struct Steps;

static STEPS: Steps = Steps;
static TAKEN: AtomicU64 = AtomicU64::new(0);
static LIMIT: AtomicU64 = AtomicU64::new(u64::MAX);

impl TimeSource for Steps {
    fn now(&self) -> Option<Duration> {
        Some(Duration::from_nanos(TAKEN.fetch_add(1, Relaxed) + 1))
    }
}

pub fn set(steps: u64) {
    LIMIT.store(steps, Relaxed);
}

/// The limit as regorus takes it; registers the counter on first use.
pub fn timer() -> ExecutionTimerConfig {
    // An error says that it is registered already.
    let _ = set_time_source(&STEPS);
    ExecutionTimerConfig {
        limit: Duration::from_nanos(LIMIT.load(Relaxed)),
        check_interval: NonZeroU32::MIN,
    }
}

pub fn restart() {
    TAKEN.store(0, Relaxed);
}

/// Whether the limit was passed, whatever became of the error that regorus made of it.
pub fn spent() -> bool {
    TAKEN.load(Relaxed) > LIMIT.load(Relaxed)
}
