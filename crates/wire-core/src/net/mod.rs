//! Connections over tokio: the only module that knows sockets, tasks and clocks.
//!
//! [`spawn`] gives a connected socket to its driver task and returns the [`Handle`] that requests are made with;
//! [`connect()`] opens sockets: resolves names, dials, does TLS and the protocol's handshake, all under one deadline;
//! [`Link`] keeps one such connection and replaces it when it breaks, and [`Link::keep`] does so before it is needed.
//!
//! One task owns the socket and does all I/O. Callers encode their request under a short lock straight into the
//! connection's outgoing buffer, leave a waker in the request's slot, and find the answer there. There is no channel,
//! no task and no allocation per request.
//!
//! **Flush rule.** An idle driver is woken by the first request and writes it at once. While a write is under way, or
//! until the driver gets its turn, further requests gather in the buffer and go out with the next write. There is no
//! timer and no fixed delay.
//!
//! [`define_connection_errors!`](crate::define_connection_errors) turns what can happen here into the error type of a
//! protocol crate.

mod attempts;
mod backoff;
mod connect;
mod dial;
mod driver;
mod exchange;
mod handle;
mod keep;
mod link;
mod open;
mod shared;
#[cfg(feature = "tls")]
mod tls;

pub use attempts::Pace;
pub use backoff::Backoff;
pub use connect::{
    ConnectError, ConnectOptions, Connected, Handshaken, HostPipe, Stage, connect, connect_over,
    handshake,
};
pub use dial::SourcePorts;
pub use driver::{Io, spawn};
pub use exchange::Exchange;
pub use handle::{Handle, RequestError};
pub use keep::{Heartbeat, LinkChange};
pub use link::{AskError, Connector, Link, LinkError, Live, LiveOf};
pub use open::{Opener, Opening, Pipe};
#[cfg(feature = "tls")]
pub use tls::{TlsError, TlsOptions};
