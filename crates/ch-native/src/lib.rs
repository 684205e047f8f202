//! ch-native
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
pub mod column;
mod error;
mod limits;
pub mod message;
pub mod types;

pub use column::Block;
pub use error::{Error, ErrorKind, Sent, ServerError};
pub use limits::Limits;
