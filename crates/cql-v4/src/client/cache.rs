//! Statements that are prepared already.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::time::{Instant, timeout_at};

use super::clock::later;
use super::prepared::Prepared;
use crate::error::{Error, ErrorKind};

/// What makes two statements the same: text, keyspace of unqualified names if it is given, and how often the keyspace
/// of the connections was changed before.
type Key = (Arc<str>, Option<Arc<str>>, u64);

/// The statements that were prepared last. A statement that several tasks prepare at once is prepared once.
pub(super) struct Cache {
    entries: Option<Mutex<LruCache<Key, Arc<Entry>>>>,
}

#[derive(Default)]
struct Entry {
    prepared: OnceLock<Prepared>,
    /// Whose turn it is to prepare.
    turn: tokio::sync::Mutex<()>,
}

impl Cache {
    /// Up to this many; none for 0.
    pub(super) fn new(statements: usize) -> Self {
        let entries = NonZeroUsize::new(statements).map(|n| Mutex::new(LruCache::new(n)));
        Self { entries }
    }

    /// The statement, or what `prepare` makes of it in the time that is left then.
    pub(super) async fn get<F>(
        &self,
        key: Key,
        within: Duration,
        prepare: impl FnOnce(Duration) -> F,
    ) -> Result<Prepared, Error>
    where
        F: Future<Output = Result<Prepared, Error>>,
    {
        let Some(entries) = &self.entries else {
            return prepare(within).await;
        };
        let entry = {
            let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(entries.get_or_insert(key, Arc::default))
        };
        if let Some(prepared) = entry.prepared.get() {
            return Ok(prepared.clone());
        }
        // Whoever comes first prepares; if that fails or is given up, the next one does.
        let deadline = later(Instant::now(), within);
        let Ok(_turn) = timeout_at(deadline, entry.turn.lock()).await else {
            return Err(not_in_time(within));
        };
        if let Some(prepared) = entry.prepared.get() {
            return Ok(prepared.clone());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let prepared = prepare(left).await?;
        Ok(entry.prepared.get_or_init(|| prepared).clone())
    }
}

#[cold]
fn not_in_time(within: Duration) -> Error {
    let text = format!(
        "another task has been preparing the same statement for more than {} ms",
        within.as_millis()
    );
    Error::new(ErrorKind::Timeout, text)
}
