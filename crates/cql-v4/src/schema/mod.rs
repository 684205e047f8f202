//! What the server's own tables say: its schema, the versions of it that nodes have, and the traces of queries.
//!
//! Nothing here does I/O: [`SchemaReader`] says what to ask, takes the pages of rows, and makes a [`Schema`] of them. A
//! schema is a snapshot that never changes; its parts are shared with those made after it by [`Schema::replacing`].
//!
//! ```text
//! SchemaFilter + ServerKind -> SchemaReader::queries()      ask each of them, page by page
//!                              SchemaReader::rows(of, page)
//!                              SchemaReader::finish()       -> Schema -> Keyspace -> Table, UserType, Function …
//!                                                                          └ describe(): CQL text that creates it again
//! ```
//!
//! Sources: the keyspaces `system_schema`, `system_virtual_schema` and `system_traces` of Cassandra 3.0 to 5.0 (classes
//! `SchemaKeyspace`, `VirtualSchemaKeyspace` and `TraceKeyspace`), and what ScyllaDB adds to the first.

mod assemble;
mod describe;
mod describe_table;
mod keyspace;
mod parse_type;
mod queries;
mod quote;
mod read;
mod record;
mod resolve;
mod scylla_target;
mod snapshot;
mod table;
mod trace;
mod versions;

pub use keyspace::{Aggregate, DeclaredType, Field, Function, Keyspace, UserType};
#[doc(hidden)]
pub use parse_type::fuzz_type_text;
pub use queries::{SchemaFilter, SchemaQuery, SchemaTable, ServerKind};
pub use quote::quote_identifier;
pub use read::SchemaReader;
pub use snapshot::Schema;
pub use table::{ClusteringOrder, Column, ColumnKind, Index, Mask, MaterializedView, Table};
pub use trace::{Trace, TraceEvent};
pub use versions::SchemaVersions;
