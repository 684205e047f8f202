//! Connecting to several nodes at the same time, of which the first that answers is wanted.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::attempt::no_nodes;
use super::connect::Live;
use super::pool::NodePool;
use crate::error::{Error, ErrorKind};

/// Nodes that one request waits for at the same time: more than have a copy of its rows in most clusters, and few enough
/// for thousands of requests to wait at once.
const AT_ONCE: usize = 8;

type Opening<'a> = Pin<Box<dyn Future<Output = (usize, Result<Arc<Live>, Error>)> + Send + 'a>>;

/// The first connection to be open to any of the nodes, and to which of them by its place. Each of them has the whole
/// time, or an equal share of it if they are more than [`AT_ONCE`], so that one that says nothing holds up no other.
///
/// # Errors
/// That of the nodes that tells most, when all have failed.
///
/// # Cancel safety
/// Cancel safe: attempts that are dropped are begun anew by whoever comes next.
pub(super) async fn first_open(
    pools: &[&NodePool],
    timeout: Duration,
) -> Result<(usize, Arc<Live>), Error> {
    let rounds = u32::try_from(pools.len().div_ceil(AT_ONCE)).unwrap_or(u32::MAX);
    let share = timeout.checked_div(rounds).unwrap_or(timeout);
    let mut left = pools.iter().enumerate();
    let mut opening: Vec<Opening<'_>> = Vec::with_capacity(pools.len().min(AT_ONCE));
    let mut failed = None;
    poll_fn(|cx| {
        loop {
            let free = AT_ONCE.saturating_sub(opening.len());
            opening.extend(left.by_ref().take(free).map(|(i, pool)| -> Opening<'_> {
                Box::pin(async move { (i, pool.get(share).await) })
            }));
            let before = opening.len();
            let mut opened = None;
            opening.retain_mut(|one| {
                if opened.is_some() {
                    return true;
                }
                match one.as_mut().poll(cx) {
                    Poll::Pending => return true,
                    Poll::Ready((i, Ok(live))) => opened = Some((i, live)),
                    Poll::Ready((_, Err(error))) => failed = Some(prefer(failed.take(), error)),
                }
                false
            });
            if let Some(opened) = opened {
                return Poll::Ready(Ok(opened));
            }
            if opening.is_empty() && left.len() == 0 {
                return Poll::Ready(Err(failed.take().unwrap_or_else(no_nodes)));
            }
            if opening.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await
}

/// The error that tells more: a server's own words rather than that nobody answered.
pub(super) fn prefer(before: Option<Error>, error: Error) -> Error {
    match before {
        Some(before) if !matches!(before.kind(), ErrorKind::Timeout | ErrorKind::Connect) => before,
        _ => error,
    }
}
