//! Statements that are prepared already.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use tokio::sync::OnceCell;

use super::prepared::Prepared;
use crate::error::Error;

/// What makes two statements the same: text, keyspace of unqualified names if it is given, and how often the keyspace
/// of the connections was changed before.
type Key = (Arc<str>, Option<Arc<str>>, u64);

/// The statements that were prepared last. A statement that several tasks prepare at once is prepared once.
pub(super) struct Cache {
    prepared: Option<Mutex<LruCache<Key, Arc<OnceCell<Prepared>>>>>,
}

impl Cache {
    /// Up to this many; none for 0.
    pub(super) fn new(statements: usize) -> Self {
        let prepared = NonZeroUsize::new(statements).map(|n| Mutex::new(LruCache::new(n)));
        Self { prepared }
    }

    /// The statement, or what `prepare` makes of it.
    pub(super) async fn get(
        &self,
        key: Key,
        prepare: impl Future<Output = Result<Prepared, Error>>,
    ) -> Result<Prepared, Error> {
        let Some(prepared) = &self.prepared else {
            return prepare.await;
        };
        let cell = {
            let mut prepared = prepared.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(prepared.get_or_insert(key, Arc::default))
        };
        // Whoever comes first prepares; if that fails or is given up, the next one does.
        cell.get_or_try_init(|| prepare).await.cloned()
    }
}
