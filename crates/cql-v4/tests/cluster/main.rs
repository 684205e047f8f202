//! The client against a cluster in memory, with paused time.
#![cfg(feature = "client")]

mod cancel;
mod chaos;
mod connecting;
mod control;
mod discovery;
mod distance;
mod events;
mod health;
mod keyspaces;
mod lifecycle;
mod outcome;
mod prepared;
mod retries;
mod routing;
mod secrets;
mod speculation;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
