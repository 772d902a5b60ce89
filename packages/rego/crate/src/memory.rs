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

/// Bytes that can still be allocated.
pub fn left() -> usize {
    LIMIT.load(Relaxed).saturating_sub(used())
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

/// Small blocks are what an evaluation is made of, thousands of them, and soon given back: each size has a list of free
/// ones, cut from larger blocks that are never given back.
mod small {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::UnsafeCell;
    use std::ptr::null_mut;

    const STEP: usize = 16;
    const SIZES: usize = 32;
    /// Cut into blocks of one size.
    const SLAB: Layout = match Layout::from_size_align(1 << 14, STEP) {
        Ok(layout) => layout,
        Err(_) => panic!(),
    };

    struct Free(UnsafeCell<[*mut u8; SIZES]>);

    // SAFETY: this target has one thread.
    unsafe impl Sync for Free {}

    /// The first free block of each size; the next one is written in it.
    static FREE: Free = Free(UnsafeCell::new([null_mut(); SIZES]));

    /// The place of a size in the lists, if it is small.
    pub fn place(layout: Layout) -> Option<usize> {
        let place = layout.size().wrapping_sub(1) / STEP;
        (place < SIZES && layout.align() <= STEP).then_some(place)
    }

    /// # Safety
    /// `place` comes from `place()`.
    pub unsafe fn alloc(place: usize) -> *mut u8 {
        let first = unsafe { &mut (*FREE.0.get())[place] };
        if first.is_null() {
            let slab = unsafe { System.alloc(SLAB) };
            if slab.is_null() {
                return slab;
            }
            let size = (place + 1) * STEP;
            for start in (0..=SLAB.size() - size).step_by(size) {
                unsafe { dealloc(slab.add(start), place) };
            }
        }
        let block = *first;
        *first = unsafe { block.cast::<*mut u8>().read() };
        block
    }

    /// # Safety
    /// The block comes from `alloc` of the same place.
    pub unsafe fn dealloc(block: *mut u8, place: usize) {
        let first = unsafe { &mut (*FREE.0.get())[place] };
        unsafe { block.cast::<*mut u8>().write(*first) };
        *first = block;
    }
}

// SAFETY: a block of a small size is on no list while it is in use, and larger ones are the system's; whether a size is
// small follows from the layout alone, which is the same when the block comes back.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return std::ptr::null_mut();
        }
        let block = match small::place(layout) {
            Some(place) => unsafe { small::alloc(place) },
            None => unsafe { System.alloc(layout) },
        };
        if block.is_null() {
            EXHAUSTED.store(true, Relaxed);
            give_back(layout.size());
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match small::place(layout) {
            Some(place) => unsafe { small::dealloc(block, place) },
            None => unsafe { System.dealloc(block, layout) },
        }
        give_back(layout.size());
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size, rounded up, is one that a layout can have.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        let places = (small::place(layout), small::place(wanted));
        let moves = places != (None, None) && places.0 != places.1;
        if moves {
            let moved = unsafe { self.alloc(wanted) };
            if !moved.is_null() {
                unsafe { block.copy_to_nonoverlapping(moved, layout.size().min(size)) };
                unsafe { self.dealloc(block, layout) };
            }
            return moved;
        }
        let growth = size.saturating_sub(layout.size());
        if growth > 0 && !take(growth) {
            return std::ptr::null_mut();
        }
        let moved = if places.0.is_some() { block } else { unsafe { System.realloc(block, layout, size) } };
        if moved.is_null() {
            EXHAUSTED.store(true, Relaxed);
            give_back(growth);
        } else {
            give_back(layout.size().saturating_sub(size));
        }
        moved
    }
}
