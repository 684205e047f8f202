//! A CQL server that answers SELECT, written with the codec alone: threads of the standard library, no feature, no runtime.
//!
//! ```sh
//! cargo run -p cql-v4 --no-default-features --example cql_server                     # asks itself, and ends
//! cargo run -p cql-v4 --no-default-features --example cql_server -- 127.0.0.1:9042   # waits for clients
//! ```

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use bytes::Bytes;
use cql_v4::codec::{Frame, FrameDecoder};
use cql_v4::message::{
    Column, Message, Query, QueryParams, RawValues, Request, Response, ResultMessage, RowsMessage,
    Startup, Supported,
};
use cql_v4::types::DataType;
use cql_v4::{Consistency, ErrorCode, Limits, Rows, ServerError, Version};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    run(std::env::args().nth(1).as_deref())
}

pub(crate) fn run(address: Option<&str>) -> Outcome<()> {
    let listener = TcpListener::bind(address.unwrap_or("127.0.0.1:0"))?;
    let bound = listener.local_addr()?;
    println!("listening on {bound}");
    let server = thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream).unwrap_or_else(|e| eprintln!("a client: {e}")));
        }
    });
    match address {
        Some(_) => server
            .join()
            .map_err(|_| "the server's thread broke".into()),
        None => ask(bound),
    }
}

/// One connection, until the client closes it.
fn serve(mut stream: TcpStream) -> Outcome<()> {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    while let Some(frame) = next_frame(&mut stream, &mut decoder)? {
        // Drivers begin with the newest version that they know, and step down when it is refused.
        let spoken = Version::from_number(frame.header.version).filter(|v| *v <= Version::V4);
        let message = match spoken {
            Some(version) => answer(version, &frame)?,
            None => refusal(
                ErrorCode::PROTOCOL_ERROR,
                "Invalid or unsupported protocol version; 3 and 4 are spoken here",
            ),
        };
        let version = spoken.unwrap_or(Version::V4);
        let mut out = Vec::new();
        Response::from(message).encode(version, None, frame.header.stream, &mut out)?;
        stream.write_all(&out)?;
    }
    Ok(())
}

fn answer(version: Version, frame: &Frame) -> Outcome<Message> {
    let opcode = cql_v4::message::Opcode(frame.header.opcode);
    Ok(match Request::decode(version, opcode, &frame.body) {
        Ok(Request::Options) => Message::Supported(Supported::new(vec![(
            "CQL_VERSION".to_owned(),
            vec!["3.4.7".to_owned()],
        )])),
        Ok(Request::Startup(_) | Request::Register(_)) => Message::Ready,
        Ok(Request::Query(query)) if query.text.trim_start().starts_with("SELECT") => {
            let columns = vec![
                Column::new("shop", "items", "id", DataType::Int),
                Column::new("shop", "items", "name", DataType::Text),
            ];
            let cell = |bytes: &[u8]| Some(Bytes::copy_from_slice(bytes));
            let rows = [
                vec![cell(&1_i32.to_be_bytes()), cell(b"tea")],
                vec![cell(&2_i32.to_be_bytes()), None],
            ];
            Message::Result(ResultMessage::Rows(RowsMessage::new(columns, &rows, None)?))
        }
        Ok(_) => refusal(ErrorCode::INVALID, "SELECT is all that is answered here"),
        Err(error) => refusal(ErrorCode::PROTOCOL_ERROR, &error.to_string()),
    })
}

fn refusal(code: ErrorCode, text: &str) -> Message {
    Message::Error(Box::new(ServerError::new(code, text)))
}

fn next_frame(stream: &mut TcpStream, decoder: &mut FrameDecoder) -> Outcome<Option<Frame>> {
    let mut buffer = [0; 4096];
    loop {
        if let Some(frame) = decoder.next_frame()? {
            return Ok(Some(frame));
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            n => decoder.feed(&buffer[..n]),
        }
    }
}

/// A client in as many lines.
fn ask(address: SocketAddr) -> Outcome<()> {
    let mut stream = TcpStream::connect(address)?;
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    let select = Query {
        text: "SELECT id, name FROM shop.items".into(),
        values: RawValues::default(),
        params: QueryParams::new(Consistency::One),
    };
    for request in [Request::Startup(Startup::new(None)), Request::Query(select)] {
        let mut out = Vec::new();
        request.encode(Version::V4, None, 1, &mut out)?;
        stream.write_all(&out)?;
        let frame = next_frame(&mut stream, &mut decoder)?.ok_or("no answer")?;
        let response = Response::decode(&frame.header, &frame.body, Version::V4, &Limits::DEFAULT)?;
        match response.message {
            Message::Result(ResultMessage::Rows(rows)) => {
                for row in Rows::try_from(rows)?.to_vec::<(i32, Option<String>)>()? {
                    println!("{row:?}");
                }
            }
            other => println!("{other:?}"),
        }
    }
    Ok(())
}
