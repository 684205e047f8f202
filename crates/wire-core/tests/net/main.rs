//! The connection machinery over tokio.
#![cfg(feature = "net")]

mod connect;
mod driver;
mod hostile;
mod keep;
mod stress;
#[cfg(feature = "tls")]
mod tls;
mod toy;
