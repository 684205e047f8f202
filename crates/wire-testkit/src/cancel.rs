//! A future is dropped wherever it can be.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Drops of one future before it is taken for one that never ends. The longest conversations here take 5,000.
const MAX_DROPS: usize = 20_000;

/// Runs `future` on a runtime of one thread whose clock is paused, and which lets the caller's future and each task
/// take turns one by one.
///
/// # Panics
/// If the runtime cannot be made.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        // One task at most between two polls of `future`; the default of 61 would skip most states of a conversation.
        .event_interval(1)
        .build()
        .expect("a runtime can be made")
        .block_on(future)
}

/// Makes a future, polls it `n` times, drops it and calls `check(n)`, for `n` of 0, 1, 2, … until one completes within
/// its polls. Returns that `n` and its output; `check` is called after it, too.
///
/// The future is polled when it is woken, so it is dropped once at each await point that was pending. What its helpers
/// in other tasks were doing meanwhile hardly varies: that is what [`drop_at_each_turn`] is for.
///
/// # Panics
/// If the future does not complete within 20,000 polls.
///
/// # Cancel safety
/// Dropping the future drops the one under test.
pub async fn drop_at_each_await<F: Future, C: Future>(
    make: impl FnMut() -> F,
    check: impl FnMut(usize) -> C,
) -> (usize, F::Output) {
    drop_everywhere(make, check, None, MAX_DROPS).await
}

/// As [`drop_at_each_await`], but `n` counts turns of the scheduler: between two turns every other task, or on the
/// runtime of [`block_on`] one other task, runs once. So the future is dropped with its helpers in each of their states.
///
/// The runtime is never idle meanwhile, so a paused clock does not move: this is for futures that complete without
/// time passing. The future is polled only when it was woken, so a missing wake-up shows.
///
/// # Panics
/// If the future does not complete within 20,000 turns.
///
/// # Cancel safety
/// Dropping the future drops the one under test.
pub async fn drop_at_each_turn<F: Future, C: Future>(
    make: impl FnMut() -> F,
    check: impl FnMut(usize) -> C,
) -> (usize, F::Output) {
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    drop_everywhere(make, check, Some(woken), MAX_DROPS).await
}

async fn drop_everywhere<F: Future, C: Future>(
    mut make: impl FnMut() -> F,
    mut check: impl FnMut(usize) -> C,
    turns: Option<Arc<Woken>>,
    max: usize,
) -> (usize, F::Output) {
    for n in 0..max {
        if let Some(woken) = &turns {
            woken.0.store(true, Ordering::Release);
        }
        let output = Limited {
            inner: Box::pin(make()),
            left: n,
            turns: turns.clone(),
        }
        .await;
        check(n).await;
        if let Some(output) = output {
            return (n, output);
        }
    }
    panic!("the future did not complete within {max} polls");
}

/// Completes with the output of `inner`, or with `None` after `left` polls or turns.
struct Limited<F> {
    inner: Pin<Box<F>>,
    left: usize,
    /// Set when the polls are those of the scheduler's turns, and `inner` is polled only if it was woken.
    turns: Option<Arc<Woken>>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl<F: Future> Future for Limited<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(left) = self.left.checked_sub(1) else {
            return Poll::Ready(None);
        };
        self.left = left;
        let polled = match self.turns.clone() {
            None => self.inner.as_mut().poll(cx),
            Some(woken) => {
                cx.waker().wake_by_ref();
                if woken.0.swap(false, Ordering::AcqRel) {
                    let waker = Waker::from(woken);
                    self.inner.as_mut().poll(&mut Context::from_waker(&waker))
                } else {
                    Poll::Pending
                }
            }
        };
        match polled {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::time::Duration;

    use tokio::task::yield_now;

    use super::*;

    #[test]
    fn a_future_is_dropped_at_each_await() {
        let progress = RefCell::new(Vec::new());
        let steps = Cell::new(0);
        let (n, output) = block_on(drop_at_each_await(
            || async {
                steps.set(0);
                for step in 1..=3 {
                    yield_now().await;
                    steps.set(step);
                }
                "done"
            },
            |n| {
                progress.borrow_mut().push((n, steps.get()));
                async {}
            },
        ));
        assert_eq!((n, output), (4, "done"));
        assert_eq!(*progress.borrow(), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3)]);
    }

    #[test]
    fn time_passes_between_polls_of_a_sleeping_future() {
        let (n, ()) = block_on(drop_at_each_await(
            || tokio::time::sleep(Duration::from_secs(3600)),
            |_| async {},
        ));
        assert_eq!(n, 2);
    }

    /// The future itself waits once, for a helper that takes five turns: it is dropped in each of them.
    #[test]
    fn a_future_is_dropped_at_each_turn_of_its_helper() {
        let seen = Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
        let (n, ()) = block_on(async {
            let state = Arc::new(std::sync::Mutex::new(0));
            drop_at_each_turn(
                || async {
                    *state.lock().unwrap() = 0;
                    let state = Arc::clone(&state);
                    let helper = tokio::spawn(async move {
                        for i in 1..=5 {
                            *state.lock().unwrap() = i;
                            yield_now().await;
                        }
                    });
                    helper.await.unwrap();
                },
                |_| {
                    let state = *state.lock().unwrap();
                    seen.lock().unwrap().insert(state);
                    async {
                        for _ in 0..20 {
                            yield_now().await;
                        }
                    }
                },
            )
            .await
        });
        assert!(n >= 6, "{n}");
        assert_eq!(
            seen.lock().unwrap().iter().copied().collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5]
        );
    }

    /// A future that forgets to be woken is not helped by the turns.
    #[test]
    #[should_panic(expected = "did not complete within 50 polls")]
    fn a_missing_wake_up_shows() {
        let forgetful = || {
            let mut polled = false;
            std::future::poll_fn(move |_| match std::mem::replace(&mut polled, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            })
        };
        let turns = Some(Arc::new(Woken(AtomicBool::new(false))));
        block_on(drop_everywhere(forgetful, |_| async {}, turns, 50));
    }
}
