//! The connection machinery over tokio.
#![cfg(feature = "net")]

mod connect;
mod driver;
mod toy;
