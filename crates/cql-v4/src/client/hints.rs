//! What the nodes tell of each other. It is a hint only: no connection is closed because of one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;
use wire_core::machine::Cause;

use super::connect::{Live, Wiring};
use super::exchange;
use super::pool::NodePool;

/// Gossip runs ahead of the port of a node that comes up.
const BEFORE_UP: Duration = Duration::from_secs(1);

/// Hints that are followed at this moment: a burst of them, told by several nodes, is as good as one.
#[derive(Debug, Default)]
pub(super) struct Hints {
    up: AtomicBool,
    down: AtomicBool,
}

impl NodePool {
    /// The node is said to be up: soon, connecting is worth a try.
    pub(super) fn told_up(self: &Arc<Self>) {
        if self.hints.up.swap(true, Ordering::AcqRel) {
            return;
        }
        // Nobody needs the connections for as long as this only waits.
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep(BEFORE_UP).await;
            if let Some(pool) = pool.upgrade() {
                pool.hints.up.store(false, Ordering::Release);
                pool.nudge();
            }
        });
    }

    /// The node is said to be down: it is asked whether that is true.
    pub(super) fn told_down(self: &Arc<Self>) {
        if self.hints.down.swap(true, Ordering::AcqRel) {
            return;
        }
        // All at once, so that silent ones do not keep each other waiting.
        let mut asked = JoinSet::new();
        for live in self.all_open() {
            let wiring = Arc::clone(&self.wiring);
            asked.spawn(async move { probe(&live, &wiring).await });
        }
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            asked.join_all().await;
            if let Some(pool) = pool.upgrade() {
                pool.hints.down.store(false, Ordering::Release);
            }
        });
    }
}

/// Asks a connection for a sign of life; one that gives none is closed.
async fn probe(live: &Arc<Live>, wiring: &Wiring) {
    let asked = exchange::ping(live, wiring.limits, wiring.heartbeat_timeout());
    if let Err(error) = asked.await {
        live.handle.kill(Cause::Heartbeat(error.to_string().into()));
    }
}
