//! The client against a cluster in memory, with paused time.
#![cfg(feature = "client")]

mod cancel;
mod chaos;
mod control;
mod discovery;
mod health;
mod keyspaces;
mod lifecycle;
mod prepared;
mod retries;
mod routing;
mod secrets;
mod speculation;
#[path = "../support/mod.rs"]
mod support;
