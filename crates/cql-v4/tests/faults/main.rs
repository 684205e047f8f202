//! What servers and networks do to a client, and what its callers are told.
//!
//! Scripted nodes in memory, with paused clocks; a proxy before them where real sockets matter. What happens to one
//! frame or one answer alone is tested beside what reads it: `client.rs`, `segments.rs`, `truncation.rs`.
#![cfg(feature = "client")]

mod cluster;
mod given_up;
mod history;
mod lost;
mod sockets;
#[path = "../support/mod.rs"]
mod support;
mod wire;
