//! Memory of a column that is being filled.

use wire_core::{DecodeError, Reader};

use super::fixed::first_reserve;
use super::scalar::Scalar;
use crate::codec::prim::Step;

/// A column may be read straight from the socket while it lacks at least this much: below, a read that also takes what
/// follows is cheaper than two.
const MIN_DIRECT_BYTES: usize = 32 << 10;

/// Fixed-width elements that arrive in pieces of any size. Bytes are put where they will stay, so an element may be
/// there in part.
#[derive(Debug)]
pub(super) struct Filling<T> {
    rows: usize,
    /// Longer than what has arrived by what was set aside; never longer than `rows` once started.
    values: Vec<T>,
    /// Bytes that have arrived.
    filled: usize,
    complete: bool,
}

impl<T: Scalar> Default for Filling<T> {
    fn default() -> Self {
        Self {
            rows: 0,
            values: Vec::new(),
            filled: 0,
            complete: false,
        }
    }
}

impl<T: Scalar> Filling<T> {
    /// Takes over memory of an earlier block. Its contents do not matter, and are not cleared.
    pub(super) fn reuse(&mut self, values: Vec<T>) {
        self.values = values;
    }

    /// Says how many elements will come.
    pub(super) fn start(&mut self, rows: usize) {
        self.rows = rows;
        self.values.truncate(rows);
    }

    /// Takes what has arrived.
    #[inline]
    pub(super) fn fill(&mut self, r: &mut Reader<'_>) -> Result<Step, DecodeError> {
        loop {
            let missing = self.missing();
            if missing == 0 {
                if !self.complete {
                    T::from_wire(&mut self.values);
                    self.complete = true;
                }
                return Ok(Step::Done);
            }
            let there = missing.min(r.left());
            if there == 0 {
                return Ok(Step::More);
            }
            let room = self.room();
            let there = there.min(room.len());
            let wire = r.take("values", there)?;
            if let Some(room) = room.get_mut(..there) {
                room.copy_from_slice(wire);
            }
            self.advance(there);
        }
    }

    /// Where the next bytes belong, if they are many.
    pub(super) fn direct(&mut self) -> Option<&mut [u8]> {
        (self.missing() >= MIN_DIRECT_BYTES).then(|| self.room())
    }

    /// Says that `n` bytes were put there.
    pub(super) fn advance(&mut self, n: usize) {
        self.filled = self.filled.saturating_add(n.min(self.missing()));
    }

    /// The elements, once [`Self::fill`] is done.
    pub(super) fn finish(&mut self) -> Vec<T> {
        std::mem::take(self).values
    }

    /// The elements, once [`Self::fill`] is done.
    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    fn missing(&self) -> usize {
        let total = self.rows.saturating_mul(T::WIDTH);
        total.saturating_sub(self.filled)
    }

    /// What was set aside and is not filled. Doubles it when it is used up: memory follows what arrives.
    fn room(&mut self) -> &mut [u8] {
        let set_aside = self.values.len().saturating_mul(T::WIDTH);
        if self.filled >= set_aside {
            let first = first_reserve(self.rows, T::WIDTH);
            let arrived = self.filled.checked_div(T::WIDTH).unwrap_or(0);
            let next = self.values.len().saturating_mul(2).max(first);
            let next = next.max(arrived.saturating_add(1)).min(self.rows);
            if self.values.is_empty() {
                // Zeroed by the allocator, which knows fresh pages.
                self.values = vec![T::default(); next];
            } else {
                self.values.resize(next, T::default());
            }
        }
        let bytes = bytemuck::cast_slice_mut(&mut self.values);
        bytes.get_mut(self.filled..).unwrap_or_default()
    }
}
