//! A ClickHouse server that plays a part, over any stream: the messages of the crate in the other direction.

use ch_native::codec::{Method, Revision};
use ch_native::message::{ClientPacket, ClientPackets, Form, ServerHello, ServerPacket};
use ch_native::{Block, Limits, ServerError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The server's side of a connection.
pub(crate) struct Server<S> {
    io: S,
    packets: ClientPackets,
    pub(crate) form: Form,
    /// Most bytes in one write.
    pub(crate) chop: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Server<S> {
    /// A server of `revision` that has not read anything.
    pub(crate) fn new(io: S, revision: u64) -> Self {
        let revision = Revision::new(revision);
        Self {
            io,
            packets: ClientPackets::new(revision, Limits::default()),
            form: Form::new(revision, None),
            chop: usize::MAX,
        }
    }

    /// The next packet; `None` if the client is gone.
    pub(crate) async fn packet(&mut self) -> Option<ClientPacket> {
        loop {
            if let Some(packet) = self.packets.next_packet().expect("a correct client") {
                return Some(packet);
            }
            let mut bytes = [0; 4096];
            match self.io.read(&mut bytes).await {
                Ok(0) | Err(_) => return None,
                Ok(n) => self.packets.push(&bytes[..n]),
            }
        }
    }

    /// Sends packets; `false` if the client is gone.
    pub(crate) async fn send(&mut self, packets: &[ServerPacket]) -> bool {
        let mut bytes = Vec::new();
        for packet in packets {
            packet.encode(self.form, &mut bytes).unwrap();
        }
        self.send_bytes(&bytes).await
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) -> bool {
        for part in bytes.chunks(self.chop) {
            if self.io.write_all(part).await.is_err() {
                return false;
            }
            tokio::task::yield_now().await;
        }
        true
    }

    /// Answers as the client has asked to be answered, by what was read so far.
    pub(crate) fn adopt(&mut self) {
        self.form = self.packets.form(Method::None);
    }

    /// Answers the hello; `false` if the client is gone.
    pub(crate) async fn greet(&mut self) -> bool {
        let Some(ClientPacket::Hello(hello)) = self.packet().await else {
            return false;
        };
        assert_eq!(
            (hello.user.as_str(), hello.password.expose()),
            ("default", "")
        );
        let server = ServerHello::new("ClickHouse", (26, 9, 2), self.form.revision);
        self.form = Form::new(hello.revision, None);
        if !self.send(&[ServerPacket::Hello(server)]).await {
            return false;
        }
        self.form = Form::new(self.packets.revision(), None);
        true
    }

    /// Serves until the client is gone. What it answers is in [`Self::answer`].
    pub(crate) async fn serve(mut self) {
        if self.greet().await {
            self.serve_on().await;
        }
    }

    /// The same behind a greeting.
    pub(crate) async fn serve_on(mut self) {
        while let Some(packet) = self.packet().await {
            let goes_on = match packet {
                // A cancel of something that ended meanwhile, and the mark behind a refused query.
                ClientPacket::Addendum(_) | ClientPacket::Cancel | ClientPacket::Data { .. } => {
                    true
                }
                ClientPacket::Ping => self.send(&[ServerPacket::Pong]).await,
                ClientPacket::Query(query) => {
                    let compression = query.compressed.then_some(Method::Lz4);
                    self.form = Form::new(self.form.revision, compression);
                    self.answer(query.query.text()).await
                }
                ClientPacket::Hello(_) => panic!("a second hello"),
                other => panic!("{other:?}"),
            };
            if !goes_on {
                return;
            }
        }
    }

    /// The answers that the tests know.
    ///
    /// - `SELECT <text>`: that text, in one row.
    /// - `MANY`: blocks without end, until the client cancels.
    /// - `BAD`: an exception before anything else.
    /// - `LATE`: a block, then an exception.
    /// - `DIE`: half a block, then the end of the stream.
    /// - `INSERT …`: takes blocks of `id UInt64`, and refuses an id of 13.
    async fn answer(&mut self, text: &str) -> bool {
        if !matches!(self.packet().await, Some(ClientPacket::Data { block, .. }) if block.is_end_mark())
        {
            return false;
        }
        if let Some(token) = text.strip_prefix("SELECT ") {
            let row = texts(vec![token.to_owned()]);
            let end = ServerPacket::Data(Block::new());
            return self
                .send(&[
                    ServerPacket::Data(texts(Vec::new())),
                    row.into_data(),
                    end,
                    ServerPacket::EndOfStream,
                ])
                .await;
        }
        match text {
            "MANY" => self.many().await,
            "BAD" => self.send(&[ServerPacket::Exception(refusal())]).await,
            "LATE" => {
                let block = texts(vec!["one".to_owned()]).into_data();
                self.send(&[block, ServerPacket::Exception(refusal())])
                    .await
            }
            "DIE" => {
                let mut bytes = Vec::new();
                let block = texts(vec!["never complete".to_owned()]).into_data();
                block.encode(self.form, &mut bytes).unwrap();
                self.send_bytes(&bytes[..bytes.len() - 3]).await;
                false
            }
            _ => self.take_rows().await,
        }
    }

    async fn many(&mut self) -> bool {
        let block = texts((0..100).map(|n| n.to_string()).collect()).into_data();
        let mut bytes = Vec::new();
        block.encode(self.form, &mut bytes).unwrap();
        loop {
            if let Some(packet) = self.packets.next_packet().unwrap() {
                assert_eq!(packet, ClientPacket::Cancel);
                return self.send(&[ServerPacket::EndOfStream]).await;
            }
            let mut received = [0; 16];
            tokio::select! {
                biased;
                n = self.io.read(&mut received) => match n {
                    Ok(0) | Err(_) => return false,
                    Ok(n) => self.packets.push(&received[..n]),
                },
                // Whole blocks only: a select that drops half a write would be out of step.
                () = tokio::task::yield_now() => {
                    if !self.send_bytes(&bytes).await {
                        return false;
                    }
                }
            }
        }
    }

    async fn take_rows(&mut self) -> bool {
        let header = Block::new().with("id", Vec::<u64>::new()).unwrap();
        if !self.send(&[ServerPacket::Data(header)]).await {
            return false;
        }
        loop {
            match self.packet().await {
                Some(ClientPacket::Data { block, .. }) if block.is_end_mark() => {
                    return self.send(&[ServerPacket::EndOfStream]).await;
                }
                Some(ClientPacket::Data { block, .. }) => {
                    let ids = block.columns()[0].data().values::<u64>().unwrap();
                    if ids.contains(&13) {
                        return self.send(&[ServerPacket::Exception(refusal())]).await;
                    }
                }
                Some(ClientPacket::Cancel) => {
                    return self.send(&[ServerPacket::EndOfStream]).await;
                }
                Some(other) => panic!("{other:?} during an insert"),
                None => return false,
            }
        }
    }
}

pub(crate) trait IntoData {
    fn into_data(self) -> ServerPacket;
}

impl IntoData for Block {
    fn into_data(self) -> ServerPacket {
        ServerPacket::Data(self)
    }
}

/// A block of one String column.
pub(crate) fn texts(values: Vec<String>) -> Block {
    Block::new().with("text", values).unwrap()
}

pub(crate) fn refusal() -> ServerError {
    ServerError::new(395, "DB::Exception", "told to fail")
}
