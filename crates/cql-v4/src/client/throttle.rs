//! Where requests wait while too many are under way.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};

use crate::error::{Error, ErrorKind};
use crate::policy::Throttle;

/// Lets so many requests pass at once as its [`Throttle`] says.
#[derive(Debug)]
pub(crate) struct Gate {
    throttle: Throttle,
    free: Semaphore,
    waiting: AtomicU32,
}

/// The right to have a request under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Passed<'a> {
    _permit: SemaphorePermit<'a>,
}

impl Gate {
    pub(crate) fn new(throttle: Throttle) -> Self {
        let permits = usize::try_from(throttle.max_concurrent()).unwrap_or(usize::MAX);
        Self {
            throttle,
            free: Semaphore::new(permits.min(Semaphore::MAX_PERMITS)),
            waiting: AtomicU32::new(0),
        }
    }

    /// Waits for a turn: as long as the throttle allows, and no longer than `timeout`, the time that the request has.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] if too many requests wait already or the wait was too long; [`ErrorKind::Closed`].
    /// Nothing was sent.
    ///
    /// # Cancel safety
    /// Cancel safe: the place in the queue is given up, and so is a turn that had just been given.
    // Not an `async fn`: those keep their arguments twice, and this is in the future of every statement.
    pub(crate) fn pass(
        &self,
        timeout: Duration,
    ) -> impl Future<Output = Result<Passed<'_>, Error>> + Send {
        async move {
            match self.free.try_acquire() {
                Ok(permit) => Ok(Passed { _permit: permit }),
                Err(TryAcquireError::Closed) => Err(closed()),
                // Boxed: who waits can pay for it, and who does not has the smaller future.
                Err(TryAcquireError::NoPermits) => Box::pin(self.wait(timeout)).await,
            }
        }
    }

    /// Lets nobody pass any more; who waits is told that the client was closed.
    pub(crate) fn close(&self) {
        self.free.close();
    }

    /// Requests that wait at this moment.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    async fn wait(&self, timeout: Duration) -> Result<Passed<'_>, Error> {
        let _place = Place::take(&self.waiting, self.throttle.max_queued())
            .ok_or_else(|| self.queue_is_full())?;
        let wait = self.throttle.max_wait().min(timeout);
        match tokio::time::timeout(wait, self.free.acquire()).await {
            Ok(Ok(permit)) => Ok(Passed { _permit: permit }),
            Ok(Err(_)) => Err(closed()),
            Err(_) => Err(self.waited(wait)),
        }
    }

    #[cold]
    fn queue_is_full(&self) -> Error {
        let text = format!(
            "the client is overloaded: {} requests are under way (max_concurrent) and {} wait (max_queued), the most that \
             its throttle allows; the request did not wait and was not sent",
            self.throttle.max_concurrent(),
            self.throttle.max_queued(),
        );
        Error::new(ErrorKind::Timeout, text)
    }

    #[cold]
    fn waited(&self, wait: Duration) -> Error {
        let limit = if wait < self.throttle.max_wait() {
            "the request's timeout"
        } else {
            "max_wait"
        };
        let text = format!(
            "the client is overloaded: {} requests are under way, the most that its throttle allows (max_concurrent); the \
             request waited for {} ms ({limit}) and was not sent",
            self.throttle.max_concurrent(),
            wait.as_millis(),
        );
        Error::new(ErrorKind::Timeout, text)
    }
}

/// A place in the queue, until it is dropped.
struct Place<'a>(&'a AtomicU32);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicU32, max: u32) -> Option<Self> {
        // The number alone is shared, so no ordering beyond its own is needed.
        waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                (n < max).then_some(n.saturating_add(1))
            })
            .ok()?;
        Some(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cold]
fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the client was closed")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::Instant;
    use wire_testkit::{block_on, drop_at_each_await, drop_at_each_turn};

    use super::*;
    use crate::error::Sent;

    const MINUTE: Duration = Duration::from_secs(60);

    fn gate(max_concurrent: u32, max_queued: u32) -> Arc<Gate> {
        let throttle = Throttle::new(max_concurrent).with_max_queued(max_queued);
        Arc::new(Gate::new(throttle))
    }

    #[test]
    fn so_many_pass_and_the_next_waits_for_one_to_end() {
        block_on(async {
            let gate = gate(2, 1);
            let first = gate.pass(MINUTE).await.unwrap();
            let _second = gate.pass(MINUTE).await.unwrap();
            let mut third = Box::pin(gate.pass(MINUTE));
            assert!(futures_poll(&mut third).is_none());
            assert_eq!(gate.waiting(), 1);
            drop(first);
            let _third = third.await.unwrap();
            assert_eq!(gate.waiting(), 0);
        });
    }

    /// Polls once.
    fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::Pin::new(future).poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }

    #[test]
    fn the_first_to_come_is_the_first_served() {
        block_on(async {
            let gate = gate(1, 3);
            let held = gate.pass(MINUTE).await.unwrap();
            let order = Arc::new(std::sync::Mutex::new(Vec::new()));
            let tasks: Vec<_> = (0..3)
                .map(|n| {
                    let (gate, order) = (Arc::clone(&gate), Arc::clone(&order));
                    tokio::spawn(async move {
                        let _passed = gate.pass(MINUTE).await.unwrap();
                        order.lock().unwrap().push(n);
                    })
                })
                .collect();
            while gate.waiting() < 3 {
                tokio::task::yield_now().await;
            }
            drop(held);
            for task in tasks {
                task.await.unwrap();
            }
            assert_eq!(*order.lock().unwrap(), [0, 1, 2]);
        });
    }

    #[test]
    fn a_full_queue_refuses_at_once() {
        block_on(async {
            let gate = gate(1, 0);
            let _held = gate.pass(MINUTE).await.unwrap();
            let start = Instant::now();
            let error = gate.pass(MINUTE).await.unwrap_err();
            assert_eq!(start.elapsed(), Duration::ZERO);
            assert_eq!((error.kind(), error.sent()), (ErrorKind::Timeout, Sent::No));
            assert_eq!(
                error.to_string(),
                "the client is overloaded: 1 requests are under way (max_concurrent) and 0 wait (max_queued), the most that \
                 its throttle allows; the request did not wait and was not sent"
            );
        });
    }

    #[test]
    fn a_long_wait_ends_at_the_sooner_limit() {
        block_on(async {
            let gate = gate(1, 5);
            let _held = gate.pass(MINUTE).await.unwrap();
            for (timeout, waited, limit) in [
                (MINUTE, "1000 ms (max_wait)", 1_000),
                (
                    Duration::from_millis(30),
                    "30 ms (the request's timeout)",
                    30,
                ),
                (Duration::ZERO, "0 ms (the request's timeout)", 0),
                (Duration::MAX, "1000 ms (max_wait)", 1_000),
            ] {
                let start = Instant::now();
                let error = gate.pass(timeout).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Timeout);
                assert_eq!(error.sent(), Sent::No);
                assert!(error.to_string().contains(waited), "{error}");
                // A timer of tokio is up to a millisecond late.
                assert!(
                    start.elapsed().as_millis().abs_diff(limit) <= 1,
                    "{:?}",
                    start.elapsed()
                );
                assert_eq!(gate.waiting(), 0);
            }
        });
    }

    #[test]
    fn closing_ends_every_wait() {
        block_on(async {
            let gate = gate(1, 5);
            let held = gate.pass(MINUTE).await.unwrap();
            let waiting = tokio::spawn({
                let gate = Arc::clone(&gate);
                async move { gate.pass(MINUTE).await.map(|_| ()) }
            });
            while gate.waiting() == 0 {
                tokio::task::yield_now().await;
            }
            gate.close();
            assert_eq!(
                waiting.await.unwrap().unwrap_err().kind(),
                ErrorKind::Closed
            );
            drop(held);
            assert_eq!(
                gate.pass(MINUTE).await.unwrap_err().kind(),
                ErrorKind::Closed
            );
        });
    }

    /// Nobody waits and everybody can pass, whatever was given up before.
    async fn is_at_rest(gate: &Gate) {
        assert_eq!(gate.waiting(), 0);
        let first = gate.pass(Duration::ZERO).await.expect("a free turn");
        gate.pass(Duration::ZERO).await.expect_err("only one turn");
        drop(first);
    }

    /// Another request passes for a while, and one waits for it to end.
    async fn wait_for_another(gate: Arc<Gate>) {
        let held = Arc::clone(&gate);
        let (passed, has_passed) = tokio::sync::oneshot::channel();
        let other = tokio::spawn(async move {
            let _held = held.pass(MINUTE).await.unwrap();
            passed.send(()).unwrap();
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        });
        has_passed.await.unwrap();
        gate.pass(MINUTE).await.unwrap();
        other.await.unwrap();
    }

    #[test]
    fn a_request_given_up_at_any_await_leaves_nothing() {
        let settled = |gate: &Arc<Gate>| {
            let gate = Arc::clone(gate);
            async move {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                is_at_rest(&gate).await;
            }
        };
        let (awaits, turns) = block_on(async {
            let gate = gate(1, 1);
            let make = || wait_for_another(Arc::clone(&gate));
            let (awaits, ()) = drop_at_each_await(make, |_| settled(&gate)).await;
            let (turns, ()) = drop_at_each_turn(make, |_| settled(&gate)).await;
            (awaits, turns)
        });
        assert!(awaits >= 3 && turns >= 5, "{awaits} awaits, {turns} turns");
    }

    /// A turn that was given to a request at the moment when that was dropped goes to the next one.
    #[test]
    fn a_turn_is_handed_on_by_those_who_give_up() {
        block_on(async {
            let gate = gate(1, 2);
            let held = gate.pass(MINUTE).await.unwrap();
            let mut first = Box::pin(gate.pass(MINUTE));
            let mut second = Box::pin(gate.pass(MINUTE));
            assert!(futures_poll(&mut first).is_none() && futures_poll(&mut second).is_none());
            drop(held);
            drop(first);
            let _second = second.await.unwrap();
            assert_eq!(gate.waiting(), 0);
        });
    }

    #[test]
    fn passing_is_small() {
        let gate = gate(1, 1);
        assert!(
            size_of_val(&gate.pass(MINUTE)) <= 64,
            "{}",
            size_of_val(&gate.pass(MINUTE))
        );
    }

    #[test]
    fn a_throttle_that_nothing_could_pass_is_refused() {
        assert!(Throttle::new(1).check().is_ok());
        for wrong in [0, u32::MAX] {
            let error = Throttle::new(wrong).check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains("max_concurrent"), "{error}");
        }
    }
}
