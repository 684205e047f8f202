//! What is special to ScyllaDB, through the whole client: tablets that are learned, move and go, and connections to
//! shards.
#![cfg(feature = "client")]

#[cfg(target_os = "linux")]
mod shards;
#[path = "../support/mod.rs"]
mod support;
mod tablets;
