//! The connection machinery over tokio.
#![cfg(feature = "net")]

mod connect;
mod driver;
#[cfg(feature = "tls")]
mod tls;
mod toy;
