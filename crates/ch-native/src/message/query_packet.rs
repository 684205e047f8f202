//! The packet that carries a query.
//!
//! ```text
//! query id String, client info, settings, [54472] roles String, [54441] hash String
//! stage VarUInt, compression VarUInt, statement String, [54459] parameters
//! ```
//!
//! Behind it come blocks of external tables, and an empty block that ends them, also if there are none.
//!
//! Source: ClickHouse, `src/Client/Connection.cpp` (`sendQuery`), `src/Server/TCPHandler.cpp` (`processQuery`).

use std::collections::BTreeMap;

use wire_core::{DecodeError, EncodeError, Reader};

use super::body::put_block;
use super::client::{ClientPacket, code, put_packet};
use super::client_info::ClientInfo;
use super::parameter::{read_parameters, write_parameters};
use super::query::{Query, Stage};
use super::setting::{SettingKind, read_settings, write_settings};
use crate::codec::prim::{put_string, put_varint, string, text};
use crate::codec::{Feature, Revision};
use crate::error::Error;
use crate::message::Form;

/// The packet that carries a query.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QueryPacket {
    /// The statement, its settings and parameters. When it was read, external tables are not in it: each of their
    /// blocks is a packet of its own behind this one.
    pub query: Query,
    /// Who asks.
    pub info: ClientInfo,
    /// Whether blocks in both directions are compressed for this query.
    pub compressed: bool,
}

impl QueryPacket {
    /// A query of this crate.
    pub fn new(query: Query, mut info: ClientInfo, compressed: bool) -> Self {
        if let Some(trace) = query.trace() {
            info.trace = Some(trace.clone());
        }
        Self {
            query,
            info,
            compressed,
        }
    }

    /// Appends everything that a client sends to have the query carried out: the packet, its external tables, and the
    /// mark that ends them. A server begins when it has the mark.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if a setting or parameter cannot be sent to a server of this
    /// revision, an external table has no name or columns, or a block cannot be compressed.
    pub fn encode_all(&self, form: Form, out: &mut Vec<u8>) -> Result<(), Error> {
        // External tables are compressed as the query says.
        let form = Form {
            compression: form.compression.filter(|_| self.compressed),
            ..form
        };
        put_packet(form, out, |out| {
            out.push(code::QUERY);
            self.write(form.revision, out)
        })?;
        for (table, block) in self.query.external_tables() {
            put_packet(form, out, |out| {
                if table.is_empty() || block.columns().is_empty() {
                    let what = "needs a name and columns: without them it would mean that no more tables follow";
                    return Err(EncodeError::invalid("external table", what));
                }
                out.push(code::DATA);
                put_string(out, table.as_bytes());
                put_block(block, form, true, out)
            })?;
        }
        ClientPacket::end_mark().encode(form, out)
    }

    pub(super) fn write(&self, form: Revision, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        put_string(out, self.query.id.as_bytes());
        self.info.write(form, out)?;
        write_settings(&self.query.settings, form, out)?;
        if form.has(Feature::ExternalRoles) {
            // A string that holds an empty vector, as ClickHouse's own client sends it.
            put_string(out, &[0]);
        }
        if form.has(Feature::InterserverSecret) {
            put_string(out, b"");
        }
        put_varint(out, self.query.stage.number());
        put_varint(out, u64::from(self.compressed));
        put_string(out, self.query.text.as_bytes());
        write_parameters(&self.query.parameters, form, out)
    }

    pub(super) fn read(
        r: &mut Reader<'_>,
        form: Revision,
        kinds: &BTreeMap<String, SettingKind>,
        max: u64,
    ) -> Result<Self, DecodeError> {
        let id = text(r, "query_id", max)?;
        let info = ClientInfo::read(r, form, max)?;
        let settings = read_settings(r, form, kinds, max)?;
        // Roles and hash are for servers that know a secret.
        if form.has(Feature::ExternalRoles) {
            string(r, "external_roles", max)?;
        }
        if form.has(Feature::InterserverSecret) {
            string(r, "auth_hash", max)?;
        }
        let stage = Stage::from_number(r.leb128("stage")?);
        let compressed = r.leb128("compression")? != 0;
        let mut query = Query::new(text(r, "query", max)?)
            .with_id(id)
            .with_stage(stage)
            .with_settings(settings);
        if form.has(Feature::Parameters) {
            query.parameters = read_parameters(r, max)?;
        }
        if let Some(trace) = &info.trace {
            query = query.with_trace(trace.clone());
        }
        Ok(Self {
            query,
            info,
            compressed,
        })
    }
}
