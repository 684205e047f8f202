//! The connections of the cluster's nodes.

use cql_v4::codec::{Dialect, Frame, FrameDecoder, SegmentDecoder, append_segments};
use cql_v4::message::{
    Extras, Message, Opcode, Request, Response, ResultMessage, Startup, Supported,
};
use cql_v4::{Compression, ErrorCode, Limits, Version};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::shards::{OfShard, options_of};
use super::{Ask, Cluster, Reply, State};
use crate::support::server::refuse;

/// A connection to a node.
pub(crate) struct Wire {
    pub(crate) node: usize,
    pub(crate) registered: bool,
    /// The shard that it belongs to, at a node that has shards.
    pub(crate) shard: Option<OfShard>,
    pub(crate) spoken: Spoken,
    /// What it is told to send; `None` breaks it.
    out: Option<mpsc::UnboundedSender<Option<Vec<u8>>>>,
}

/// How a connection writes what it says.
#[derive(Clone, Copy)]
pub(crate) struct Spoken {
    pub(crate) dialect: Dialect,
    pub(crate) compression: Option<Compression>,
    /// On protocol v5, from the answer to STARTUP on.
    in_segments: bool,
}

impl Spoken {
    fn new(version: Version) -> Self {
        Self {
            dialect: version.into(),
            compression: None,
            in_segments: false,
        }
    }

    fn encode(&self, response: &Response, stream: i16) -> Vec<u8> {
        let mut out = Vec::new();
        response
            .encode(self.dialect, self.compression, stream, &mut out)
            .unwrap();
        if !self.in_segments {
            return out;
        }
        let mut segments = Vec::new();
        append_segments(&out, self.compression, &mut segments).unwrap();
        segments
    }
}

impl Wire {
    pub(super) fn new(node: usize) -> Self {
        Self {
            node,
            registered: false,
            shard: None,
            spoken: Spoken::new(Version::V4),
            out: None,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.out.as_ref().is_some_and(|out| !out.is_closed())
    }

    pub(crate) fn cut(&self) {
        let _ = self.out.as_ref().map(|out| out.send(None));
    }

    /// Sends an event.
    pub(crate) fn tell(&self, message: &Message) {
        let bytes = self.spoken.encode(&message.clone().into(), -1);
        let _ = self.out.as_ref().map(|out| out.send(Some(bytes)));
    }
}

/// Serves a connection in a task of its own.
pub(super) fn serve(
    cluster: Cluster,
    io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    number: usize,
    state: &mut State,
) {
    let (out, commands) = mpsc::unbounded_channel();
    state.wires[number].out = Some(out.clone());
    let served = Served {
        cluster,
        number,
        node: state.wires[number].node,
        keyspace: None,
        spoken: Spoken::new(Version::V4),
        plain: FrameDecoder::new(Limits::DEFAULT),
        segments: None,
        out,
    };
    tokio::spawn(served.run(io, commands));
}

struct Served {
    cluster: Cluster,
    number: usize,
    node: usize,
    keyspace: Option<String>,
    spoken: Spoken,
    plain: FrameDecoder,
    segments: Option<SegmentDecoder>,
    out: mpsc::UnboundedSender<Option<Vec<u8>>>,
}

/// ScyllaDB's mark of conditional statements, as it offers it.
pub(crate) const LWT_MARK: &str = "LWT_OPTIMIZATION_META_BIT_MASK=2147483648";

impl Served {
    async fn run(
        mut self,
        mut io: impl AsyncRead + AsyncWrite + Unpin,
        mut commands: mpsc::UnboundedReceiver<Option<Vec<u8>>>,
    ) {
        let mut buffer = [0; 4096];
        loop {
            tokio::select! {
                command = commands.recv() => match command.flatten() {
                    Some(bytes) => {
                        let silent = self.cluster.state().nodes[self.node].silent;
                        if !silent && io.write_all(&bytes).await.is_err() {
                            return;
                        }
                    }
                    None => return,
                },
                read = io.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(n) => match &mut self.segments {
                        Some(segments) => segments.feed(&buffer[..n]),
                        None => self.plain.feed(&buffer[..n]),
                    },
                },
            }
            while let Some(frame) = self.next_frame() {
                if !self.take(&frame) {
                    return;
                }
            }
        }
    }

    fn next_frame(&mut self) -> Option<Frame> {
        match &mut self.segments {
            Some(segments) => segments.next_frame().unwrap(),
            None => self.plain.next_frame().unwrap(),
        }
    }

    /// Answers a frame; false to break the connection.
    fn take(&mut self, frame: &Frame) -> bool {
        let stream = frame.header.stream;
        let newest = self.cluster.state().nodes[self.node].newest;
        let asked = Version::from_number(frame.header.version).unwrap();
        if asked > newest {
            // In the server's own version, as servers do it.
            self.spoken = Spoken::new(newest);
            let number = asked.number();
            let text = format!("Invalid or unsupported protocol version ({number})");
            self.send(&refuse(ErrorCode::PROTOCOL_ERROR, &text).into(), stream);
            return true;
        }
        if asked != self.spoken.dialect.version() {
            self.spoken = Spoken::new(asked);
        }
        let compression = self.spoken.compression;
        let body = frame.plain_body(compression, &Limits::DEFAULT).unwrap();
        let opcode = Opcode(frame.header.opcode);
        let request = Request::decode(self.spoken.dialect, opcode, &body).unwrap();
        let response = match &request {
            Request::Options => self.supported().into(),
            Request::Startup(startup) => {
                self.start_up(&startup.clone(), stream);
                return true;
            }
            _ => match self.answer(request) {
                Reply::Send(message) => message.into(),
                Reply::WithPayload(payload, message) => {
                    let mut extras = Extras::default();
                    extras.custom_payload = payload;
                    let mut response = Response::from(message);
                    response.extras = Some(Box::new(extras));
                    response
                }
                Reply::Later(delay, message) => {
                    let bytes = self.spoken.encode(&message.into(), stream);
                    let out = self.out.clone();
                    tokio::spawn(async move {
                        sleep(delay).await;
                        let _ = out.send(Some(bytes));
                    });
                    return true;
                }
                Reply::Nothing => return true,
                Reply::Cut => return false,
            },
        };
        self.send(&response, stream);
        true
    }

    fn send(&self, response: &Response, stream: i16) {
        let bytes = self.spoken.encode(response, stream);
        let _ = self.out.send(Some(bytes));
    }

    fn supported(&self) -> Message {
        let mut state = self.cluster.state();
        state.options_asked += 1;
        let texts = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let mut options = vec![
            ("CQL_VERSION".to_owned(), texts(&["3.4.7"])),
            ("COMPRESSION".to_owned(), texts(&["snappy", "lz4"])),
        ];
        options.extend(state.options.iter().cloned());
        let shard = state.wires[self.number].shard;
        options.extend(options_of(state.nodes[self.node].sharded.as_ref(), shard));
        Message::Supported(Supported::new(options))
    }

    /// The answer to STARTUP is the last that stands outside of segments.
    fn start_up(&mut self, startup: &Startup, stream: i16) {
        let class = self.cluster.state().nodes[self.node].authenticator;
        let answer = class.map_or(Message::Ready, |class| {
            Message::Authenticate(class.to_owned())
        });
        self.spoken.compression = startup
            .value("COMPRESSION")
            .and_then(Compression::from_name);
        self.send(&answer.into(), stream);
        let version = self.spoken.dialect.version();
        if startup.value("SCYLLA_LWT_ADD_METADATA_MARK").is_some() {
            self.spoken.dialect = self.spoken.dialect.with_lwt_mark(1 << 31);
        }
        if startup.value("SCYLLA_USE_METADATA_ID").is_some() {
            self.spoken.dialect = self.spoken.dialect.with_result_metadata_ids();
        }
        if version == Version::V5 {
            let compression = self.spoken.compression;
            self.segments = Some(SegmentDecoder::new(compression, Limits::DEFAULT));
            self.spoken.in_segments = true;
        }
        self.cluster.state().wires[self.number].spoken = self.spoken;
    }

    fn answer(&mut self, request: Request) -> Reply {
        let ask = Ask {
            node: self.node,
            connection: self.number,
            keyspace: self.keyspace.clone(),
            dialect: self.spoken.dialect,
            request,
            at: Instant::now(),
        };
        let reply = self.cluster.answer(&ask);
        if matches!(ask.request, Request::Register(_)) {
            self.cluster.state().wires[self.number].registered = true;
        }
        if let Reply::Send(Message::Result(ResultMessage::SetKeyspace(keyspace)))
        | Reply::Later(_, Message::Result(ResultMessage::SetKeyspace(keyspace))) = &reply
        {
            self.keyspace = Some(keyspace.clone());
        }
        reply
    }
}
