//! Reading entries of a cache by key.

use std::marker::PhantomData;

use crate::codec::{Decoder, Encoder};
use crate::message::insert::{write_all, write_key};
use crate::message::{CacheInfo, Op, Request, Serve};
use crate::types::{Decode, Encode};
use crate::{Error, ErrorKind};

/// Reads the value of a key: cache, key → value or null.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Get<K, V> {
    /// The cache.
    pub cache: CacheInfo,
    /// The key.
    pub key: K,
    value: PhantomData<fn() -> V>,
}

impl<K, V> Get<K, V> {
    /// Reads the value of `key`.
    pub const fn new(cache: CacheInfo, key: K) -> Self {
        Self {
            cache,
            key,
            value: PhantomData,
        }
    }
}

impl<K: Encode, V: Decode> Request for Get<K, V> {
    const OP: Op = Op::CacheGet;
    type Response = Option<V>;

    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.cache.encode(to);
        write_key(to, &self.key)
    }

    #[inline]
    fn decode_response(&self, from: &mut Decoder<'_>) -> Result<Option<V>, Error> {
        Decode::decode(from)
    }
}

impl<K: Encode + Decode, V: Encode + Decode> Serve for Get<K, V> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self::new(CacheInfo::decode(from)?, K::decode(from)?))
    }

    fn encode_response(&self, value: &Option<V>, to: &mut Encoder<'_>) -> Result<(), Error> {
        value.encode(to)
    }
}

/// Asks whether a key is there: cache, key → `bool`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContainsKey<K> {
    /// The cache.
    pub cache: CacheInfo,
    /// The key.
    pub key: K,
}

impl<K> ContainsKey<K> {
    /// Asks whether `key` is there.
    pub const fn new(cache: CacheInfo, key: K) -> Self {
        Self { cache, key }
    }
}

impl<K: Encode> Request for ContainsKey<K> {
    const OP: Op = Op::CacheContainsKey;
    type Response = bool;

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.cache.encode(to);
        write_key(to, &self.key)
    }

    fn decode_response(&self, from: &mut Decoder<'_>) -> Result<bool, Error> {
        from.bool("is there")
    }
}

impl<K: Encode + Decode> Serve for ContainsKey<K> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self::new(CacheInfo::decode(from)?, K::decode(from)?))
    }

    fn encode_response(&self, is_there: &bool, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.bool(*is_there);
        Ok(())
    }
}

/// Reads the values of many keys: cache, `i32` n, n × key → `i32` m, m × (key, value). Keys that are not there are
/// left out of the answer, whose order is the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAll<I, K, V> {
    /// The cache.
    pub cache: CacheInfo,
    /// The keys.
    pub keys: I,
    entry: PhantomData<fn() -> (K, V)>,
}

impl<I, K, V> GetAll<I, K, V> {
    /// Reads the values of `keys`.
    pub const fn new(cache: CacheInfo, keys: I) -> Self {
        Self {
            cache,
            keys,
            entry: PhantomData,
        }
    }
}

impl<I, K, V> Request for GetAll<I, K, V>
where
    I: Clone + IntoIterator<Item: Encode>,
    K: Decode,
    V: Decode,
{
    const OP: Op = Op::CacheGetAll;
    type Response = Vec<(K, V)>;

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.cache.encode(to);
        write_all(to, self.keys.clone(), |to, key| write_key(to, &key))
    }

    fn decode_response(&self, from: &mut Decoder<'_>) -> Result<Vec<(K, V)>, Error> {
        let n = from.count("number of entries", 2)?;
        (0..n)
            .map(|i| {
                let entry = |from: &mut Decoder<'_>| Ok((K::decode(from)?, V::decode(from)?));
                entry(from).map_err(|e: Error| e.context(format_args!("entry {i}")))
            })
            .collect()
    }
}

impl<K: Clone + Encode + Decode, V: Encode + Decode> Serve for GetAll<Vec<K>, K, V> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        let cache = CacheInfo::decode(from)?;
        let n = from.count("number of keys", 1)?;
        let keys = (0..n).map(|_| K::decode(from)).collect::<Result<_, _>>()?;
        Ok(Self::new(cache, keys))
    }

    fn encode_response(&self, entries: &Vec<(K, V)>, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.count("number of entries", entries.len())?;
        entries.iter().try_for_each(|(key, value)| {
            key.encode(to)?;
            value.encode(to)
        })
    }
}

/// The error of a null where a cache holds none.
#[cold]
pub(super) fn null(what: &str) -> Error {
    Error::new(
        ErrorKind::Type,
        format!("a cache holds no null: the {what} is null; nothing was sent"),
    )
}
