//! What was written and acknowledged, kept in so little memory that a run may last for days.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use cql_v4::{Error, Sent};

/// Where the key stands in a value; below it is the number of the write.
const KEY_SHIFT: u32 = 32;

/// Keys of which each has one writer, whose values only grow: so a read is judged by two numbers.
pub(super) struct Registers(Vec<Register>);

#[derive(Default)]
struct Register {
    /// The last write that was begun.
    begun: AtomicI64,
    /// The last one that was acknowledged.
    acknowledged: AtomicI64,
    /// Those that were said not to have been sent.
    not_sent: Mutex<BTreeSet<i64>>,
}

impl Registers {
    pub(super) fn new(keys: usize) -> Self {
        Self((0..keys).map(|_| Register::default()).collect())
    }

    fn of(&self, key: i32) -> &Register {
        &self.0[usize::try_from(key).unwrap()]
    }

    /// The number of the next write.
    pub(super) fn begin(&self, key: i32) -> i64 {
        self.of(key).begun.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// What is written: it says whose it is.
    pub(super) fn value(key: i32, number: i64) -> i64 {
        (i64::from(key) << KEY_SHIFT) | number
    }

    /// What became of a write.
    pub(super) fn end(&self, key: i32, number: i64, outcome: Result<(), &Error>) {
        let register = self.of(key);
        match outcome {
            Ok(()) => register.acknowledged.store(number, Ordering::SeqCst),
            Err(error) if error.sent() == Sent::No => {
                let mut not_sent = register
                    .not_sent
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                not_sent.insert(number);
            }
            Err(_) => {}
        }
    }

    /// The oldest write that a read may see that begins now.
    pub(super) fn floor(&self, key: i32) -> i64 {
        self.of(key).acknowledged.load(Ordering::SeqCst)
    }

    /// Judges what a read saw that has ended now.
    pub(super) fn check(&self, what: &str, key: i32, floor: i64, seen: Option<i64>) {
        let register = self.of(key);
        let number = seen.map_or(0, |value| {
            assert_eq!(
                value >> KEY_SHIFT,
                i64::from(key),
                "{what}: key {key} has the value of another"
            );
            value & ((1 << KEY_SHIFT) - 1)
        });
        let begun = register.begun.load(Ordering::SeqCst);
        assert!(
            number >= floor,
            "{what}: key {key}: write {floor} was acknowledged and is lost, {number} is there"
        );
        assert!(
            number <= begun,
            "{what}: key {key}: write {number} was never begun, {begun} was the last"
        );
        let not_sent = register
            .not_sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            !not_sent.contains(&number),
            "{what}: key {key}: write {number} was said not to have been sent"
        );
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = i32> + use<> {
        0..i32::try_from(self.0.len()).unwrap()
    }
}

/// A row that is only ever changed from what it is known to be.
#[derive(Default)]
pub(super) struct Condition {
    pub(super) current: i64,
    last: i64,
    /// Changes from `current` of which nobody knows whether they were made, or will be.
    pending: BTreeSet<i64>,
}

impl Condition {
    /// The value of the next change.
    pub(super) fn begin(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    pub(super) fn failed(&mut self, value: i64, error: &Error) {
        if error.sent() != Sent::No {
            self.pending.insert(value);
        }
    }

    /// The server said no, which it may also do to a change that it has just made itself.
    pub(super) fn failed_in_doubt(&mut self, value: i64) {
        self.pending.insert(value);
    }

    pub(super) fn applied(&mut self, value: i64) {
        self.current = value;
        self.pending.clear();
    }

    /// The value that the server says to be there, when it refused a change or was asked.
    pub(super) fn saw(&mut self, value: i64) {
        if value != self.current {
            assert!(
                self.pending.contains(&value),
                "conditional: {value} is there instead of {}, and nobody may have written it: {:?}",
                self.current,
                self.pending
            );
            self.applied(value);
        }
    }
}

/// Additions to one counter.
#[derive(Default)]
pub(super) struct Additions {
    pub(super) acknowledged: i64,
    /// May have been carried out.
    pub(super) unknown: i64,
}

impl Additions {
    pub(super) fn end(&mut self, outcome: Result<(), &Error>) {
        match outcome {
            Ok(()) => self.acknowledged += 1,
            Err(error) if error.sent() == Sent::No => {}
            Err(_) => self.unknown += 1,
        }
    }

    pub(super) fn check(&self, key: i32, seen: i64) {
        let most = self.acknowledged + self.unknown;
        assert!(
            (self.acknowledged..=most).contains(&seen),
            "counter {key} is {seen}, but {} additions were acknowledged and {} more may have been made",
            self.acknowledged,
            self.unknown
        );
    }
}

/// Random enough to vary a run, and the same for the same seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        // A state of zero would stay zero.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end` (xorshift of Marsaglia).
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A history that finds nothing wrong proves nothing unless it can.
mod finds {
    use super::*;

    fn written() -> Registers {
        let registers = Registers::new(2);
        for expected in 1..=3 {
            assert_eq!(registers.begin(1), expected);
        }
        registers.end(1, 2, Ok(()));
        registers
    }

    fn read(value: Option<i64>) {
        let registers = written();
        registers.check("row", 1, registers.floor(1), value);
    }

    #[test]
    fn nothing_wrong_with_what_was_acknowledged_or_begun() {
        read(Some(Registers::value(1, 2)));
        read(Some(Registers::value(1, 3)));
        let mut condition = Condition::default();
        let value = condition.begin();
        condition.failed_in_doubt(value);
        condition.saw(0);
        condition.saw(1);
        assert_eq!(condition.current, 1);
    }

    #[test]
    #[should_panic(expected = "write 2 was acknowledged and is lost")]
    fn lost_writes() {
        read(Some(Registers::value(1, 1)));
    }

    #[test]
    #[should_panic(expected = "write 2 was acknowledged and is lost")]
    fn lost_rows() {
        read(None);
    }

    #[test]
    #[should_panic(expected = "has the value of another")]
    fn answers_of_other_requests() {
        read(Some(Registers::value(0, 2)));
    }

    #[test]
    #[should_panic(expected = "was never begun")]
    fn writes_of_nobody() {
        read(Some(Registers::value(1, 4)));
    }

    #[test]
    #[should_panic(expected = "nobody may have written it")]
    fn changes_of_nobody() {
        Condition::default().saw(1);
    }

    #[test]
    #[should_panic(expected = "counter 7 is 2")]
    fn additions_that_were_made_twice() {
        let mut additions = Additions::default();
        additions.end(Ok(()));
        additions.check(7, 1);
        additions.check(7, 2);
    }
}
