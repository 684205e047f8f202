//! What the tests of the workspace's crates share. Never published, and a development dependency only.
//!
//! - [`ChoppedIo`]: a stream that is cut into pieces, delayed and broken by a plan.
//! - [`Peer`], [`converse`], [`spawn`]: the other end of a connection, played by a script.
//! - [`drop_at_each_await`], [`drop_at_each_turn`]: a future is dropped wherever it can be.
//! - [`Proxy`]: stands before a real server and breaks, stalls, slows and corrupts its connections.
//! - [`Trap`]: a TCP server that is not what the client expects.
//! - [`TestCa`]: certificates for TLS tests.
//! - [`Paused`], [`kill`], [`terminate`]: a real server's process, stopped for a while or for good.
//! - [`measure`]: what a piece of code asks of the allocator, and the most that it holds at a time.
//! - [`fuzz`]: fuzz targets, run by tests and by libFuzzer.
//! - [`block_on`]: a runtime whose clock is paused and whose tasks take turns one by one.
//!
//! Everything here is deterministic: nothing is random, and nothing waits for real time, save what real sockets and
//! processes take.
//! Everything panics where a test is to fail.
//!
//! ```
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! wire_testkit::block_on(async {
//!     let answer = wire_testkit::converse(
//!         |mut io| async move {
//!             io.write_all(b"ping").await.unwrap();
//!             let mut answer = [0; 4];
//!             io.read_exact(&mut answer).await.unwrap();
//!             answer
//!         },
//!         |mut peer| async move {
//!             peer.expect(b"ping").await;
//!             peer.send_in_pieces(b"pong", 1).await;
//!             peer.expect_end().await;
//!         },
//!     );
//!     assert_eq!(answer.await, *b"pong");
//! });
//! ```

mod cancel;
mod chopped;
pub mod fuzz;
mod memory;
mod peer;
mod process;
mod proxy;
mod tls;
mod trap;

pub use cancel::{block_on, drop_at_each_await, drop_at_each_turn};
pub use chopped::{ChoppedIo, Chops, Fault};
pub use memory::{Memory, measure};
pub use peer::{Peer, Script, converse, spawn};
pub use process::{Paused, kill, terminate};
pub use proxy::{Faults, Proxy};
pub use tls::{Identity, TestCa};
pub use trap::{Trap, TrapKind};
