//! Clusters that speak every version, every compression and TLS, and clusters whose nodes are not of one version.
#![cfg(all(feature = "client", feature = "lz4"))]

mod conversations;
#[cfg(all(feature = "rustls-023", target_os = "linux"))]
mod secured;
#[path = "../support/mod.rs"]
mod support;
mod versions;
