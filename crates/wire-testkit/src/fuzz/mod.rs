//! Fuzz targets: written once in `tests/fuzz/` of a crate, run by its tests on seeds and damaged seeds, and by libFuzzer
//! (`cargo xtask fuzz`) on whatever it thinks of.

mod damage;
mod engine;

use std::fmt::Write as _;
use std::panic::{catch_unwind, resume_unwind};
use std::thread;

pub use damage::damaged;
pub use engine::{begin, main, run};

use crate::memory::measure;

/// The stack that a target must do with: that of a small thread of an application. Code that is not optimised takes
/// several times as much for each level of a type.
const STACK_BYTES: usize = if cfg!(debug_assertions) { 512 } else { 128 } * 1024;

/// An input by its name.
pub type Seed = (String, Vec<u8>);

/// A body that takes any bytes and panics if a promise is broken, inputs to begin with, and the memory it may take.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    body: fn(&[u8]),
    seeds: fn(&str) -> Vec<Seed>,
    fixed_bytes: u64,
    bytes_per_byte: u64,
}

impl Target {
    /// A target; `seeds` is told its name. At one time it may hold 64 KiB and 64 bytes for each byte of its input.
    pub const fn new(name: &'static str, body: fn(&[u8]), seeds: fn(&str) -> Vec<Seed>) -> Self {
        Self {
            name,
            body,
            seeds,
            fixed_bytes: 64 * 1024,
            bytes_per_byte: 64,
        }
    }

    /// The same, with other memory.
    #[must_use]
    pub const fn with_memory(self, fixed_bytes: u64, bytes_per_byte: u64) -> Self {
        Self {
            fixed_bytes,
            bytes_per_byte,
            ..self
        }
    }

    /// What it begins with.
    pub fn seeds(&self) -> Vec<Seed> {
        (self.seeds)(self.name)
    }

    /// Runs it once.
    ///
    /// # Panics
    /// If it does, and if it held more memory than it may; the input is printed then.
    pub fn call(&self, input: &[u8]) {
        let most = self.bytes_per_byte * input.len() as u64 + self.fixed_bytes;
        let called = catch_unwind(|| {
            let (memory, ()) = measure(|| (self.body)(input));
            assert!(
                memory.peak <= most,
                "{} bytes of memory for an input of {}, at most {most}",
                memory.peak,
                input.len()
            );
        });
        if let Err(panic) = called {
            eprintln!("{}-….hex:\n{}", self.name, hex(input));
            resume_unwind(panic);
        }
    }
}

/// Lines of sixty digits.
fn hex(input: &[u8]) -> String {
    let mut text = String::new();
    for line in input.chunks(30) {
        line.iter().for_each(|byte| {
            let _ = write!(text, "{byte:02x}");
        });
        text.push('\n');
    }
    text
}

/// Calls each target with its seeds and with what becomes of these when they are damaged, on a small stack.
///
/// # Panics
/// If a target does, or has no seeds.
pub fn replay(targets: &'static [Target]) {
    for target in targets {
        on_a_small_stack(move || {
            let seeds = target.seeds();
            assert!(!seeds.is_empty(), "{} has no seeds", target.name);
            for (i, (_, seed)) in seeds.iter().enumerate() {
                target.call(seed);
                let (_, other) = &seeds[(i + 1) % seeds.len()];
                damaged(seed, other, |input| target.call(input));
            }
        });
    }
}

/// Calls each target with the seeds of all others, which are nonsense to it.
///
/// # Panics
/// If a target does.
pub fn replay_crosswise(targets: &'static [Target]) {
    on_a_small_stack(move || {
        for of in targets {
            for (_, seed) in of.seeds() {
                targets.iter().for_each(|target| target.call(&seed));
            }
        }
    });
}

/// Runs `work` on a thread with a stack of 128 KiB; in code that is not optimised, of 512 KiB.
///
/// # Panics
/// If `work` does. A stack that is too small ends the process.
pub fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    match thread.expect("a thread").join() {
        Ok(value) => value,
        Err(panic) => resume_unwind(panic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds(name: &str) -> Vec<Seed> {
        vec![(name.to_owned(), vec![2, 3, 4])]
    }

    fn fails(body: fn(&[u8])) -> bool {
        let target = Target::new("target", body, seeds);
        catch_unwind(|| target.call(&[1, 2])).is_err()
    }

    #[test]
    fn a_target_may_neither_panic_nor_take_much() {
        assert!(!fails(|input| assert_eq!(input, [1, 2])));
        assert!(fails(|_| panic!()));
        assert!(!fails(|_| drop(vec![0_u8; 64 * 1024 + 128])));
        assert!(fails(|_| drop(vec![0_u8; 64 * 1024 + 129])));
    }

    #[test]
    fn what_only_a_damaged_seed_shows_is_found() {
        static FINE: [Target; 1] = [Target::new("fine", |_| (), seeds)];
        static NOT: [Target; 1] = [Target::new("not", |input| assert_ne!(input, [2, 3]), seeds)];
        replay(&FINE);
        replay_crosswise(&FINE);
        assert!(catch_unwind(|| replay(&NOT)).is_err());
    }
}
