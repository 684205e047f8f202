//! What the tasks that keep the connections to a node open have seen.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;
use wire_core::net::LinkChange;

use super::connect::Wiring;
use super::events::NodeEvent;
use crate::error::Error;
use crate::observe::TARGET;
use crate::types::Uuid;

/// The state of the connections to a node.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Whose connections they are; not known of a contact point.
    pub(super) node: OnceLock<(Uuid, SocketAddr)>,
    /// Whether an attempt to connect has ended, well or not.
    tried: AtomicBool,
    /// Connections that are open.
    open: AtomicUsize,
    /// Connections that were lost and not opened again since.
    lost: AtomicUsize,
    changed: Notify,
    last_error: Mutex<Option<Error>>,
    /// Held while a change is counted and told, so that what is told last is how it is.
    turn: Mutex<()>,
}

impl Health {
    pub(super) fn saw(&self, change: LinkChange<Error>, label: &str, wiring: &Wiring) {
        match change {
            LinkChange::Opened => {
                tracing::debug!(target: TARGET, { server.address = label }, "connection opened");
                if decreased(&self.lost).is_some() {
                    wiring.metrics.reconnected();
                }
                let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
                if self.open.fetch_add(1, Ordering::AcqRel) == 0
                    && let Some((host_id, address)) = self.node.get().copied()
                {
                    wiring.events.tell(NodeEvent::Up { host_id, address });
                }
            }
            LinkChange::Lost(cause) => {
                tracing::debug!(target: TARGET, { server.address = label, %cause }, "connection lost");
                self.lost.fetch_add(1, Ordering::AcqRel);
                self.saw_end(wiring);
            }
            LinkChange::Failed(error) => {
                tracing::warn!(target: TARGET, { server.address = label, %error }, "cannot connect");
                let mut last = self
                    .last_error
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                *last = Some(error);
            }
        }
        self.tried.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// A link that had a connection is kept open no longer; the node may have others.
    pub(super) fn saw_end(&self, wiring: &Wiring) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if decreased(&self.open) == Some(0) {
            self.tell_down(wiring);
        }
    }

    pub(super) fn tell_down(&self, wiring: &Wiring) {
        if let Some((host_id, address)) = self.node.get().copied() {
            wiring.events.tell(NodeEvent::Down { host_id, address });
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.open.load(Ordering::Acquire) > 0
    }

    /// Returns when an attempt to connect has ended, well or not.
    pub(super) async fn tried(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.tried.load(Ordering::Acquire) {
                return;
            }
            changed.await;
        }
    }

    /// What the last attempt to connect failed with; told once.
    pub(super) fn take_last_error(&self) -> Option<Error> {
        let error = self.last_error.lock();
        error.unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Takes one off a counter, and returns what is left; `None` if it was zero.
fn decreased(counter: &AtomicUsize) -> Option<usize> {
    let fewer = |n: usize| n.checked_sub(1);
    let before = counter.fetch_update(Ordering::AcqRel, Ordering::Acquire, fewer);
    before.ok().and_then(fewer)
}
