//! The client against a cluster in memory, with paused time.
#![cfg(feature = "client")]

mod control;
mod discovery;
mod health;
mod routing;
#[path = "../support/mod.rs"]
mod support;
