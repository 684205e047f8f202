//! A server in memory, which answers each request as a test says.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cql_v4::codec::{FrameDecoder, SegmentDecoder, append_segments};
use cql_v4::message::{
    Bind, Column, Message, Opcode, PreparedMessage, Request, Response, ResultMessage, RowsMessage,
    Supported,
};
use cql_v4::types::DataType;
use cql_v4::{Client, Compression, Config, ErrorCode, Limits, ServerError, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// Bytes in flight: less than most frames, so that waiting for the other side is part of every test.
pub(crate) const PIPE: usize = 64;

/// A request, as the server sees it.
pub(crate) struct Call {
    /// How many connections there were before this one.
    pub(crate) connection: usize,
    pub(crate) version: Version,
    pub(crate) stream: i16,
    pub(crate) request: Request,
}

/// What the server does about it.
pub(crate) enum Reply {
    Send(Message),
    /// Whole frames, or what is left of them.
    Raw(Vec<u8>),
    RawThenClose(Vec<u8>),
    Nothing,
}

impl Call {
    /// The frame that answers this call.
    pub(crate) fn frame(&self, message: Message) -> Vec<u8> {
        self.compressed(message, None)
    }

    pub(crate) fn compressed(&self, message: Message, compression: Option<Compression>) -> Vec<u8> {
        let mut out = Vec::new();
        Response::from(message)
            .encode(self.version, compression, self.stream, &mut out)
            .unwrap();
        out
    }
}

/// A server whose connections hold `in_flight` bytes in each direction. OPTIONS and STARTUP are answered here, all else
/// by `handler`. The returned function opens a connection.
pub(crate) fn serve(
    in_flight: usize,
    handler: impl FnMut(Call) -> Reply + Send + 'static,
) -> impl Fn() -> DuplexStream + Send + Sync + 'static {
    let handler = Arc::new(Mutex::new(handler));
    let connections = AtomicUsize::new(0);
    move || {
        let (ours, theirs) = tokio::io::duplex(in_flight);
        let connection = connections.fetch_add(1, Ordering::Relaxed);
        let handler = Arc::clone(&handler);
        tokio::spawn(converse(theirs, connection, move |call| {
            (handler.lock().unwrap())(call)
        }));
        ours
    }
}

async fn converse(mut io: DuplexStream, connection: usize, mut handler: impl FnMut(Call) -> Reply) {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    let mut segments: Option<SegmentDecoder> = None;
    let mut compression = None;
    let mut buffer = [0; 4096];
    loop {
        loop {
            let next = match &mut segments {
                Some(segments) => segments.next_frame().unwrap(),
                None => decoder.next_frame().unwrap(),
            };
            let Some(frame) = next else { break };
            let in_segments = segments.is_some();
            let body = frame.plain_body(compression, &Limits::DEFAULT).unwrap();
            let version = Version::from_number(frame.header.version).unwrap();
            let request = Request::decode(version, Opcode(frame.header.opcode), &body).unwrap();
            let call = Call {
                connection,
                version,
                stream: frame.header.stream,
                request,
            };
            let reply = match &call.request {
                Request::Options => Reply::Raw(call.frame(supported())),
                Request::Startup(startup) => {
                    compression = startup
                        .value("COMPRESSION")
                        .and_then(Compression::from_name);
                    if version == Version::V5 {
                        segments = Some(SegmentDecoder::new(compression, Limits::DEFAULT));
                    }
                    Reply::Raw(call.frame(Message::Ready))
                }
                _ => {
                    let (version, stream) = (call.version, call.stream);
                    match handler(call) {
                        Reply::Send(message) => {
                            let mut out = Vec::new();
                            Response::from(message)
                                .encode(version, compression, stream, &mut out)
                                .unwrap();
                            Reply::Raw(out)
                        }
                        other => other,
                    }
                }
            };
            match reply {
                Reply::Raw(mut bytes) => {
                    if in_segments {
                        let mut out = Vec::new();
                        append_segments(&bytes, compression, &mut out).unwrap();
                        bytes = out;
                    }
                    if io.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Reply::RawThenClose(bytes) => {
                    let _ = io.write_all(&bytes).await;
                    return;
                }
                Reply::Send(_) | Reply::Nothing => {}
            }
        }
        match io.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(n) => match &mut segments {
                Some(segments) => segments.feed(&buffer[..n]),
                None => decoder.feed(&buffer[..n]),
            },
        }
    }
}

pub(crate) fn supported() -> Message {
    let values = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    Message::Supported(Supported::new(vec![
        ("COMPRESSION".to_owned(), values(&["snappy", "lz4"])),
        ("PROTOCOL_VERSIONS".to_owned(), values(&["3/v3", "4/v4"])),
    ]))
}

pub(crate) fn config() -> Config {
    Config::new("127.0.0.1")
}

pub(crate) fn column(name: &str, data_type: DataType) -> Column {
    Column::new("ks", "t", name, data_type)
}

/// A page of one int column.
pub(crate) fn ints(values: &[i32], paging_state: Option<&'static [u8]>) -> Message {
    let rows: Vec<_> = values
        .iter()
        .map(|v| vec![Some(Bytes::copy_from_slice(&v.to_be_bytes()))])
        .collect();
    let state = paging_state.map(Bytes::from_static);
    let page = RowsMessage::new(vec![column("v", DataType::Int)], &rows, state).unwrap();
    Message::Result(ResultMessage::Rows(page))
}

/// A statement of one int marker, with one int column if `rows`.
pub(crate) fn prepared(id: &'static [u8], rows: bool) -> Message {
    let columns = rows.then(|| vec![column("v", DataType::Int)].into());
    let message = PreparedMessage::new(id, vec![column("k", DataType::Int)], columns);
    Message::Result(ResultMessage::Prepared(Box::new(message)))
}

pub(crate) fn void() -> Message {
    Message::Result(ResultMessage::Void)
}

pub(crate) fn refuse(code: ErrorCode, text: &str) -> Message {
    Message::Error(Box::new(ServerError::new(code, text)))
}

pub(crate) async fn client(handler: impl FnMut(Call) -> Reply + Send + 'static) -> Client {
    Client::connect_over(config(), serve(PIPE, handler))
        .await
        .unwrap()
}

pub(crate) fn run<F: Future>(future: F) -> F::Output {
    wire_testkit::block_on(future)
}

/// The first bound value of a request, as an int.
pub(crate) fn value(request: &Request) -> i32 {
    let values = match request {
        Request::Query(query) => &query.values,
        Request::Execute(execute) => &execute.values,
        other => panic!("{other:?}"),
    };
    let cell = values.iter().next().unwrap().data().unwrap();
    i32::from_be_bytes(cell.try_into().unwrap())
}

/// Answers each request with the value that was bound.
pub(crate) fn echo(call: Call) -> Reply {
    match &call.request {
        Request::Prepare(_) => Reply::Send(prepared(b"id", true)),
        Request::Query(query) if query.values.count() == 0 => Reply::Send(void()),
        request => {
            let value = value(request);
            Reply::Send(ints(&[value], None))
        }
    }
}

/// Nothing is in flight, given up or queued.
pub(crate) fn assert_idle(client: &Client) {
    assert_eq!(client.load(), (0, 0, 0));
}
