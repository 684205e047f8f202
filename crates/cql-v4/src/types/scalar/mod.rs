//! Values that Rust's standard library has no type for.

mod number;
mod time;
mod uuid;

pub use number::{Counter, Decimal, Varint};
pub use time::{Date, Duration, Time, Timestamp};
pub use uuid::{Timeuuid, Uuid};
