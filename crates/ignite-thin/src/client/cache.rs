//! One cache.

use std::sync::Arc;

use crate::Error;
use crate::client::{Client, ScanStream, cursor};
use crate::message::{CacheInfo, ContainsKey, Get, GetAll, Put, PutAll, RemoveKey, ScanQuery};
use crate::types::{Decode, Encode};

/// A handle on one cache of a [`Client`]. Cheap to clone.
///
/// Keys and values are any types that [`Encode`] and [`Decode`] know; [`Value`](crate::Value) takes any type there is.
/// A cache compares keys by their bytes: the keys `1_i32` and `1_i64` are two.
#[derive(Debug, Clone)]
pub struct Cache {
    client: Client,
    name: Arc<str>,
    info: CacheInfo,
}

impl Cache {
    pub(super) fn new(client: Client, name: Arc<str>) -> Self {
        let info = CacheInfo::named(&name);
        Self { client, name, info }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says in an error which cache it is about.
    #[inline]
    fn about<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.context(format_args!("cache {}", self.name)))
    }

    /// The value of `key`, if it is there.
    ///
    /// # Errors
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) if the server refused (no such cache),
    /// [`ErrorKind::Type`](crate::ErrorKind::Type) if the value has another type, or `key` is null; else
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), [`ErrorKind::Io`](crate::ErrorKind::Io),
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed).
    ///
    /// # Cancel safety
    /// Cancel safe: nothing changes.
    pub async fn get<K, V>(&self, key: &K) -> Result<Option<V>, Error>
    where
        K: Encode + ?Sized,
        V: Decode,
    {
        self.about(self.client.call(Get::new(self.info, key)).await)
    }

    /// Writes `value` at `key`.
    ///
    /// # Errors
    /// As [`Self::get`]; [`ErrorKind::Encode`](crate::ErrorKind::Encode) if key or value cannot be written: nothing
    /// was sent then.
    ///
    /// # Cancel safety
    /// Dropping the future may or may not write the value.
    pub async fn put<K, V>(&self, key: &K, value: &V) -> Result<(), Error>
    where
        K: Encode + ?Sized,
        V: Encode + ?Sized,
    {
        self.about(self.client.call(Put::new(self.info, key, value)).await)
    }

    /// The entries of those `keys` that are there, in no order. The keys are walked twice, so they are cloned: pass a
    /// slice or an iterator.
    ///
    /// # Errors
    /// As [`Self::get`].
    ///
    /// # Cancel safety
    /// Cancel safe: nothing changes.
    pub async fn get_all<K, V>(
        &self,
        keys: impl IntoIterator<Item: Encode> + Clone,
    ) -> Result<Vec<(K, V)>, Error>
    where
        K: Decode,
        V: Decode,
    {
        self.about(self.client.call(GetAll::new(self.info, keys)).await)
    }

    /// Writes all `entries` in one request; not as one transaction. They are walked twice, so they are cloned: pass
    /// `&map`, or `entries.iter().map(|(key, value)| (key, value))`.
    ///
    /// Of entries with the same key one is kept. In transactional caches the order of keys matters where others write
    /// the same ones at the same time: sort them.
    ///
    /// # Errors
    /// As [`Self::put`].
    ///
    /// # Cancel safety
    /// Dropping the future may or may not write the entries, or some of them.
    pub async fn put_all<K, V>(
        &self,
        entries: impl IntoIterator<Item = (K, V)> + Clone,
    ) -> Result<(), Error>
    where
        K: Encode,
        V: Encode,
    {
        self.about(self.client.call(PutAll::new(self.info, entries)).await)
    }

    /// Removes `key`; whether it was there.
    ///
    /// # Errors
    /// As [`Self::get`].
    ///
    /// # Cancel safety
    /// Dropping the future may or may not remove the key.
    pub async fn remove<K>(&self, key: &K) -> Result<bool, Error>
    where
        K: Encode + ?Sized,
    {
        self.about(self.client.call(RemoveKey::new(self.info, key)).await)
    }

    /// Whether `key` is there.
    ///
    /// # Errors
    /// As [`Self::get`].
    ///
    /// # Cancel safety
    /// Cancel safe: nothing changes.
    pub async fn contains_key<K>(&self, key: &K) -> Result<bool, Error>
    where
        K: Encode + ?Sized,
    {
        self.about(self.client.call(ContainsKey::new(self.info, key)).await)
    }

    /// All entries, page by page, in no order. Entries that are written meanwhile may or may not be among them.
    ///
    /// # Errors
    /// As [`Self::get`]; the stream has errors of its own.
    ///
    /// # Cancel safety
    /// Cancel safe: a cursor that the server opens all the same is closed in the background.
    pub async fn scan<K, V>(&self) -> Result<ScanStream<K, V>, Error>
    where
        K: Decode,
        V: Decode,
    {
        let query = ScanQuery::new(self.info, self.client.config().page_size);
        let (cursor, live) = self.about(cursor::open(&self.client, &query).await)?;
        Ok(ScanStream::new(&self.client, live, cursor))
    }
}
