//! QUERY, PREPARE and EXECUTE (native protocol v4, §4.1.4 to §4.1.6).
//!
//! ```text
//! QUERY:   [long string] text, parameters
//! PREPARE: [long string] text {v5: [int flags] {0x01: [string keyspace]}}
//! EXECUTE: [short bytes] id, {v5, or agreed on: [short bytes] id of the known result metadata}, parameters
//! ```
//!
//! The parameters are in `params`.

use std::sync::Arc;

use bytes::Bytes;
use wire_core::{DecodeError, Prefix, Reader, Writer};

use super::params::{self, ParamsParts, QueryParams};
use super::{Bind, Column, Opcode, RawValues, RequestBody};
use crate::codec::{Dialect, Feature, prim};
use crate::error::Fail;

/// PREPARE has a keyspace.
const KEYSPACE: u32 = 0x01;

/// Runs a statement by its text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "built by those who bring their own transport"
)]
pub struct Query<V = RawValues> {
    /// The statement.
    pub text: Arc<str>,
    /// Values of its markers, in their natural types.
    pub values: V,
    /// How to run it.
    pub params: QueryParams,
}

impl Query {
    pub(super) fn read(r: &mut Reader<'_>, dialect: Dialect) -> Result<Self, DecodeError> {
        let text = prim::long_string(r, "text")?.into();
        let (params, values) = QueryParams::read(r, dialect.version())?;
        Ok(Self {
            text,
            values,
            params,
        })
    }
}

impl<V: Bind> RequestBody for Query<V> {
    const OPCODE: Opcode = Opcode::QUERY;

    fn write(&self, dialect: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        QueryParts {
            text: &self.text,
            values: &self.values,
            params: self.params.parts(),
        }
        .write(dialect, w)
    }
}

/// QUERY from borrowed parts: what a client writes for each request, without a copy of any of them.
#[derive(Debug)]
pub(crate) struct QueryParts<'a, V: ?Sized> {
    pub(crate) text: &'a str,
    pub(crate) values: &'a V,
    pub(crate) params: ParamsParts<'a>,
}

impl<V: Bind + ?Sized> RequestBody for QueryParts<'_, V> {
    const OPCODE: Opcode = Opcode::QUERY;

    #[inline]
    fn write(&self, dialect: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        prim::put_long_string(w, "statement", self.text)?;
        self.params.write(w, dialect.version(), None, self.values)
    }
}

/// Has the server parse a statement once, to be run many times.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "built by those who bring their own transport"
)]
pub struct Prepare {
    /// The statement.
    pub text: Arc<str>,
    /// Keyspace of its unqualified names, in place of the connection's; protocol v5.
    pub keyspace: Option<Arc<str>>,
}

impl Prepare {
    /// A statement whose unqualified names are of the connection's keyspace.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            keyspace: None,
        }
    }

    pub(super) fn read(r: &mut Reader<'_>, dialect: Dialect) -> Result<Self, DecodeError> {
        let text = prim::long_string(r, "text")?.into();
        let mut keyspace = None;
        if dialect.has(Feature::IntFlags) {
            let flags = r.u32_be("flags")?;
            if flags & !KEYSPACE != 0 {
                let what = format!("flags {flags:#x} of PREPARE");
                return Err(DecodeError::unsupported("flags", r.offset(), what));
            }
            if flags & KEYSPACE != 0 {
                keyspace = Some(prim::string(r, "keyspace")?.into());
            }
        }
        Ok(Self { text, keyspace })
    }
}

impl RequestBody for Prepare {
    const OPCODE: Opcode = Opcode::PREPARE;

    fn write(&self, dialect: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        let keyspace = self.keyspace.as_deref();
        params::check_of_request(dialect.version(), keyspace.is_some(), None)?;
        prim::put_long_string(w, "statement", &self.text)?;
        if dialect.has(Feature::IntFlags) {
            w.u32_be(keyspace.map_or(0, |_| KEYSPACE));
        }
        params::put_of_request(w, keyspace, None)
    }
}

/// Runs a prepared statement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "built by those who bring their own transport"
)]
pub struct Execute<V = RawValues> {
    /// Id that PREPARED gave.
    pub id: Bytes,
    /// Which metadata of the result is known; empty for none. Only where the dialect has such ids.
    pub result_metadata_id: Bytes,
    /// Values of its markers.
    pub values: V,
    /// How to run it.
    pub params: QueryParams,
}

impl Execute {
    pub(super) fn read(r: &mut Reader<'_>, dialect: Dialect) -> Result<Self, DecodeError> {
        let id = prim::short_bytes(r, "id")?;
        let result_metadata_id = if dialect.has_result_metadata_ids() {
            prim::short_bytes(r, "result_metadata_id")?
        } else {
            Bytes::new()
        };
        let (params, values) = QueryParams::read(r, dialect.version())?;
        Ok(Self {
            id,
            result_metadata_id,
            values,
            params,
        })
    }
}

impl<V: Bind> RequestBody for Execute<V> {
    const OPCODE: Opcode = Opcode::EXECUTE;

    fn write(&self, dialect: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        ExecuteParts {
            id: &self.id,
            result_metadata_id: &self.result_metadata_id,
            markers: None,
            values: &self.values,
            params: self.params.parts(),
        }
        .write(dialect, w)
    }
}

/// EXECUTE from borrowed parts: what a client writes for each request, without a copy of any of them.
#[derive(Debug)]
pub(crate) struct ExecuteParts<'a, V: ?Sized> {
    pub(crate) id: &'a [u8],
    pub(crate) result_metadata_id: &'a [u8],
    pub(crate) markers: Option<&'a [Column]>,
    pub(crate) values: &'a V,
    pub(crate) params: ParamsParts<'a>,
}

impl<V: Bind + ?Sized> RequestBody for ExecuteParts<'_, V> {
    const OPCODE: Opcode = Opcode::EXECUTE;

    #[inline]
    fn write(&self, dialect: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        w.prefixed_bytes(Prefix::U16Be, "statement id", self.id)?;
        if dialect.has_result_metadata_ids() {
            prim::put_short_bytes(w, "result metadata id", self.result_metadata_id)?;
        }
        self.params
            .write(w, dialect.version(), self.markers, self.values)
    }
}
