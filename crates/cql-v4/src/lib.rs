//! Client of Apache Cassandra and ScyllaDB.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub mod codec;
mod error;
mod limits;
pub mod message;
pub mod row;
pub mod types;

pub use error::{Error, ErrorCode, ErrorDetail, ErrorKind, Sent, ServerError};
pub use limits::Limits;
pub use row::{FromRow, QueryResult, Row, Rows};
