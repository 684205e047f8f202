//! The codec of messages, through the public API: against bytes of the official Python client, against Apache's Rust
//! runtime, against hostile bytes, and against itself.

mod apache;
mod golden;
mod hostile;
mod memory;
mod methods;
mod roundtrip;
