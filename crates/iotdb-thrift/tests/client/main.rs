//! The client against a server in memory: no network, and a clock that is paused.
#![cfg(feature = "client")]

mod broken;
mod cancel;
mod conversation;
mod server;
mod wrong;
