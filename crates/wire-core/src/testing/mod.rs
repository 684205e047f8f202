//! The fixed set of codec tests, as functions (feature `testing`, for development only).
//!
//! Each takes the decoder as `Fn(&mut Reader) -> Result<T, E>` and demands itself that the reader ends where the bytes
//! end. A decoder of values that borrow from the bytes makes them owned first. All panic with the reason, at the line
//! of the caller, when the code under test is wrong.
//!
//! ```no_run
//! use wire_core::{DecodeError, EncodeError, Reader, Writer, testing};
//!
//! #[derive(Debug, PartialEq)]
//! struct Ping(u16);
//!
//! fn decode(r: &mut Reader<'_>) -> Result<Ping, DecodeError> {
//!     r.u16_be("number").map(Ping)
//! }
//!
//! fn encode(ping: &Ping, out: &mut Vec<u8>) -> Result<(), EncodeError> {
//!     Writer::new(out).u16_be(ping.0);
//!     Ok(())
//! }
//!
//! // tests/fixtures/ping.hex, recorded from a server:
//! testing::fixed_set(decode, encode, &testing::fixture("ping"), &Ping(7));
//! ```
#![expect(clippy::panic, reason = "a failed expectation of a test is a panic")]

mod feed;
mod fixtures;
mod message;
mod options;

pub use feed::chunked_feed;
pub use fixtures::{fixture, fixtures};
pub use message::{
    BIG_I32_BE, BIG_I32_LE, BIG_LEB128, BIG_U16, every_change_is_survived, every_prefix_fails,
    fixed_set, golden, lying_count_fails, round_trip, trailing_byte_fails,
};
pub use options::url_options;

/// Most bytes of a message in a failure's text.
const SHOWN: usize = 1024;
