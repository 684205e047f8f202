//! What code asks of the allocator.

/// Memory that a piece of code asked for, on its own thread. A buffer that grows counts as a new one beside the old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// Times that memory was asked for.
    pub allocations: u64,
    /// Bytes asked for, those given back included.
    pub total: u64,
    /// Most bytes held at a time.
    pub peak: u64,
    /// Bytes held at the end that were not at the beginning; negative if more was given back than asked for.
    pub held: i64,
}

/// Runs `work` and tells what memory it asked for. What it returns counts as held, and what other threads do does not
/// count, so tests may run beside each other. C libraries with an allocator of their own are not seen.
///
/// A program that calls this has the counting allocator, and can have no other.
///
/// # Panics
/// If `work` does.
pub fn measure<T>(work: impl FnOnce() -> T) -> (Memory, T) {
    let mut value = None;
    let counted = allocation_counter::measure(|| value = Some(work()));
    let memory = Memory {
        allocations: counted.count_total,
        total: counted.bytes_total,
        peak: counted.bytes_max,
        held: counted.bytes_current,
    };
    (memory, value.expect("it was run"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_counts() {
        let (memory, kept) = measure(|| {
            drop(vec![0_u8; 1000]);
            drop(vec![0_u8; 300]);
            vec![0_u8; 200]
        });
        assert_eq!((memory.allocations, memory.total), (3, 1500));
        assert_eq!((memory.peak, memory.held), (1000, 200));
        let (memory, ()) = measure(|| drop(kept));
        assert_eq!((memory.total, memory.held), (0, -200));
    }
}
