//! Policies as users see them, what is counted, and what is told. The rules of retries are tested beside them.
#![cfg(feature = "client")]

mod audit;
mod logs;
mod profile;
mod speculation;
#[path = "../support/mod.rs"]
mod support;
mod timestamps;
