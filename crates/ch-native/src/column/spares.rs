//! Memory of blocks that were looked at, for blocks to come.
//!
//! A result of many blocks needs the memory of a few: when a block is dropped, its columns go back to the decoder of the
//! result that it came from, as long as that is still being read. Fresh memory costs more than reading into it: it has
//! to be found, and its pages have to be cleared.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::block::Column;

/// Sets of columns that are kept: one for each block that may be under way at once. One is being decoded, two wait for
/// the reader (the window of a conversation).
const KEPT: usize = 3;

/// Where the columns of dropped blocks go.
#[derive(Debug, Default)]
pub(super) struct Spares(Mutex<Vec<Vec<Column>>>);

impl Spares {
    fn put(&self, columns: Vec<Column>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(columns);
        }
    }

    /// The columns of a block that nobody looks at any more.
    pub(super) fn take(&self) -> Option<Vec<Column>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.pop()
    }
}

/// Where a block came from. Clones of a block, and those that were made otherwise, came from nowhere.
#[derive(Debug, Default)]
pub(super) struct Home(Weak<Spares>);

impl Home {
    pub(super) fn of(spares: &Arc<Spares>) -> Self {
        Self(Arc::downgrade(spares))
    }

    /// Gives the columns back, if somebody can use them.
    pub(super) fn give_back(&self, columns: Vec<Column>) {
        if let Some(spares) = self.0.upgrade() {
            spares.put(columns);
        }
    }
}
