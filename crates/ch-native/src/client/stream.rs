//! Results as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use wire_core::net::Exchange;

use crate::column::{Block, Column};
use crate::error::{Error, ErrorKind, Sent};
use crate::message::ServerPacket;
use crate::row::{Rows, Summary};

/// A result, block by block.
///
/// At most two blocks wait to be taken; when they are not, the connection stops reading and the server stops sending.
/// Dropping the stream before its end cancels the query; the connection is used again as soon as the server has
/// stopped, and closed if that takes more than 5 seconds.
pub struct RowStream {
    exchange: Exchange<ServerPacket>,
    header: Block,
    /// A block that came where only a header was expected.
    first: Option<Block>,
    summary: Summary,
    ended: bool,
}

impl fmt::Debug for RowStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream")
            .field("columns", &self.header.columns())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl RowStream {
    /// Waits for the header, or for the end of a statement that has no result.
    pub(super) async fn begin(exchange: Exchange<ServerPacket>) -> Result<Self, Error> {
        let mut stream = Self {
            exchange,
            header: Block::new(),
            first: None,
            summary: Summary::default(),
            ended: false,
        };
        poll_fn(|cx| stream.poll_header(cx)).await?;
        Ok(stream)
    }

    /// The columns of the result; they hold no values. None if the statement has no result.
    pub fn columns(&self) -> &[Column] {
        self.header.columns()
    }

    /// What the server has told so far besides the rows; complete when the stream has ended.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The next block, which has at least one row; `None` at the end.
    ///
    /// # Errors
    /// The server's exception, or the failure of the connection; the stream has ended then.
    ///
    /// # Cancel safety
    /// Cancel safe: no block is lost.
    pub async fn next_block(&mut self) -> Result<Option<Block>, Error> {
        poll_fn(|cx| self.poll_block(cx)).await
    }

    pub(super) fn into_rows(self, blocks: Vec<Block>) -> Rows {
        Rows {
            header: self.header,
            blocks,
            summary: self.summary,
        }
    }

    fn poll_header(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while let Some(block) = ready!(self.poll_packet(cx))? {
            if block.columns().is_empty() {
                continue;
            }
            if block.rows() > 0 {
                // No server does so, but rows must not be lost.
                self.first = Some(block.clone());
            }
            self.header = block.without_rows();
            break;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_block(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Block>, Error>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Ok(Some(first)));
        }
        loop {
            match ready!(self.poll_packet(cx))? {
                // Blocks without rows say nothing: not even that this is the end.
                Some(block) if block.rows() == 0 => {}
                other => return Poll::Ready(Ok(other)),
            }
        }
    }

    /// The next Data packet; takes note of everything else.
    fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Block>, Error>> {
        loop {
            if self.ended {
                return Poll::Ready(Ok(None));
            }
            let packet = match ready!(self.exchange.poll_next(cx)) {
                Ok(packet) => packet,
                Err(failure) => {
                    self.ended = true;
                    return Poll::Ready(Err(Error::from_failure(failure)));
                }
            };
            match packet {
                Some(ServerPacket::Data(block)) => return Poll::Ready(Ok(Some(block))),
                Some(ServerPacket::EndOfStream) => {
                    self.ended = true;
                    release(&mut self.exchange, cx);
                }
                Some(ServerPacket::Exception(exception)) => {
                    self.ended = true;
                    release(&mut self.exchange, cx);
                    let what = "the server refused the statement";
                    return Poll::Ready(Err(Error::server_refused(what, exception)));
                }
                Some(other) => note(&mut self.summary, other),
                None => {
                    self.ended = true;
                    return Poll::Ready(Err(no_end()));
                }
            }
        }
    }
}

/// Gives the connection free for the next request, once the last packet was taken: not only when the caller drops what
/// he holds.
pub(super) fn release(exchange: &mut Exchange<ServerPacket>, cx: &mut Context<'_>) {
    let end = exchange.poll_next(cx);
    debug_assert!(end.is_ready(), "the packet was the last");
}

/// Keeps what a packet tells besides rows.
pub(super) fn note(summary: &mut Summary, packet: ServerPacket) {
    match packet {
        ServerPacket::Progress(progress) => summary.progress.add(&progress),
        ServerPacket::ProfileInfo(profile) => summary.profile = Some(profile),
        ServerPacket::Totals(block) => summary.totals = Some(block),
        ServerPacket::Extremes(block) => summary.extremes = Some(block),
        ServerPacket::TimezoneUpdate(timezone) => summary.timezone = Some(timezone),
        _ => {}
    }
}

/// The conversation ended without EndOfStream or Exception: with a packet that answers something else.
#[cold]
pub(super) fn no_end() -> Error {
    let text = "the server ended the answer without saying whether it is complete";
    Error::new(ErrorKind::Decode, text).with_sent(Sent::Maybe)
}

impl Stream for RowStream {
    type Item = Result<Block, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_block(cx).map(Result::transpose)
    }
}
