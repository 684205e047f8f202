//! Inserts of many blocks.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout};
use wire_core::EncodeError;
use wire_core::net::{Exchange, RequestError};

use super::run::append;
use super::stream::{no_end, note, release};
use crate::column::{Block, Column};
use crate::error::{Error, ErrorKind, Sent};
use crate::message::{ClientPacket, Form, ServerPacket};
use crate::proto::Health;
use crate::row::Summary;

/// An insert under way: send blocks, then [`finish`](Self::finish).
///
/// Rows are in the table for certain only when `finish` has returned `Ok`. Dropping an insert before that closes the
/// connection; blocks that were sent may or may not stay, since the server takes each as a whole.
///
/// A server gives up when it hears nothing for its `receive_timeout`, 300 s by default.
pub struct Insert {
    exchange: Exchange<ServerPacket>,
    header: Block,
    form: Form,
    health: Arc<Health>,
    timeout: Duration,
    summary: Summary,
    rows: u64,
    finished: bool,
}

impl fmt::Debug for Insert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Insert")
            .field("columns", &self.header.columns())
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

/// How often the server is listened to while the outgoing queue is full: as often as it reports progress
/// (`interactive_delay`), so that neither side waits for the other with full buffers.
const LISTEN_EVERY: Duration = Duration::from_millis(100);

impl Insert {
    /// Waits for the columns of the insert.
    pub(super) async fn begin(
        exchange: Exchange<ServerPacket>,
        form: Form,
        health: Arc<Health>,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let mut insert = Self {
            exchange,
            header: Block::new(),
            form,
            health,
            timeout,
            summary: Summary::default(),
            rows: 0,
            finished: false,
        };
        loop {
            match insert.exchange.next().await.map_err(Error::from_failure)? {
                Some(ServerPacket::Data(block)) if !block.columns().is_empty() => {
                    insert.header = block;
                    return Ok(insert);
                }
                Some(ServerPacket::EndOfStream) => {
                    insert.finished = true;
                    let text = "the server took the statement without asking for rows: use Client::execute for it";
                    return Err(Error::new(ErrorKind::Misuse, text).with_sent(Sent::Yes));
                }
                Some(ServerPacket::Exception(exception)) => {
                    // Nothing was sent but the statement: this is as with any other.
                    insert.finished = true;
                    return Err(refused(exception));
                }
                Some(other) => note(&mut insert.summary, other),
                None => return Err(no_end()),
            }
        }
    }

    /// The columns that rows are expected in; they hold no values.
    pub fn columns(&self) -> &[Column] {
        self.header.columns()
    }

    /// Rows sent so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Sends a block. Its columns are matched with those of the insert by name and checked first; a block without rows
    /// is not sent.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if a column is missing, unknown or of another type: nothing is sent, and the insert can go
    /// on. The server's exception, as soon as it has come, or the failure of the connection: the insert is over then.
    ///
    /// # Cancel safety
    /// Cancel safe: the block is sent as a whole or not at all.
    pub async fn send(&mut self, block: Block) -> Result<(), Error> {
        let block = block.fit(&self.header)?;
        let rows = crate::codec::prim::to_u64(block.rows());
        if rows > 0 {
            let table = String::new();
            let packet = ClientPacket::Data { table, block };
            Box::pin(self.transmit(&packet)).await?;
            self.rows = self.rows.saturating_add(rows);
        }
        Ok(())
    }

    /// Ends the insert and waits until the server has confirmed it.
    ///
    /// # Errors
    /// The server's exception, or the failure of the connection: then rows may or may not have been inserted.
    ///
    /// # Cancel safety
    /// Dropping it closes the connection; rows may have been inserted.
    pub async fn finish(mut self) -> Result<Summary, Error> {
        Box::pin(async move {
            self.transmit(&ClientPacket::end_mark()).await?;
            loop {
                match self.exchange.next().await.map_err(Error::from_failure)? {
                    Some(ServerPacket::EndOfStream) => {
                        self.finished = true;
                        return Ok(std::mem::take(&mut self.summary));
                    }
                    Some(ServerPacket::Exception(exception)) => return Err(refused(exception)),
                    Some(other) => note(&mut self.summary, other),
                    None => return Err(no_end()),
                }
            }
        })
        .await
    }

    async fn transmit(&mut self, packet: &ClientPacket) -> Result<(), Error> {
        let mut message = Vec::new();
        packet.encode(self.form, &mut message)?;
        let message = Bytes::from(message);
        let began = Instant::now();
        loop {
            self.listen().await?;
            let sending = self.exchange.send(self.timeout, |out| {
                append(message.clone(), out);
                Ok::<(), EncodeError>(())
            });
            match timeout(LISTEN_EVERY, sending).await {
                Ok(Ok(true)) => return Ok(()),
                // The answer has ended: the next round hears how.
                Ok(Ok(false)) => {}
                Ok(Err(RequestError::Connection(cause))) => return Err(Error::from_cause(cause)),
                Ok(Err(RequestError::Encode(e))) => {
                    return Err(Error::encode(e, "a block cannot be written"));
                }
                Err(_) if began.elapsed() < self.timeout => {}
                Err(_) => {
                    let text = format!(
                        "the server took no more rows for {} ms",
                        self.timeout.as_millis()
                    );
                    return Err(Error::new(ErrorKind::Timeout, text).with_sent(Sent::Maybe));
                }
            }
        }
    }

    /// Takes what has arrived, without waiting. An exception ends the insert at once.
    async fn listen(&mut self) -> Result<(), Error> {
        loop {
            let next = poll_fn(|cx| {
                Poll::Ready(match self.exchange.poll_next(cx) {
                    Poll::Ready(next) => {
                        if let Ok(Some(ServerPacket::Exception(_))) = &next {
                            // Before anybody else gets the connection.
                            self.health.poison();
                            release(&mut self.exchange, cx);
                        }
                        Some(next)
                    }
                    Poll::Pending => None,
                })
            });
            match next.await {
                None => return Ok(()),
                Some(Err(failure)) => return Err(Error::from_failure(failure)),
                Some(Ok(Some(ServerPacket::Exception(exception)))) => {
                    return Err(refused(exception));
                }
                // The end came before the end mark, so not all rows can have been taken.
                Some(Ok(Some(ServerPacket::EndOfStream) | None)) => return Err(no_end()),
                Some(Ok(Some(other))) => note(&mut self.summary, other),
            }
        }
    }
}

#[cold]
fn refused(exception: crate::error::ServerError) -> Error {
    Error::server_refused("the server refused the insert", exception)
}

impl Drop for Insert {
    fn drop(&mut self) {
        if !self.finished {
            // The server may still wait for rows, or have rows of ours in its buffers.
            self.health.poison();
        }
    }
}
