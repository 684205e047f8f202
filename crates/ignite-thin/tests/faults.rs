//! Servers that are silent, die or break the protocol.
#![cfg(feature = "client")]

mod support;

use std::time::Duration;

use ignite_thin::message::Op;
use ignite_thin::{ErrorKind, Sent};
use support::server::{Node, PIPE, Reply, client, config};
use wire_testkit::block_on;

#[test]
fn a_silent_server_is_given_up_and_its_late_answer_thrown_away() {
    block_on(async {
        let mut held = None;
        let node = Node::with(move |node, call| match (&mut held, call.op) {
            (None, Op::CacheGet) => {
                held = Some(node.answer(call));
                Reply::Nothing
            }
            (Some(late), Op::Heartbeat) => {
                let mut bytes = std::mem::take(late);
                bytes.extend(node.answer(call));
                Reply::Raw(bytes)
            }
            _ => Reply::Proper,
        });
        let config = config().with_request_timeout(Duration::from_millis(300));
        let client = node.client(config, PIPE).await.unwrap();
        let cache = client.get_or_create_cache("kv").await.unwrap();
        cache.put(&1, "one").await.unwrap();
        let error = cache.get::<_, String>(&1).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        assert_eq!(
            error.to_string(),
            "cache kv: CacheGet: no answer within 300 ms"
        );
        assert_eq!(client.load().1, 1, "an orphan");
        client.ping().await.unwrap();
        assert_eq!(
            cache.get::<_, String>(&1).await.unwrap().as_deref(),
            Some("one")
        );
        assert_eq!((client.load(), node.connections()), ((0, 0, 0), 1));
    });
}

/// The server dies with its answer cut at each byte: an error that says so, then a new connection.
#[test]
fn a_server_that_dies_in_an_answer_is_reported_and_replaced() {
    block_on(async {
        for cut in 0..40 {
            let mut dies = true;
            let node = Node::with(move |node, call| {
                let answer = node.answer(call);
                if call.op == Op::CacheGet && std::mem::take(&mut dies) {
                    return Reply::Last(answer[..cut.min(answer.len() - 1)].to_vec());
                }
                Reply::Raw(answer)
            });
            let client = client(&node).await;
            let cache = client.get_or_create_cache("kv").await.unwrap();
            cache.put(&1, "a value of some length").await.unwrap();
            let error = cache.get::<_, String>(&1).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Io, Sent::Maybe),
                "{error}"
            );
            let value = cache.get::<_, String>(&1).await.unwrap();
            assert_eq!(value.as_deref(), Some("a value of some length"));
            assert_eq!(node.connections(), 2);
        }
    });
}

#[test]
fn a_server_that_dies_between_pages_ends_the_stream_with_one_error() {
    block_on(async {
        let node = Node::with(|node, call| match call.op {
            Op::QuerySqlFieldsPage => Reply::Last(node.answer(call)[..20].to_vec()),
            _ => Reply::Proper,
        });
        let client = client(&node).await;
        let mut rows = client.query_stream("ROWS 5", ()).await.unwrap();
        for id in 0..2 {
            assert_eq!(
                rows.try_next()
                    .await
                    .unwrap()
                    .unwrap()
                    .value::<i32>(0)
                    .unwrap(),
                id
            );
        }
        let error = rows.try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(
            error.to_string().contains("in the middle of a message"),
            "{error}"
        );
        assert!(rows.try_next().await.unwrap().is_none());
        drop(rows);
        client.ping().await.unwrap();
        let error = client.query("ROWS 5", ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
    });
}

/// Each breaks the protocol in its own way: the request fails, the connection is closed, the next request opens another.
#[test]
fn a_server_that_breaks_the_protocol_is_left() {
    let too_long = [0xff, 0xff, 0xff, 0x7f].to_vec();
    let zero = vec![0; 8];
    let unknown = [&10_i32.to_le_bytes()[..], &99_i64.to_le_bytes(), &[0, 0]].concat();
    let notification = [&10_i32.to_le_bytes()[..], &1_i64.to_le_bytes(), &[4, 0]].concat();
    let short = [&3_i32.to_le_bytes()[..], &[1, 2, 3]].concat();
    for (bytes, kind, text) in [
        (too_long, ErrorKind::Limit, "max_frame_bytes of 67108864"),
        (zero, ErrorKind::Decode, "is 0, expected at least 1"),
        (unknown, ErrorKind::Decode, "answers request 99"),
        (
            notification,
            ErrorKind::Decode,
            "a notification of resource 1",
        ),
        (short, ErrorKind::Decode, "request id: needs 8 bytes"),
        (
            b"HTTP/1.1 500 x".to_vec(),
            ErrorKind::Decode,
            "an HTTP server",
        ),
    ] {
        block_on(async move {
            let mut bytes = Some(bytes);
            let node = Node::with(move |_, call| match call.op {
                Op::Heartbeat => bytes.take().map_or(Reply::Proper, Reply::Raw),
                _ => Reply::Proper,
            });
            let client = client(&node).await;
            let error = client.ping().await.unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (kind, Sent::Maybe),
                "{error:?}"
            );
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains(text), "{cause}");
            client.ping().await.unwrap();
            assert_eq!(node.connections(), 2);
        });
    }
}

#[test]
fn an_answer_that_cannot_be_read_closes_the_connection() {
    block_on(async {
        let mut lies = true;
        let node = Node::with(move |node, call| {
            let mut answer = node.answer(call);
            if call.op == Op::CacheGetNames && std::mem::take(&mut lies) {
                // The count of names: more than the message holds.
                answer[14..18].copy_from_slice(&1_000_000_i32.to_le_bytes());
            }
            Reply::Raw(answer)
        });
        let client = client(&node).await;
        let error = client.cache_names().await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Decode, Sent::Yes));
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            cause.contains("number of caches: needs 1000000 bytes but 0 are left"),
            "{cause}"
        );
        tokio::task::yield_now().await;
        client.cache_names().await.unwrap();
        assert_eq!(node.connections(), 2);
    });
}

#[test]
fn a_connection_that_broke_while_idle_is_not_noticed() {
    block_on(async {
        let node = Node::with(|node, call| match call.op {
            Op::CacheGetNames => Reply::Last(node.answer(call)),
            _ => Reply::Proper,
        });
        let client = client(&node).await;
        for _ in 0..3 {
            // The connection ends right behind the answer.
            client.cache_names().await.unwrap();
            client.ping().await.unwrap();
        }
        assert_eq!(node.connections(), 4);
    });
}
