//! What the nodes tell of each other. It is a hint only: no connection is closed because of one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::sleep;

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
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            pool.probe().await;
            pool.hints.down.store(false, Ordering::Release);
        });
    }
}
