//! What became of the requests of each kind of work.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cql_v4::{Error, ErrorKind};

/// What a request may take beyond its deadline on a machine that has much else to do.
const GRACE: Duration = Duration::from_secs(5);

/// Of a thousand requests, how many may fail: nodes come and go all the time.
const FAILURES_OF_A_THOUSAND: u64 = 20;

#[derive(Default)]
pub(super) struct Count {
    done: AtomicU64,
    slowest_micros: AtomicU64,
    failed: Mutex<BTreeMap<String, (u64, String)>>,
}

impl Count {
    /// Counts one request that took this long, and judges how it ended.
    pub(super) fn add(&self, name: &str, took: Duration, outcome: Result<(), &Error>) {
        assert!(
            took < super::DEADLINE + GRACE,
            "{name}: a request took {took:?}, its deadline was {:?}",
            super::DEADLINE
        );
        let micros = u64::try_from(took.as_micros()).unwrap();
        self.slowest_micros.fetch_max(micros, Ordering::Relaxed);
        let Err(error) = outcome else {
            self.done.fetch_add(1, Ordering::Relaxed);
            return;
        };
        assert!(
            matches!(
                error.kind(),
                ErrorKind::Io
                    | ErrorKind::Closed
                    | ErrorKind::Connect
                    | ErrorKind::Timeout
                    | ErrorKind::Server
            ),
            "{name}: not what a node that is gone can cause: {error}"
        );
        let kind = match error.server() {
            Some(server) => server.code.to_string(),
            None => format!("{:?}", error.kind()),
        };
        let kind = format!("{kind}, sent: {:?}", error.sent());
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed
            .entry(kind)
            .or_insert_with(|| (0, error.to_string()))
            .0 += 1;
    }

    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub(super) fn failed(&self) -> u64 {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.values().map(|(count, _)| count).sum()
    }

    /// What is wrong with it.
    pub(super) fn breach(&self) -> Option<String> {
        let (done, failed) = (self.done(), self.failed());
        let too_many = failed * 1_000 > (done + failed) * FAILURES_OF_A_THOUSAND;
        too_many.then(|| format!("{failed} of {} requests failed", done + failed))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slowest = Duration::from_micros(self.slowest_micros.load(Ordering::Relaxed));
        write!(
            f,
            "{} done, {} failed, slowest {slowest:?}",
            self.done(),
            self.failed()
        )?;
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, (count, first)) in &*failed {
            write!(f, "\n    {count} × {kind}; the first: {first}")?;
        }
        Ok(())
    }
}
