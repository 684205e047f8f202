//! What the control connection is asked to read anew, by whoever finds that it is time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use crate::error::{Error, ErrorKind};

/// What is to be read anew.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    topology: AtomicBool,
    schema: AtomicBool,
    told: Notify,
    /// Somebody waits.
    at_once: AtomicBool,
    asked: AtomicU64,
    /// All who asked up to here were served.
    served: watch::Sender<u64>,
}

/// What is read in one go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    pub(super) topology: bool,
    pub(super) schema: bool,
    asked: u64,
}

impl Wanted {
    /// The nodes and keyspaces, soon.
    pub(super) fn topology(&self) {
        self.topology.store(true, Ordering::Release);
        self.told.notify_one();
    }

    /// The schema, soon.
    pub(super) fn schema(&self) {
        self.schema.store(true, Ordering::Release);
        self.told.notify_one();
    }

    /// Everything, now. Returns when it was read.
    pub(super) async fn all(&self, within: Duration) -> Result<(), Error> {
        let mut served = self.served.subscribe();
        let ticket = self.asked.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        self.at_once.store(true, Ordering::Release);
        self.topology.store(true, Ordering::Release);
        self.schema();
        let done = served.wait_for(|served| *served >= ticket);
        match timeout(within, done).await {
            Ok(Ok(_)) => Ok(()),
            _ => {
                let text = format!(
                    "the nodes could not be read anew within {} ms",
                    within.as_millis()
                );
                Err(Error::new(ErrorKind::Timeout, text))
            }
        }
    }

    /// Returns when something is wanted; `true` if at once.
    pub(super) async fn something(&self) -> bool {
        self.told.notified().await;
        self.at_once.swap(false, Ordering::AcqRel)
    }

    /// Begins to serve all who have asked so far.
    pub(super) fn begin(&self) -> Pass {
        let asked = self.asked.load(Ordering::Acquire);
        Pass {
            topology: self.topology.swap(false, Ordering::AcqRel),
            schema: self.schema.swap(false, Ordering::AcqRel),
            asked,
        }
    }

    /// They were served.
    pub(super) fn end(&self, pass: Pass) {
        self.served.send_replace(pass.asked);
    }
}
