//! A connection that is replaced when it breaks.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::attempts::{Pace, Wanted};
use super::{Exchange, Handle, RequestError};
use crate::machine::{Cause, Failure, Outgoing, Ticket};

/// Opens connections for a [`Link`].
pub trait Connector: Send + Sync + 'static {
    /// The items of the protocol.
    type Item: Send + 'static;
    /// What was negotiated on a connection.
    type Info: Send + Sync + 'static;
    /// Why connecting failed.
    type Error: fmt::Display + Send;

    /// Opens a connection and does the handshake, under a deadline of its own.
    fn connect(&self) -> impl Future<Output = Result<LiveOf<Self>, Self::Error>> + Send;
}

/// The connection that a [`Connector`] opens.
pub type LiveOf<C> = Live<<C as Connector>::Item, <C as Connector>::Info>;

/// An open connection and what was negotiated on it.
#[derive(Debug)]
pub struct Live<T, I> {
    /// The connection.
    pub handle: Handle<T>,
    /// What was negotiated.
    pub info: I,
}

/// One connection at a time, opened when it is first needed and again after it broke. Callers that need it at the
/// same time wait for one attempt; a failed attempt is followed by a pause. It grows while nobody waits; while somebody
/// does, an attempt is made every half second.
///
/// [`Self::keep`] opens it before it is needed, and finds out by heartbeats when it broke.
pub struct Link<C: Connector> {
    pub(super) connector: C,
    pub(super) current: Mutex<Option<Arc<LiveOf<C>>>>,
    pub(super) pace: Pace,
    closed: AtomicBool,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum LinkError<E> {
    /// The attempt failed.
    Connect(E),
    /// The deadline passed while another attempt, or the pause after one, was under way.
    Timeout {
        /// The deadline.
        timeout: Duration,
        /// What the attempt before failed with.
        last_error: Option<String>,
    },
    /// [`Link::close`] was called.
    Closed,
}

/// Something from a connection, and the connection.
type Asked<C, T, E> = Result<(Arc<LiveOf<C>>, T), AskError<<C as Connector>::Error, E>>;

/// Why a request on a [`Link`] has no answer.
#[derive(Debug)]
pub enum AskError<C, E> {
    /// There is no connection; nothing was sent.
    Link(LinkError<C>),
    /// The request could not be made; nothing was sent.
    Request(RequestError<E>),
    /// It was made and not answered.
    Failure(Failure),
}

impl<C, E> AskError<C, E> {
    /// Whether the connection had broken before a byte of the request left.
    fn is_worth_repeating(&self) -> bool {
        let cause = match self {
            Self::Request(RequestError::Connection(cause)) => cause,
            Self::Failure(Failure {
                cause, sent: false, ..
            }) => cause,
            _ => return false,
        };
        match cause {
            Cause::PeerClosed(_)
            | Cause::Io(_)
            | Cause::Orphans(_)
            | Cause::Heartbeat(_)
            | Cause::Protocol(_)
            | Cause::Abandoned
            | Cause::RuntimeGone => true,
            Cause::Timeout(_) | Cause::Overloaded(_) | Cause::Closed => false,
        }
    }
}

async fn begin_on<T, I, C, E>(
    live: &Live<T, I>,
    began: Instant,
    timeout: Duration,
    encode: impl Fn(&I, Ticket, &mut Outgoing) -> Result<(), E>,
) -> Result<Exchange<T>, AskError<C, E>> {
    let encode_on = |ticket, out: &mut Outgoing| encode(&live.info, ticket, out);
    let request = live.handle.request_since(began, timeout, encode_on);
    request.await.map_err(AskError::Request)
}

async fn ask_on<T, I, C, E>(
    live: &Live<T, I>,
    began: Instant,
    timeout: Duration,
    encode: impl Fn(&I, Ticket, &mut Outgoing) -> Result<(), E>,
) -> Result<T, AskError<C, E>> {
    let exchange = begin_on(live, began, timeout, encode).await?;
    exchange.answer().await.map_err(AskError::Failure)
}

impl<C: Connector> fmt::Debug for Link<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("open", &self.open().is_some())
            .finish_non_exhaustive()
    }
}

impl<C: Connector> Link<C> {
    /// No connection yet; [`Self::get`] opens it.
    pub fn new(connector: C) -> Self {
        Self::paced(connector, &Pace::default())
    }

    /// One of several links to the same server: they connect one after the other, and all wait out the pause after an
    /// attempt that failed. So the server sees as few attempts as from one link.
    pub fn paced(connector: C, pace: &Pace) -> Self {
        Self {
            connector,
            current: Mutex::new(None),
            pace: pace.clone(),
            closed: AtomicBool::new(false),
        }
    }

    /// The open connection, if there is one.
    #[inline]
    pub fn open(&self) -> Option<Arc<LiveOf<C>>> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current
            .as_ref()
            .filter(|live| !live.handle.is_closed())
            .map(Arc::clone)
    }

    /// The open connection, or a new one.
    ///
    /// # Errors
    /// [`LinkError`].
    ///
    /// # Cancel safety
    /// Cancel safe: an attempt that is dropped is begun anew by the next caller.
    pub async fn get(&self, timeout: Duration) -> Result<Arc<LiveOf<C>>, LinkError<C::Error>> {
        match self.open() {
            Some(live) => Ok(live),
            // Boxed, so that the usual request stays small.
            None => Box::pin(self.reconnect(Instant::now(), timeout, Wanted::Now)).await,
        }
    }

    /// Makes a request and waits for its only answer, which comes with the connection that it came on.
    ///
    /// A connection may break between two requests without anybody noticing. So a request of which not a byte had left
    /// when its connection broke is made again, once, on a new connection. `timeout` covers all of it.
    ///
    /// # Errors
    /// [`AskError`].
    ///
    /// # Cancel safety
    /// Dropping the future gives the request up; the link stays usable.
    // Not an `async fn`: those keep their arguments twice, and this is in the future of every request.
    pub fn ask<'a, E, F>(
        &'a self,
        timeout: Duration,
        encode: F,
    ) -> impl Future<Output = Asked<C, C::Item, E>> + use<'a, C, E, F>
    where
        F: Fn(&C::Info, Ticket, &mut Outgoing) -> Result<(), E>,
    {
        async move {
            let began = Instant::now();
            let live = match self.open() {
                Some(live) => live,
                None => Box::pin(self.get_since(began, timeout)).await?,
            };
            let encode_on = |ticket, out: &mut Outgoing| encode(&live.info, ticket, out);
            let answered = match live.handle.try_request_since(began, timeout, encode_on) {
                Ok(Some(exchange)) => exchange.answer().await.map_err(AskError::Failure),
                Ok(None) => Box::pin(ask_on(&live, began, timeout, &encode)).await,
                Err(error) => Err(AskError::Request(error)),
            };
            match answered {
                Err(error) if error.is_worth_repeating() => {}
                answered => return answered.map(|item| (live, item)),
            }
            // Boxed, so that the usual request stays small.
            Box::pin(async {
                let live = self.get_since(began, timeout).await?;
                let item = ask_on(&live, began, timeout, &encode).await?;
                Ok((live, item))
            })
            .await
        }
    }

    /// Makes a request whose answer has many items; otherwise as [`Self::ask`].
    ///
    /// # Errors
    /// [`AskError`].
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it is ready, nothing is sent.
    pub async fn begin<E>(
        &self,
        timeout: Duration,
        encode: impl Fn(&C::Info, Ticket, &mut Outgoing) -> Result<(), E>,
    ) -> Asked<C, Exchange<C::Item>, E> {
        let began = Instant::now();
        let live = self.get_since(began, timeout).await?;
        match begin_on(&live, began, timeout, &encode).await {
            Err(error) if error.is_worth_repeating() => {}
            begun => return begun.map(|exchange| (live, exchange)),
        }
        Box::pin(async {
            let live = self.get_since(began, timeout).await?;
            let exchange = begin_on(&live, began, timeout, &encode).await?;
            Ok((live, exchange))
        })
        .await
    }

    /// [`Self::get`] whose `timeout` runs since `began`.
    async fn get_since<E>(
        &self,
        began: Instant,
        timeout: Duration,
    ) -> Result<Arc<LiveOf<C>>, AskError<C::Error, E>> {
        match self.open() {
            Some(live) => Ok(live),
            None => Box::pin(self.reconnect(began, timeout, Wanted::Now))
                .await
                .map_err(AskError::Link),
        }
    }

    /// Closes the connection and opens no other.
    ///
    /// # Cancel safety
    /// Cancel safe: the connection closes all the same.
    pub async fn close(&self) {
        if let Some(live) = self.stop() {
            live.handle.close().await;
        }
    }

    /// Opens no other connection, and returns the one that was open; without other owners, dropping it closes it.
    pub fn stop(&self) -> Option<Arc<LiveOf<C>>> {
        self.closed.store(true, Ordering::Release);
        self.pace.tell();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.take()
    }

    /// Whether [`Self::close`] or [`Self::stop`] was called.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// There is reason to believe that connecting would succeed now: cuts the pause after a failed attempt short,
    /// though attempts stay 500 ms apart. Does nothing while there is a connection.
    pub fn nudge(&self) {
        if self.open().is_none() {
            self.pace.hurry();
        }
    }
}
