//! Errors name the node that they are about.
#![cfg(feature = "client")]

mod support;

use cql_v4::codec::FrameDecoder;
use cql_v4::message::{Message, Opcode, Request, Response};
use cql_v4::{Client, Config, Limits, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Opens connections, and closes them at the first statement.
async fn hang_up(mut io: TcpStream) {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    let mut buffer = [0; 1024];
    loop {
        match io.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(n) => decoder.feed(&buffer[..n]),
        }
        while let Some(frame) = decoder.next_frame().unwrap() {
            let opcode = Opcode(frame.header.opcode);
            let answer = match Request::decode(Version::V4, opcode, &frame.body).unwrap() {
                Request::Options => support::server::supported(),
                Request::Startup(_) => Message::Ready,
                _ => return,
            };
            let mut out = Vec::new();
            Response::from(answer)
                .encode(Version::V4, None, frame.header.stream, &mut out)
                .unwrap();
            io.write_all(&out).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_answer_that_never_came_names_who_should_have_sent_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((io, _)) = listener.accept().await {
            tokio::spawn(hang_up(io));
        }
    });
    let config = Config::new(&address).with_discovery(false);
    let client = Client::connect(config).await.unwrap();
    let error = client
        .query("INSERT INTO t (k) VALUES (1)", ())
        .await
        .unwrap_err();
    assert_eq!(error.node(), Some(address.as_str()), "{error:?}");
    assert!(error.to_string().contains(&address), "{error}");
}
