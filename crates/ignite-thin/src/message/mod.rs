//! Requests and responses: what stands behind the headers of [`codec::frame`](crate::codec::frame).
//!
//! Each request is a type that says its [operation](Op) and its response. [`Request`] is the client's side of it,
//! [`Serve`] the server's, so that a peer for tests needs no second implementation.
//!
//! Source: the request classes in the server's package `platform.client`, one per operation.

mod args;
mod cache;
mod control;
mod get;
mod handshake;
mod insert;
mod query;
mod result;

pub use args::Args;
pub use cache::{CacheInfo, CacheNames, DestroyCache, GetOrCreateCache};
pub use control::{CloseResource, Heartbeat};
pub use get::{ContainsKey, Get, GetAll};
pub use handshake::{HandshakeRequest, HandshakeResponse};
pub use insert::{Put, PutAll, RemoveKey};
pub use query::{ScanPage, ScanQuery, SqlPage, SqlQuery, StatementKind};
pub use result::{Cursor, Page, SqlCursor};

use bytes::Bytes;

use crate::Error;
use crate::codec::frame::{RequestHeader, write_frame};
use crate::codec::{Decoder, Encoder};
use crate::limits::Limits;

/// A request, as the client sees it.
pub trait Request {
    /// The operation.
    const OP: Op;

    /// What a successful answer holds.
    type Response;

    /// Appends the payload of the request.
    ///
    /// # Errors
    /// A value in it cannot be written; see [`Encode::encode`](crate::Encode::encode).
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error>;

    /// About how many bytes the payload takes; see [`Encode::size_hint`](crate::Encode::size_hint).
    #[inline]
    fn size_hint(&self) -> usize {
        0
    }

    /// Reads the payload of the response.
    ///
    /// # Errors
    /// As [`Decode::decode`](crate::Decode::decode).
    fn decode_response(&self, from: &mut Decoder<'_>) -> Result<Self::Response, Error>;
}

/// A request, as the server sees it.
pub trait Serve: Request + Sized {
    /// Reads the payload of the request.
    ///
    /// # Errors
    /// As [`Decode::decode`](crate::Decode::decode).
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error>;

    /// Appends the payload of the response.
    ///
    /// # Errors
    /// As [`Request::encode`].
    fn encode_response(&self, response: &Self::Response, to: &mut Encoder<'_>)
    -> Result<(), Error>;
}

/// Appends `request` as a whole message with `request_id`.
///
/// # Errors
/// Those of [`Request::encode`]; then nothing is appended.
pub fn write_request<R: Request>(
    request: &R,
    request_id: i64,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    write_frame(out, |to| {
        RequestHeader::new(R::OP.code(), request_id).encode(to);
        request.encode(to)
    })
}

/// Reads the payload of the response to `request`, all of it.
///
/// # Errors
/// Those of [`Request::decode_response`]; [`ErrorKind::Decode`](crate::ErrorKind::Decode) if bytes are left.
pub fn read_response<R: Request>(
    request: &R,
    payload: &Bytes,
    limits: &Limits,
) -> Result<R::Response, Error> {
    let mut from = Decoder::new(payload, limits);
    let response = request.decode_response(&mut from)?;
    from.finish("response")?;
    Ok(response)
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// An operation of the protocol (server class `ClientMessageParser`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Op {
            $($(#[$doc])* $name,)*
        }

        impl Op {
            /// The code on the wire.
            pub const fn code(self) -> i16 {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The operation of a code; `None` for those that this crate does not have.
            pub const fn from_code(code: i16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

operations! {
    /// Closes a cursor.
    ResourceClose = 0;
    /// Does nothing; keeps the connection alive. Needs [`Feature::Heartbeat`](crate::codec::Feature::Heartbeat).
    Heartbeat = 1;
    /// Reads one value.
    CacheGet = 1000;
    /// Writes one value.
    CachePut = 1001;
    /// Reads many values.
    CacheGetAll = 1003;
    /// Writes many values.
    CachePutAll = 1004;
    /// Asks whether a key is there.
    CacheContainsKey = 1011;
    /// Removes one key.
    CacheRemoveKey = 1016;
    /// Lists the caches.
    CacheGetNames = 1050;
    /// Makes a cache unless it is there.
    CacheGetOrCreate = 1052;
    /// Drops a cache.
    CacheDestroy = 1056;
    /// Begins to read all entries.
    QueryScan = 2000;
    /// Reads the next entries.
    QueryScanPage = 2001;
    /// Runs a statement.
    QuerySqlFields = 2004;
    /// Reads the next rows.
    QuerySqlFieldsPage = 2005;
}
