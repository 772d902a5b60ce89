//! The allocator, with a limit that the host sets. An allocation beyond it fails, and that traps.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

struct Limited;

static USED: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);
static EXHAUSTED: AtomicBool = AtomicBool::new(false);

#[global_allocator]
static ALLOCATOR: Limited = Limited;

pub fn set_limit(bytes: usize) {
    LIMIT.store(bytes, Relaxed);
}

pub fn used() -> usize {
    USED.load(Relaxed)
}

pub fn exhausted() -> bool {
    EXHAUSTED.load(Relaxed)
}

/// Counts what an allocation adds, or refuses it.
fn take(bytes: usize) -> bool {
    let used = USED.load(Relaxed).saturating_add(bytes);
    let granted = used <= LIMIT.load(Relaxed);
    if granted {
        USED.store(used, Relaxed);
    } else {
        EXHAUSTED.store(true, Relaxed);
    }
    granted
}

fn give_back(bytes: usize) {
    USED.store(USED.load(Relaxed).saturating_sub(bytes), Relaxed);
}

// SAFETY: every call is handed on to the system's allocator as it came, or refused with a null pointer.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return std::ptr::null_mut();
        }
        let block = unsafe { System.alloc(layout) };
        if block.is_null() {
            EXHAUSTED.store(true, Relaxed);
            give_back(layout.size());
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) };
        give_back(layout.size());
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let growth = size.saturating_sub(layout.size());
        if growth > 0 && !take(growth) {
            return std::ptr::null_mut();
        }
        let moved = unsafe { System.realloc(block, layout, size) };
        if moved.is_null() {
            EXHAUSTED.store(true, Relaxed);
            give_back(growth);
        } else {
            give_back(layout.size().saturating_sub(size));
        }
        moved
    }
}
