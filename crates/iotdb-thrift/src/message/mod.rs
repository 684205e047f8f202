//! The messages of IoTDB's interface: every struct, every method of every generation, both directions.
//!
//! Nothing here does I/O. A request is the arguments of its method, a struct named after it: `InsertTabletArgs` are the
//! arguments of `insertTablet`. Its [`Method`] says the name and the type of the answer, its [`Request`] turns it into
//! frames and back. The same types serve a client and a server:
//!
//! | direction | client | server |
//! | --- | --- | --- |
//! | call | [`Request::append_call`]; [`Request::call_body`] does not copy tablets | [`Call::parse`], then [`Request::decode_call`] |
//! | reply | [`Request::decode_reply`] | [`Request::append_reply`] |
//! | exception | [`Request::decode_reply`], inner error | [`Call::append_exception`] |
//!
//! ```
//! use iotdb_thrift::message::{Call, GetTimeZoneArgs, Request, TSGetTimeZoneResp};
//! use iotdb_thrift::{Limits, Protocol};
//!
//! // A client asks.
//! let mut args = GetTimeZoneArgs::default();
//! args.session_id = 7;
//! let mut sent = Vec::new();
//! args.append_call(1, Protocol::Binary, &mut sent)?;
//!
//! // A server cuts the frame off (four bytes of length), and answers.
//! let call = Call::parse(sent.split_off(4).into())?;
//! assert_eq!((call.method(), call.sequence_id()), ("getTimeZone", 1));
//! assert_eq!(GetTimeZoneArgs::decode_call(&call, &Limits::default())?, args);
//! let mut answer = TSGetTimeZoneResp::default();
//! answer.status.code = 200;
//! answer.time_zone = "UTC".to_owned();
//! let mut reply = Vec::new();
//! GetTimeZoneArgs::append_reply(&answer, 1, Protocol::Binary, &mut reply)?;
//!
//! // The client takes only the reply to its own call.
//! let reply = reply.split_off(4).into();
//! let got = GetTimeZoneArgs::decode_reply(&reply, 1, Protocol::Binary, &Limits::default())?;
//! assert_eq!(got, Ok(answer));
//! # Ok::<(), iotdb_thrift::Error>(())
//! ```
//!
//! Structs are open (`#[non_exhaustive]`), since servers add fields: make one with `default()` and set what you want.
//! Binary fields are [`Bytes`](bytes::Bytes): when read they share memory with the frame. Fields that a server does not send are
//! `None`; a missing required field is an error that names it; unknown fields, and known ones of another type, are
//! passed over. Numbers that servers own are enums with an `Unknown` variant, and never fail to decode.

mod call;
mod exception;
mod frames;
mod generated;

pub use call::{Call, Method, Request};
pub(crate) use frames::append_call_head;
pub use generated::*;
