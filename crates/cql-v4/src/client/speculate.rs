//! Asking a further node when the first takes long: the first answer counts.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Sleep, sleep};

use super::attempt::{Left, is_about_connection, of_several};
use super::cluster::Cluster;
use super::exchange::Answered;
use super::plan::Plan;
use super::request::Request;
use crate::error::{Error, Sent};
use crate::observe;
use crate::policy::SpeculativePolicy;

type Execution<'a> = Pin<Box<dyn Future<Output = Result<Answered, Error>> + Send + 'a>>;

/// Error codes from here on are about the statement, so that any node would say the same (native protocol v4, §9).
const FIRST_CODE_OF_STATEMENTS: i32 = 0x2000;

impl Cluster {
    /// The policy, if there is one and the request may be carried out twice.
    pub(super) fn speculation_of<'a>(
        &'a self,
        request: &'a Request<'_>,
    ) -> Option<&'a dyn SpeculativePolicy> {
        let policy = request.options.speculation(&self.config)?;
        (request.is_idempotent() && !request.is_serial()).then_some(policy)
    }

    /// Runs the request on one node, and each time the policy's delay has passed on another as well. What has not
    /// answered when the first answer comes is given up.
    pub(super) async fn speculate(
        &self,
        plan: &Plan<'_>,
        left: &Left,
        policy: &dyn SpeculativePolicy,
    ) -> Result<Answered, Error> {
        let mut race = Race {
            running: vec![(1, Box::pin(self.course(plan, left, None)))],
            pause: None,
            is_full: false,
            started: 1,
            last: None,
            winner: 0,
        };
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(answered) = race.poll_executions(cx) {
                    if race.winner > 1 {
                        self.metrics.speculation_won();
                    }
                    return Poll::Ready(answered);
                }
                if race.pause.is_none() && !race.is_full {
                    let extra = race.started.saturating_sub(1);
                    let delay = policy.delay(extra, self.metrics.latency());
                    race.pause = delay.map(|delay| Box::pin(sleep(delay)));
                }
                match race.pause.as_mut().map(|pause| pause.as_mut().poll(cx)) {
                    Some(Poll::Ready(())) => {
                        race.pause = None;
                        race.is_full = plan.is_exhausted();
                        if race.is_full {
                            continue;
                        }
                        race.started = race.started.saturating_add(1);
                        self.metrics.speculation_started();
                        let extra = race.started.saturating_sub(1);
                        observe::speculated(&plan.request.span, extra);
                        let execution = Box::pin(self.course(plan, left, None));
                        race.running.push((race.started, execution));
                    }
                    Some(Poll::Pending) | None => return Poll::Pending,
                }
            }
        })
        .await
    }
}

struct Race<'a> {
    /// Each with its number, from 1.
    running: Vec<(u32, Execution<'a>)>,
    pause: Option<Pin<Box<Sleep>>>,
    /// Whether all nodes are asked.
    is_full: bool,
    /// Executions so far.
    started: u32,
    last: Option<Error>,
    /// The number of the execution that was answered.
    winner: u32,
}

impl Race<'_> {
    /// Ready with the first answer, or with the error that ends the race.
    fn poll_executions(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answered, Error>> {
        let mut ended = None;
        self.running.retain_mut(|(number, execution)| {
            if matches!(ended, Some(Ok(_))) {
                return true;
            }
            match execution.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(Ok(answered)) => {
                    self.winner = *number;
                    ended = Some(Ok(answered));
                    false
                }
                Poll::Ready(Err(error)) => {
                    if is_same_everywhere(&error) && ended.is_none() {
                        ended = Some(Err(error));
                    } else {
                        keep(&mut self.last, error);
                    }
                    false
                }
            }
        });
        match (ended, self.running.is_empty()) {
            (Some(Err(error)), alone) => {
                let failed = |last: &Error| last.sent() != Sent::No;
                let sent = !alone || self.last.as_ref().is_some_and(failed);
                Poll::Ready(Err(of_several(error, sent)))
            }
            (Some(outcome), _) => Poll::Ready(outcome),
            (None, true) => match self.last.take() {
                Some(error) => Poll::Ready(Err(error)),
                None => Poll::Pending,
            },
            (None, false) => Poll::Pending,
        }
    }
}

/// Of the errors of several executions, keeps the first, though rather one of a request that was sent: that says more,
/// and it must not be hidden.
fn keep(kept: &mut Option<Error>, error: Error) {
    let tells_more = |kept: &Error| kept.sent() == Sent::No && error.sent() != Sent::No;
    if kept.as_ref().is_none_or(tells_more) {
        *kept = Some(error);
    }
}

fn is_same_everywhere(error: &Error) -> bool {
    match error.server() {
        Some(refusal) => refusal.code.0 >= FIRST_CODE_OF_STATEMENTS,
        None => !is_about_connection(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// What a race comes to whose executions fail so; `None` runs on.
    fn ended(executions: [Option<(ErrorKind, Sent)>; 2]) -> (ErrorKind, Sent) {
        let execution = |failed: Option<(ErrorKind, Sent)>| -> Execution<'static> {
            match failed {
                Some((kind, sent)) => {
                    let error = Error::new(kind, "failed").with_sent(sent);
                    Box::pin(std::future::ready(Err(error)))
                }
                None => Box::pin(std::future::pending()),
            }
        };
        let mut race = Race {
            running: (1..).zip(executions.map(execution)).collect(),
            pause: None,
            is_full: false,
            started: 2,
            last: None,
            winner: 0,
        };
        let mut context = Context::from_waker(std::task::Waker::noop());
        match race.poll_executions(&mut context) {
            Poll::Ready(Err(error)) => (error.kind(), error.sent()),
            _ => panic!("it has ended"),
        }
    }

    #[test]
    fn what_one_execution_may_have_done_is_not_denied_by_another() {
        let (lost, none) = ((ErrorKind::Io, Sent::Maybe), (ErrorKind::Connect, Sent::No));
        assert_eq!(ended([Some(none), Some(lost)]), lost);
        assert_eq!(ended([Some(lost), Some(none)]), lost);
        let wrong = (ErrorKind::Type, Sent::No);
        assert_eq!(
            ended([Some(lost), Some(wrong)]),
            (ErrorKind::Type, Sent::Maybe)
        );
        assert_eq!(ended([None, Some(wrong)]), (ErrorKind::Type, Sent::Maybe));
        assert_eq!(ended([Some(none), Some(wrong)]), wrong);
    }
}
