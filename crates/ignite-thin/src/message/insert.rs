//! Writing and removing entries of a cache by key.

use crate::Error;
use crate::codec::{Decoder, Encoder, prim};
use crate::message::get::null;
use crate::message::{CacheInfo, Op, Request, Serve};
use crate::types::{Decode, Encode};

/// Writes a value: cache, key, value → nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Put<K, V> {
    /// The cache.
    pub cache: CacheInfo,
    /// The key.
    pub key: K,
    /// The value.
    pub value: V,
}

impl<K, V> Put<K, V> {
    /// Writes `value` at `key`.
    pub const fn new(cache: CacheInfo, key: K, value: V) -> Self {
        Self { cache, key, value }
    }
}

impl<K: Encode, V: Encode> Request for Put<K, V> {
    const OP: Op = Op::CachePut;
    type Response = ();

    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.cache.encode(to);
        write_key(to, &self.key)?;
        write_value(to, &self.value)
    }

    #[inline]
    fn size_hint(&self) -> usize {
        self.key.size_hint().saturating_add(self.value.size_hint())
    }

    #[inline]
    fn decode_response(&self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl<K: Encode + Decode, V: Encode + Decode> Serve for Put<K, V> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self::new(
            CacheInfo::decode(from)?,
            K::decode(from)?,
            V::decode(from)?,
        ))
    }

    fn encode_response(&self, (): &(), _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Writes many values: cache, `i32` n, n × (key, value) → nothing. Of a key that comes twice, one value is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutAll<I> {
    /// The cache.
    pub cache: CacheInfo,
    /// Keys and values.
    pub entries: I,
}

impl<I> PutAll<I> {
    /// Writes `entries`.
    pub const fn new(cache: CacheInfo, entries: I) -> Self {
        Self { cache, entries }
    }
}

impl<I, K, V> Request for PutAll<I>
where
    I: Clone + IntoIterator<Item = (K, V)>,
    K: Encode,
    V: Encode,
{
    const OP: Op = Op::CachePutAll;
    type Response = ();

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.cache.encode(to);
        write_all(to, self.entries.clone(), |to, (key, value)| {
            write_key(to, &key)?;
            write_value(to, &value)
        })
    }

    fn size_hint(&self) -> usize {
        let entries = self.entries.clone().into_iter();
        entries.fold(0, |size, (key, value)| {
            // Two type codes and a length at least.
            let entry = key
                .size_hint()
                .saturating_add(value.size_hint())
                .saturating_add(6);
            size.saturating_add(entry)
        })
    }

    fn decode_response(&self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl<K: Clone + Encode + Decode, V: Clone + Encode + Decode> Serve for PutAll<Vec<(K, V)>> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        let cache = CacheInfo::decode(from)?;
        let n = from.count("number of entries", 2)?;
        let entries = (0..n)
            .map(|_| Ok((K::decode(from)?, V::decode(from)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Self::new(cache, entries))
    }

    fn encode_response(&self, (): &(), _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Removes a key: cache, key → `bool`, whether it was there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoveKey<K> {
    /// The cache.
    pub cache: CacheInfo,
    /// The key.
    pub key: K,
}

impl<K> RemoveKey<K> {
    /// Removes `key`.
    pub const fn new(cache: CacheInfo, key: K) -> Self {
        Self { cache, key }
    }
}

impl<K: Encode> Request for RemoveKey<K> {
    const OP: Op = Op::CacheRemoveKey;
    type Response = bool;

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.cache.encode(to);
        write_key(to, &self.key)
    }

    fn decode_response(&self, from: &mut Decoder<'_>) -> Result<bool, Error> {
        from.bool("was there")
    }
}

impl<K: Encode + Decode> Serve for RemoveKey<K> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self::new(CacheInfo::decode(from)?, K::decode(from)?))
    }

    fn encode_response(&self, was_there: &bool, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.bool(*was_there);
        Ok(())
    }
}

/// A key; the server refuses null, and so does this, before anything is sent.
#[inline]
pub(super) fn write_key(to: &mut Encoder<'_>, key: &impl Encode) -> Result<(), Error> {
    write_some(to, key, "key")
}

#[inline]
fn write_value(to: &mut Encoder<'_>, value: &impl Encode) -> Result<(), Error> {
    write_some(to, value, "value")
}

#[inline]
fn write_some(to: &mut Encoder<'_>, value: &impl Encode, what: &str) -> Result<(), Error> {
    let start = to.position();
    value.encode(to)?;
    if to.first_since(start) == Some(prim::NULL) {
        return Err(null(what));
    }
    Ok(())
}

/// A count and so many items. The iterator is walked twice, since it need not know its length.
pub(super) fn write_all<I: IntoIterator + Clone>(
    to: &mut Encoder<'_>,
    items: I,
    mut write: impl FnMut(&mut Encoder<'_>, I::Item) -> Result<(), Error>,
) -> Result<(), Error> {
    to.count("number of items", items.clone().into_iter().count())?;
    items.into_iter().enumerate().try_for_each(|(i, item)| {
        write(to, item).map_err(|error| error.context(format_args!("item {i}")))
    })
}
