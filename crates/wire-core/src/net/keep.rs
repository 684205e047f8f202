//! Keeping a [`Link`] open, and finding out whether its peer is still there.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::attempts::{Wanted, unless};
use super::connect::later;
use super::link::{Connector, Link, LinkError, LiveOf};
use crate::machine::Cause;

/// When a peer that says nothing is asked whether it is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// How long nothing may arrive before it is asked.
    pub interval: Duration,
    /// How long it may take to answer.
    pub timeout: Duration,
}

/// What became of a kept connection.
#[derive(Debug)]
pub enum LinkChange<E> {
    /// It is open.
    Opened,
    /// It accepts no more requests; another is to be opened.
    Lost(Cause),
    /// An attempt to open it failed; another follows after a pause.
    Failed(E),
}

/// The least time between two heartbeats, whatever the settings say: none may be asked for without end.
const MIN_INTERVAL: Duration = Duration::from_millis(1);
/// For opening a kept connection: the connector has a deadline of its own.
const NO_LIMIT: Duration = Duration::MAX;

impl<C: Connector> Link<C> {
    /// Opens the connection, and opens it again whenever it ended, until the link is closed; then returns. To be run
    /// as a task of its own, one for each link.
    ///
    /// Attempts that fail are followed by a pause of 0.7 s that doubles up to 30 s, of which a random quarter is taken
    /// off; [`Self::nudge`], or a caller who waits, cuts it short. So are connections that end within half a second. Several links to one server
    /// share the pauses by [`Self::paced`].
    ///
    /// When nothing arrived for the interval of `heartbeat`, whether or not something was asked, `probe` is to ask for
    /// an answer. If it fails, or nothing at all arrives within the heartbeat's timeout, the connection is killed with
    /// [`Cause::Heartbeat`]. `changed` is told what happens, until the link is closed.
    ///
    /// # Cancel safety
    /// Cancel safe: an attempt under way is given up, an open connection stays open.
    pub async fn keep<F>(
        &self,
        heartbeat: Option<Heartbeat>,
        probe: impl Fn(Arc<LiveOf<C>>) -> F,
        mut changed: impl FnMut(LinkChange<C::Error>),
    ) where
        F: Future<Output = Result<(), String>>,
    {
        let mut wanted = Wanted::Kept;
        loop {
            let opened = self.reconnect(Instant::now(), NO_LIMIT, wanted).await;
            wanted = Wanted::Kept;
            match opened {
                Ok(live) => {
                    let began = Instant::now();
                    changed(LinkChange::Opened);
                    let watched = async {
                        match heartbeat {
                            Some(heartbeat) => watch::<C, F>(&live, heartbeat, &probe).await,
                            None => std::future::pending().await,
                        }
                    };
                    let over = unless(live.handle.retired(), watched);
                    if unless(self.until_closed(), over).await.is_none() {
                        return;
                    }
                    let cause = live.handle.closed().unwrap_or(Cause::Closed);
                    wanted = Wanted::KeptAfter(began.elapsed());
                    changed(LinkChange::Lost(cause));
                }
                Err(LinkError::Connect(error)) => changed(LinkChange::Failed(error)),
                // Nobody waits so long; the attempt is repeated.
                Err(LinkError::Timeout { .. }) => {}
                Err(LinkError::Closed) => return,
            }
        }
    }
}

/// Asks whether the peer is still there each time it was silent, until it is not.
async fn watch<C: Connector, F>(
    live: &Arc<LiveOf<C>>,
    heartbeat: Heartbeat,
    probe: &impl Fn(Arc<LiveOf<C>>) -> F,
) where
    F: Future<Output = Result<(), String>>,
{
    let interval = heartbeat.interval.max(MIN_INTERVAL);
    let mut answered = Instant::now();
    loop {
        let due = later(live.handle.heard().max(answered), interval);
        if due > Instant::now() {
            sleep_until(due).await;
            continue;
        }
        let asked = Instant::now();
        let why = match timeout(heartbeat.timeout, probe(Arc::clone(live))).await {
            Ok(Ok(())) => None,
            Ok(Err(why)) => Some(why),
            // The answer may stand behind a large one that is still arriving.
            Err(_) if live.handle.heard() > asked => None,
            Err(_) => Some(format!(
                "nothing arrived for {} ms, and no answer within {} ms",
                asked
                    .saturating_duration_since(live.handle.heard())
                    .as_millis(),
                heartbeat.timeout.as_millis()
            )),
        };
        match why {
            None => answered = Instant::now(),
            Some(why) => {
                live.handle.kill(Cause::Heartbeat(why.into()));
                return;
            }
        }
    }
}
