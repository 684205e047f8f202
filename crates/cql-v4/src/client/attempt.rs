//! Running a request: which node, how often, and when to give up.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument;
use wire_core::machine::Outgoing;
use wire_core::net::Exchange;

use super::cluster::{Cluster, Place};
use super::connect::Live;
use super::exchange::{Answered, is_refusal, unexpected};
use super::open::first_open;
use super::plan::{Plan, Reached};
use super::prepared::State;
use super::request::Request;
use crate::codec::Frame;
use crate::error::{Consistency, Error, ErrorKind, Sent};
use crate::observe::{self, Redacted, TARGET};
use crate::policy::{RetryDecision, RetryInfo};

/// A failed attempt, and where it was made.
pub(super) struct Failed {
    error: Error,
    at: Reached,
}

impl Failed {
    /// The error names the node, if it does not yet.
    #[cold]
    fn new(error: Error, at: Reached) -> Self {
        let error = match (error.node(), at.place.pool.node()) {
            (None, Some(node)) => error.at_node(node.into()),
            _ => error,
        };
        Self { error, at }
    }
}

impl Cluster {
    /// Sends a request to the node that fits best, and to others when that is safe and of use, until one answers or
    /// the time is up.
    // Not an `async fn`: those keep their arguments twice, and this is in the future of every statement.
    pub(super) fn run<'a>(
        &'a self,
        request: &'a Request<'a>,
    ) -> impl Future<Output = Result<Answered, Error>> + 'a {
        async move {
            if request.span.is_disabled() {
                return self.run_untraced(request).await;
            }
            let traced = self.run_untraced(request).instrument(request.span.clone());
            let answered = Box::pin(traced).await;
            if let Err(error) = &answered {
                observe::failed(&request.span, error);
            }
            answered
        }
    }

    fn run_untraced<'a>(
        &'a self,
        request: &'a Request<'a>,
    ) -> impl Future<Output = Result<Answered, Error>> + 'a {
        async move {
            let began = Instant::now();
            let answered = match self.begin(request, began) {
                Begun::Exchange(live, place, exchange) => {
                    let state = request.state();
                    match exchange.answer().await {
                        Ok(frame) if !is_refusal(&frame) => {
                            Ok(Answered::new(live, frame, self.config.limits, state))
                        }
                        Ok(frame) => Box::pin(self.go_on(request, began, live, place, frame)).await,
                        Err(failure) => {
                            let error = Error::from_failure(failure);
                            let failed = Failed::new(error, Reached { place, live });
                            Box::pin(self.retry(request, began, failed)).await
                        }
                    }
                }
                Begun::Slowly => Box::pin(self.run_slowly(request, began)).await,
            };
            if let Ok(answered) = &answered
                && answered.may_tell_tablet()
            {
                self.learn_tablet(request, answered);
            }
            self.metrics
                .finished(began.elapsed(), answered.as_ref().err());
            answered
        }
    }

    /// Sends the request at once, if nothing stands against it.
    #[inline]
    fn begin(&self, request: &Request<'_>, began: Instant) -> Begun {
        if self.gate.is_some() || self.speculation_of(request).is_some() || request.is_use() {
            return Begun::Slowly;
        }
        let policy = request.options.load_balancing(&self.config);
        let Some(place) = self.state.load().pick(policy, request) else {
            return Begun::Slowly;
        };
        let Some(live) = place.pool.open(place.shard) else {
            return Begun::Slowly;
        };
        place.pool.tell(&request.span);
        let encode =
            |ticket, out: &mut Outgoing| request.encode(&live.info, ticket, out, None, None);
        let timeout = request.timeout();
        match live.handle.try_request_since(began, timeout, encode) {
            Ok(Some(exchange)) => Begun::Exchange(live, place, exchange),
            // No room, a dead connection, or values that cannot be written: told apart where there is time for it.
            Ok(None) | Err(_) => Begun::Slowly,
        }
    }
}

/// How a request began.
enum Begun {
    Exchange(Arc<Live>, Place, Exchange<Frame>),
    /// Not yet.
    Slowly,
}

impl Cluster {
    /// The first answer was a refusal.
    async fn go_on(
        &self,
        request: &Request<'_>,
        began: Instant,
        live: Arc<Live>,
        place: Place,
        frame: Frame,
    ) -> Result<Answered, Error> {
        let left = Left::since(began, request);
        let settled = self.settle(request, &left, Arc::clone(&live), frame, None);
        match settled.await {
            Ok(answered) => Ok(answered),
            Err(error) => {
                let failed = Failed::new(error, Reached { place, live });
                self.retry(request, began, failed).await
            }
        }
    }

    async fn retry(
        &self,
        request: &Request<'_>,
        began: Instant,
        failed: Failed,
    ) -> Result<Answered, Error> {
        let plan = Plan::new(self, request, Some(failed.at.place.clone()));
        self.course(&plan, &Left::since(began, request), Some(failed))
            .await
    }

    async fn run_slowly(&self, request: &Request<'_>, began: Instant) -> Result<Answered, Error> {
        let left = Left::since(began, request);
        let _passed = match &self.gate {
            Some(gate) => Some(gate.pass(left.time()?).await?),
            None => None,
        };
        if request.is_use() {
            return self.run_apart(request, &left).await;
        }
        let plan = Plan::new(self, request, None);
        match self.speculation_of(request) {
            Some(policy) => self.speculate(&plan, &left, policy).await,
            None => self.course(&plan, &left, None).await,
        }
    }

    /// Tries one node after the other, as the retry policy says.
    pub(super) async fn course(
        &self,
        plan: &Plan<'_>,
        left: &Left,
        failed: Option<Failed>,
    ) -> Result<Answered, Error> {
        let mut sent = false;
        let outcome = self.course_from(plan, left, failed, &mut sent).await;
        outcome.map_err(|error| of_several(error, sent))
    }

    async fn course_from(
        &self,
        plan: &Plan<'_>,
        left: &Left,
        mut failed: Option<Failed>,
        sent: &mut bool,
    ) -> Result<Answered, Error> {
        let mut retries = 0_u32;
        let mut consistency = None;
        loop {
            let (next, before) = match failed.take() {
                None => (plan.next_open(), None),
                Some(Failed { error, at }) => {
                    *sent |= error.sent() != Sent::No;
                    let decision = self.decide(plan.request, left, &error, retries, consistency);
                    retries = retries.saturating_add(1);
                    match decision {
                        RetryDecision::SameNode(other) => {
                            consistency = other.or(consistency);
                            (Some(at.again()), None)
                        }
                        RetryDecision::NextNode(other) => {
                            consistency = other.or(consistency);
                            if error.sent() == Sent::No {
                                plan.again_at_last(at.place);
                            }
                            (plan.next_open(), Some(error))
                        }
                        RetryDecision::Ignore => return Ok(self.nothing(plan.request, at)),
                        _ => return Err(error),
                    }
                }
            };
            let next = match (next, before) {
                (Some(next), _) => next,
                (None, Some(error)) if error.sent() != Sent::No => return Err(error),
                (None, before) => wait_for_any(plan, left, before).await?,
            };
            match self.attempt(plan.request, left, next, consistency).await {
                Ok(answered) => return Ok(answered),
                Err(error) => failed = Some(error),
            }
        }
    }

    /// One attempt at one node.
    async fn attempt(
        &self,
        request: &Request<'_>,
        left: &Left,
        at: Reached,
        consistency: Option<Consistency>,
    ) -> Result<Answered, Failed> {
        at.place.pool.tell(&request.span);
        let asked = self.ask(request, left, Arc::clone(&at.live), consistency);
        asked.await.map_err(|error| Failed::new(error, at))
    }

    /// Sends the request on this connection, and once more after preparing what the node has forgotten.
    pub(super) async fn ask(
        &self,
        request: &Request<'_>,
        left: &Left,
        live: Arc<Live>,
        consistency: Option<Consistency>,
    ) -> Result<Answered, Error> {
        let frame = ask_once(
            request,
            left,
            &live,
            consistency,
            request.state().as_deref(),
        )
        .await?;
        if !is_refusal(&frame) {
            return Ok(Answered::new(
                live,
                frame,
                self.config.limits,
                request.state(),
            ));
        }
        self.settle(request, left, live, frame, consistency).await
    }

    /// Turns a refusal into its error, unless the node has only forgotten a statement: then that is prepared again, on
    /// this connection, and the request repeated.
    async fn settle(
        &self,
        request: &Request<'_>,
        left: &Left,
        live: Arc<Live>,
        mut frame: Frame,
        consistency: Option<Consistency>,
    ) -> Result<Answered, Error> {
        let mut state = request.state();
        // Each statement of a batch may be forgotten, one after the other, and none of them twice.
        let mut prepares_left = request.prepared_statements();
        loop {
            let answered = Answered::new(Arc::clone(&live), frame, self.config.limits, state);
            if !answered.is_refusal() {
                return Ok(answered);
            }
            let message = answered.decode(None)?.message;
            let Some(statement) = request.forgotten(&message) else {
                return Err(unexpected(message));
            };
            let Some(fewer) = prepares_left.checked_sub(1) else {
                let text = "the server forgot the statement again right after preparing it";
                return Err(super::broke_off(ErrorKind::Server, text));
            };
            prepares_left = fewer;
            let text = Redacted(statement.text());
            tracing::debug!(target: TARGET, statement = %text, "prepare again");
            let (limits, time) = (self.config.limits, left.time()?);
            let prepared = statement.prepare_on(&live, limits, time).await;
            prepared.map_err(nothing_done)?;
            state = request.state_now()?;
            frame = ask_once(request, left, &live, consistency, state.as_deref()).await?;
        }
    }

    fn decide(
        &self,
        request: &Request<'_>,
        left: &Left,
        error: &Error,
        retries: u32,
        consistency: Option<Consistency>,
    ) -> RetryDecision {
        let node_is_to_blame = is_about_connection(error) || error.kind() == ErrorKind::Server;
        if !node_is_to_blame || retries >= MAX_RETRIES {
            return RetryDecision::Stop;
        }
        let decision = request.options.retry(&self.config).decide(&RetryInfo {
            error,
            attempt: retries,
            idempotent: request.is_idempotent(),
            consistency: consistency.unwrap_or_else(|| request.consistency()),
            serial: request.is_serial(),
        });
        if matches!(
            decision,
            RetryDecision::SameNode(_) | RetryDecision::NextNode(_)
        ) {
            if left.time().is_err() {
                // Another attempt could only fail for want of time, which tells less.
                return RetryDecision::Stop;
            }
            self.metrics.retried();
        }
        decision
    }

    /// The outcome of a request whose failure is to be ignored: nothing.
    fn nothing(&self, request: &Request<'_>, at: Reached) -> Answered {
        let frame = Frame::void(at.live.info.version);
        Answered::new(at.live, frame, self.config.limits, request.state())
    }
}

/// No node has an open connection: the first to get one has the request. `before` is what the last attempt failed with.
async fn wait_for_any(
    plan: &Plan<'_>,
    left: &Left,
    before: Option<Error>,
) -> Result<Reached, Error> {
    let time = left.time()?;
    let mut places = plan.take_down();
    if places.is_empty() {
        return Err(before.unwrap_or_else(no_nodes));
    }
    let pools: Vec<_> = places.iter().map(|place| &*place.pool).collect();
    let (first, live) = first_open(&pools, time).await?;
    let place = places.swap_remove(first);
    plan.put_back(places);
    Ok(Reached { place, live })
}

/// Retries of a request that no policy gets beyond: more nodes than any table has replicas.
const MAX_RETRIES: u32 = 32;

/// The error of one of several attempts, `sent` saying whether any of the others may have been carried out.
pub(super) fn of_several(error: Error, sent: bool) -> Error {
    match error.sent() {
        Sent::No if sent => error.with_sent(Sent::Maybe),
        _ => error,
    }
}

/// Whether an error is about the connection, not about the request.
pub(super) fn is_about_connection(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Connect
            | ErrorKind::Tls
            | ErrorKind::Io
            | ErrorKind::Closed
            | ErrorKind::Timeout
            | ErrorKind::Limit
            | ErrorKind::Decode
    )
}

/// The server has said that it knows not what it was asked to do, and could not be told.
#[cold]
fn nothing_done(error: Error) -> Error {
    match error.server() {
        // A refusal is one of the statement.
        Some(_) => error,
        None => error.with_sent(Sent::No),
    }
}

async fn ask_once(
    request: &Request<'_>,
    left: &Left,
    live: &Arc<Live>,
    consistency: Option<Consistency>,
    state: Option<&State>,
) -> Result<Frame, Error> {
    let encode =
        |ticket, out: &mut Outgoing| request.encode(&live.info, ticket, out, consistency, state);
    let exchange = live.handle.request(left.time()?, encode).await;
    let exchange = exchange.map_err(Error::from_request)?;
    exchange.answer().await.map_err(Error::from_failure)
}

#[cold]
pub(super) fn no_nodes() -> Error {
    let text = "no node may be asked: the load balancing policy, or the host filter, leaves none";
    Error::new(ErrorKind::Connect, text)
}

/// The time was up before anything was sent.
#[cold]
pub(super) fn no_answer(timeout: Duration) -> Error {
    let text = format!("no answer within {} ms", timeout.as_millis());
    Error::new(ErrorKind::Timeout, text)
}

/// The time that all attempts together have.
pub(super) struct Left {
    began: Instant,
    timeout: Duration,
}

impl Left {
    fn since(began: Instant, request: &Request<'_>) -> Self {
        Self {
            began,
            timeout: request.timeout(),
        }
    }

    /// What is left of it.
    pub(super) fn time(&self) -> Result<Duration, Error> {
        let left = self.timeout.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return Err(no_answer(self.timeout));
        }
        Ok(left)
    }
}
