//! Which caches there are, and which one a request is about.

use std::borrow::Cow;

use crate::codec::{Decoder, Encoder, prim};
use crate::message::{Op, Request, Serve};
use crate::object::cache_id;
use crate::{Error, ErrorKind};

/// Flag of the cache header: values stay in binary form on the server. It changes no answer, but some server-side
/// code (index queries of 2.16) fails without it.
const KEEP_BINARY: u8 = 1;

/// What all requests to a cache begin with: `i32` id of the cache, `i8` flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheInfo {
    id: i32,
}

impl CacheInfo {
    /// The cache with this name.
    pub fn named(name: &str) -> Self {
        Self { id: cache_id(name) }
    }

    /// The cache with this id, see [`cache_id`].
    pub const fn with_id(id: i32) -> Self {
        Self { id }
    }

    /// The id of the cache.
    pub const fn id(self) -> i32 {
        self.id
    }

    #[inline]
    pub(crate) fn encode(self, to: &mut Encoder<'_>) {
        to.i32(self.id);
        to.u8(KEEP_BINARY);
    }

    pub(crate) fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        let id = from.i32("cache id")?;
        match from.u8("cache flags")? {
            0 | KEEP_BINARY => Ok(Self { id }),
            other => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "cache flags {other:#04x}: transactions and expiry policies are not supported"
                ),
            )),
        }
    }
}

/// Makes the cache with this name unless it is there: `text` name → nothing.
///
/// A name with `*` takes the configuration of the template of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetOrCreateCache<'a> {
    /// The name of the cache.
    pub name: Cow<'a, str>,
}

impl<'a> GetOrCreateCache<'a> {
    /// For the cache with this name.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Self {
        Self { name: name.into() }
    }
}

impl Request for GetOrCreateCache<'_> {
    const OP: Op = Op::CacheGetOrCreate;
    type Response = ();

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        prim::write_str(to, &self.name)
    }

    fn decode_response(&self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Serve for GetOrCreateCache<'_> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        prim::read_str(from, "cache name").map(Self::new)
    }

    fn encode_response(&self, (): &(), _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Drops the cache with this id: `i32` id → nothing. Status 1000 if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DestroyCache {
    /// The cache.
    pub cache: CacheInfo,
}

impl DestroyCache {
    /// Drops `cache`.
    pub const fn new(cache: CacheInfo) -> Self {
        Self { cache }
    }
}

impl Request for DestroyCache {
    const OP: Op = Op::CacheDestroy;
    type Response = ();

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.i32(self.cache.id());
        Ok(())
    }

    fn decode_response(&self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Serve for DestroyCache {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        from.i32("cache id").map(CacheInfo::with_id).map(Self::new)
    }

    fn encode_response(&self, (): &(), _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Lists the names of all caches: nothing → `i32` n, n × `text`. Tables of SQL appear as `SQL_<SCHEMA>_<TABLE>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CacheNames;

impl Request for CacheNames {
    const OP: Op = Op::CacheGetNames;
    type Response = Vec<String>;

    fn encode(&self, _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn decode_response(&self, from: &mut Decoder<'_>) -> Result<Vec<String>, Error> {
        let n = from.count("number of caches", 1)?;
        (0..n).map(|_| prim::read_str(from, "cache name")).collect()
    }
}

impl Serve for CacheNames {
    fn decode(_: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn encode_response(&self, names: &Vec<String>, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.count("number of caches", names.len())?;
        names.iter().try_for_each(|name| prim::write_str(to, name))
    }
}
