//! Policies as users see them, what is counted, and what is told. The rules of retries are tested beside them.
#![cfg(feature = "client")]

mod audit;
mod changes;
mod cluster;
mod contact;
mod logs;
mod profile;
mod running;
mod speculation;
#[path = "../support/mod.rs"]
mod support;
mod timestamps;
