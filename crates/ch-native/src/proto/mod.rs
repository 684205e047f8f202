//! The connection without a socket: handshake, and packets into answers.
//!
//! How to drive it: run [`Handshake`] until it is ready; then give what arrives to [`Connection`], which says for each
//! packet whether it ends the conversation. One conversation goes on at a time, so a packet belongs to the oldest
//! request that is not answered. Whoever sends a request says so with [`Health::begin`], under the same lock as its
//! bytes are queued.

mod auth;
mod conversation;
mod handshake;
#[cfg(feature = "ssh-key-06")]
mod ssh_key;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wire_core::machine::{Inbound, Protocol, Route};
use wire_core::{DecodeError, RecvBuf};

pub use auth::SshSigner;
#[cfg(feature = "ssh-key-06")]
pub use ssh_key::{SshKey, SshSignature};

pub(crate) use auth::Credentials;
pub(crate) use conversation::Asked;
pub(crate) use handshake::{Handshake, Login, Negotiated};

use crate::message::{ServerDecoder, ServerPacket};

/// Whether a connection is in step with its server, as far as the packets so far can tell, and what was asked on it.
#[derive(Debug, Default)]
pub(crate) struct Health {
    suspect: AtomicBool,
    poisoned: AtomicBool,
    asked: Mutex<Asked>,
}

impl Health {
    /// Says what is asked next: after the last answer has ended, and before a byte of the question can leave.
    pub(crate) fn begin(&self, asked: Asked) {
        *self.asked() = asked;
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        // Nothing can panic while it is held.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a query failed before its result began. Old servers (seen with 18.16.1) then take the mark behind the
    /// query for a packet of its own, refuse it with a second exception and close; a Ping finds out.
    pub(crate) fn is_suspect(&self) -> bool {
        self.suspect.load(Ordering::Acquire)
    }

    /// A Ping was answered with Pong.
    pub(crate) fn trust(&self) {
        self.suspect.store(false, Ordering::Release);
    }

    fn suspect(&self) {
        self.suspect.store(true, Ordering::Release);
    }

    /// Whether the connection must not be used again.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    /// An insert ended before its end mark: servers differ in how they find back, so nobody relies on it.
    pub(crate) fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
    }
}

/// The receiving half of a connection whose handshake is done.
#[derive(Debug)]
pub(crate) struct Connection {
    decoder: ServerDecoder,
    health: Arc<Health>,
    /// Whether the running query has sent a block.
    has_begun: bool,
}

impl Connection {
    fn new(decoder: ServerDecoder, health: Arc<Health>) -> Self {
        Self {
            decoder,
            health,
            has_begun: false,
        }
    }
}

impl Protocol for Connection {
    type Item = ServerPacket;

    fn handle_bytes(
        &mut self,
        input: &mut RecvBuf,
    ) -> Result<Option<Inbound<ServerPacket>>, DecodeError> {
        let Some(item) = self.decoder.poll(input)? else {
            return Ok(None);
        };
        let asked = *self.health.asked();
        let last = asked.ends_with(&item)?;
        match &item {
            ServerPacket::Data(_) => self.has_begun = true,
            // The rest of what was sent may still be on its way, and be taken for something else.
            ServerPacket::Exception(_) if !self.has_begun => self.health.suspect(),
            _ => {}
        }
        if last {
            self.has_begun = false;
        }
        Ok(Some(Inbound {
            route: Route::Next,
            item,
            last,
        }))
    }

    fn direct(&mut self) -> Option<&mut [u8]> {
        self.decoder.direct()
    }

    fn direct_done(&mut self, n: usize) {
        self.decoder.direct_done(n);
    }
}
