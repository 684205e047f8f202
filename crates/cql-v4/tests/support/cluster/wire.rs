//! The connections of the cluster's nodes.

use cql_v4::codec::{Dialect, FrameDecoder};
use cql_v4::message::{Message, Opcode, Request, Response, ResultMessage, Supported};
use cql_v4::{Limits, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::{Ask, Cluster, Reply, State};

/// A connection to a node.
pub(crate) struct Wire {
    pub(crate) node: usize,
    pub(crate) registered: bool,
    /// What it is told to send; `None` breaks it.
    out: Option<mpsc::UnboundedSender<Option<Vec<u8>>>>,
}

impl Wire {
    pub(super) fn new(node: usize) -> Self {
        Self {
            node,
            registered: false,
            out: None,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.out.as_ref().is_some_and(|out| !out.is_closed())
    }

    pub(crate) fn cut(&self) {
        let _ = self.out.as_ref().map(|out| out.send(None));
    }

    pub(crate) fn send(&self, message: &Message, stream: i16, dialect: Dialect) {
        let bytes = encode(message, stream, dialect);
        let _ = self.out.as_ref().map(|out| out.send(Some(bytes)));
    }
}

fn encode(message: &Message, stream: i16, dialect: Dialect) -> Vec<u8> {
    let mut out = Vec::new();
    Response::from(message.clone())
        .encode(dialect, None, stream, &mut out)
        .unwrap();
    out
}

/// Serves a connection in a task of its own.
pub(super) fn serve(cluster: Cluster, io: DuplexStream, number: usize, state: &mut State) {
    let (out, commands) = mpsc::unbounded_channel();
    state.wires[number].out = Some(out.clone());
    let served = Served {
        cluster,
        number,
        node: state.wires[number].node,
        keyspace: None,
        marks_lwt: false,
        out,
    };
    tokio::spawn(served.run(io, commands));
}

struct Served {
    cluster: Cluster,
    number: usize,
    node: usize,
    keyspace: Option<String>,
    /// Whether the mark of conditional statements was agreed on.
    marks_lwt: bool,
    out: mpsc::UnboundedSender<Option<Vec<u8>>>,
}

/// ScyllaDB's mark of conditional statements, as it offers it.
pub(crate) const LWT_MARK: &str = "LWT_OPTIMIZATION_META_BIT_MASK=2147483648";

impl Served {
    async fn run(
        mut self,
        mut io: DuplexStream,
        mut commands: mpsc::UnboundedReceiver<Option<Vec<u8>>>,
    ) {
        let mut decoder = FrameDecoder::new(Limits::DEFAULT);
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
                    Ok(n) => decoder.feed(&buffer[..n]),
                },
            }
            while let Some(frame) = decoder.next_frame().unwrap() {
                let version = Version::from_number(frame.header.version).unwrap();
                let body = frame.plain_body(None, &Limits::DEFAULT).unwrap();
                let request = Request::decode(version, Opcode(frame.header.opcode), &body).unwrap();
                let stream = frame.header.stream;
                match self.answer(request) {
                    Reply::Send(message) => {
                        let _ = self.out.send(Some(self.encode(&message, stream)));
                    }
                    Reply::Later(delay, message) => {
                        let (out, bytes) = (self.out.clone(), self.encode(&message, stream));
                        tokio::spawn(async move {
                            sleep(delay).await;
                            let _ = out.send(Some(bytes));
                        });
                    }
                    Reply::Nothing => {}
                    Reply::Cut => return,
                }
            }
        }
    }

    fn encode(&self, message: &Message, stream: i16) -> Vec<u8> {
        let mut dialect = Dialect::from(Version::V4);
        if self.marks_lwt {
            dialect = dialect.with_lwt_mark(1 << 31);
        }
        encode(message, stream, dialect)
    }

    fn answer(&mut self, request: Request) -> Reply {
        let mut state = self.cluster.state();
        match request {
            Request::Options => {
                state.options_asked += 1;
                let mut options = vec![("CQL_VERSION".to_owned(), vec!["3.4.7".to_owned()])];
                options.extend(state.options.iter().cloned());
                return Reply::Send(Message::Supported(Supported::new(options)));
            }
            Request::Startup(startup) => {
                self.marks_lwt = startup.value("SCYLLA_LWT_ADD_METADATA_MARK").is_some();
                let class = state.nodes[self.node].authenticator;
                return Reply::Send(class.map_or(Message::Ready, |class| {
                    Message::Authenticate(class.to_owned())
                }));
            }
            _ => drop(state),
        }
        let ask = Ask {
            node: self.node,
            connection: self.number,
            keyspace: self.keyspace.clone(),
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
