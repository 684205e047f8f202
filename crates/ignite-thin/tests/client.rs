//! The client against a node in memory, with paused time.
#![cfg(feature = "client")]

mod support;

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use ignite_thin::codec::Version;
use ignite_thin::message::Op;
use ignite_thin::{Client, Config, Error, ErrorKind, Sent, Sql, Status, Value};
use support::server::{Node, Reply};
use wire_testkit::{block_on, drop_at_each_turn};

/// Bytes in flight: less than most frames, so that waiting for the other side is part of every test.
const PIPE: usize = 64;

fn config() -> Config {
    Config::new("127.0.0.1").with_page_size(2)
}

async fn client(node: &Node) -> Client {
    node.client(config(), PIPE).await.unwrap()
}

/// Every operation once, with its right result.
async fn everything(client: &Client) {
    let cache = client.get_or_create_cache("kv").await.unwrap();
    assert_eq!(client.cache_names().await.unwrap(), ["kv"]);
    cache.put(&1, "one").await.unwrap();
    assert_eq!(
        cache.get::<_, String>(&1).await.unwrap().as_deref(),
        Some("one")
    );
    assert_eq!(cache.get::<_, String>(&2).await.unwrap(), None);
    let more: BTreeMap<i32, &str> = [(2, "two"), (3, "three"), (4, "four"), (5, "five")].into();
    cache.put_all(&more).await.unwrap();
    let found: Vec<(i32, String)> = cache.get_all(&[1, 5, 9]).await.unwrap();
    assert_eq!(found, [(1, "one".to_owned()), (5, "five".to_owned())]);
    assert!(cache.contains_key(&3).await.unwrap());
    assert!(cache.remove(&3).await.unwrap());
    assert!(!cache.remove(&3).await.unwrap());
    assert!(!cache.contains_key(&3).await.unwrap());

    let mut keys = Vec::new();
    let mut scan = cache.scan::<i32, String>().await.unwrap();
    while let Some(entry) = scan.next().await {
        keys.push(entry.unwrap().0);
    }
    keys.sort_unstable();
    assert_eq!(keys, [1, 2, 4, 5]);

    let rows = client.query("ROWS 5", (1, "x", None::<i64>)).await.unwrap();
    assert_eq!((rows.len(), rows.columns()[1].name.as_str()), (5, "NAME"));
    let all: Vec<(i32, String)> = rows.decode().unwrap();
    assert_eq!(all[4], (4, "name 4".to_owned()));
    assert_eq!(
        client
            .execute(Sql::new("UPDATE 3").with_schema("S"), ())
            .await
            .unwrap(),
        3
    );
    client.ping().await.unwrap();
    client.destroy_cache("kv").await.unwrap();
}

#[test]
fn every_operation_works_also_cut_at_every_byte() {
    block_on(async {
        let node = Node::new();
        let client = client(&node).await;
        everything(&client).await;
        let info = client.server_info().unwrap();
        assert_eq!(info.protocol, Version::LATEST);
        assert!(node.seen().contains(&Op::Heartbeat));
        assert_eq!((client.load(), node.cursors()), ((0, 0, 0), 0));

        everything(&node.client_byte_by_byte(config()).await.unwrap()).await;
        everything(&node.client(config(), 1).await.unwrap()).await;
    });
}

#[test]
fn older_servers_are_spoken_to_in_their_version() {
    block_on(async {
        for minor in 0..=7 {
            let version = Version::new(1, minor, 0);
            let node = Node::new().of_version(version);
            let client = client(&node).await;
            assert_eq!(client.server_info().unwrap().protocol, version);
            assert_eq!(node.connections(), 1, "on the same connection");
            everything(&client).await;
            let error = client.cache("nope").get::<_, i32>(&1).await.unwrap_err();
            assert_eq!(
                error.server().unwrap().status(),
                Status::CacheDoesNotExist,
                "{version}"
            );
        }
        let node = Node::new().of_version(Version::OLDEST);
        let error = node
            .client(config().with_credentials("u", "p"), PIPE)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(
            error.to_string().contains("has no authentication"),
            "{error}"
        );
    });
}

#[test]
fn users_are_let_in_or_told() {
    block_on(async {
        let node = Node::new().for_user("ignite", "s3cret");
        let with = |password: &str| config().with_credentials("ignite", password);
        node.client(with("s3cret"), PIPE)
            .await
            .unwrap()
            .ping()
            .await
            .unwrap();
        for config in [with("wrong-one"), config()] {
            let error = node.client(config, PIPE).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
            assert_eq!(error.server().unwrap().status(), Status::AuthFailed);
            assert!(
                error.to_string().contains("user name or password"),
                "{error}"
            );
            assert!(!format!("{error:?}").contains("wrong-one"));
        }
    });
}

/// Drops the future of each operation at each of its turns; a request right behind it gets its own answer, and nothing
/// stays behind: no slot, no orphan, no cursor on the server.
#[test]
fn a_request_may_be_dropped_anywhere() {
    async fn check<F: Future<Output: std::fmt::Debug>>(
        what: &str,
        operation: impl Fn(Client) -> F,
    ) {
        let node = Node::new();
        let client = client(&node).await;
        let cache = client.get_or_create_cache("kv").await.unwrap();
        for key in 0..5 {
            cache.put(&key, &format!("value {key}")).await.unwrap();
        }
        let (drops, _) = drop_at_each_turn(
            || operation(client.clone()),
            |n| {
                let (client, cache, node) = (client.clone(), cache.clone(), node.clone());
                let key = i32::try_from(n).unwrap();
                async move {
                    cache.put(&-1, &key).await.unwrap();
                    assert_eq!(cache.get::<_, i32>(&-1).await.unwrap(), Some(key), "{n}");
                    // What goes on in the background comes to its end.
                    for _ in 0..100 {
                        if client.load() == (0, 0, 0) && node.cursors() == 0 {
                            break;
                        }
                        client.ping().await.unwrap();
                    }
                    assert_eq!(
                        (client.load(), node.cursors()),
                        ((0, 0, 0), 0),
                        "dropped at {n}"
                    );
                    cache.remove(&-1).await.unwrap();
                }
            },
        )
        .await;
        assert!(drops > 3, "{what}: {drops}");
        assert_eq!(node.connections(), 1, "{what}");
    }
    block_on(async {
        check(
            "put",
            |c| async move { c.cache("kv").put(&1, "again").await },
        )
        .await;
        check("get", |c| async move {
            c.cache("kv").get::<_, String>(&1).await
        })
        .await;
        check("get_all", |c| async move {
            c.cache("kv").get_all::<i32, Value>(&[1, 2]).await
        })
        .await;
        check("put_all", |c| async move {
            c.cache("kv").put_all([(1, "a"), (2, "b")]).await
        })
        .await;
        check("names", |c| async move { c.cache_names().await }).await;
        check("query", |c| async move { c.query("ROWS 5", ()).await }).await;
        check(
            "execute",
            |c| async move { c.execute("UPDATE 1", ()).await },
        )
        .await;
        check("scan", |c| async move {
            let mut scan = c.cache("kv").scan::<Value, Value>().await?;
            while let Some(entry) = scan.next().await {
                entry?;
            }
            Ok::<_, Error>(())
        })
        .await;
    });
}

#[test]
fn a_stream_that_is_dropped_closes_its_cursor() {
    block_on(async {
        let node = Node::new();
        let client = client(&node).await;
        for taken in 0..9 {
            let mut rows = client.query_stream("ROWS 9", ()).await.unwrap();
            for _ in 0..taken {
                rows.next().await.unwrap().unwrap();
            }
            drop(rows);
            for _ in 0..20 {
                client.ping().await.unwrap();
            }
            assert_eq!(
                (node.cursors(), client.load()),
                (0, (0, 0, 0)),
                "after {taken} rows"
            );
        }
        assert!(node.seen().contains(&Op::ResourceClose));
    });
}

#[test]
fn a_query_that_is_answered_too_late_closes_its_cursor() {
    block_on(async {
        // Holds the answer to the statement back until the ping comes.
        let mut held = None;
        let node = Node::with(move |node, call| match call.op {
            Op::QuerySqlFields => {
                held = Some(node.answer(call));
                Reply::Nothing
            }
            Op::Heartbeat => {
                let mut bytes = held.take().unwrap_or_default();
                bytes.extend(node.answer(call));
                Reply::Raw(bytes)
            }
            _ => Reply::Proper,
        });
        let config = config().with_request_timeout(Duration::from_secs(1));
        let client = node.client(config, PIPE).await.unwrap();
        let error = client.query("ROWS 9", ()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        assert_eq!(
            error.to_string(),
            "QuerySqlFields: no answer within 1000 ms"
        );
        assert_eq!(node.cursors(), 1);
        for _ in 0..20 {
            client.ping().await.unwrap();
        }
        assert_eq!((node.cursors(), client.load()), (0, (0, 0, 0)));
        assert_eq!(node.connections(), 1);
    });
}

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

#[test]
fn answers_in_any_order_reach_their_callers() {
    block_on(async {
        let mut held: Vec<Vec<u8>> = Vec::new();
        let node = Node::with(move |node, call| {
            if call.op != Op::CacheGet {
                return Reply::Proper;
            }
            held.push(node.answer(call));
            if held.len() < 10 {
                return Reply::Nothing;
            }
            Reply::Raw(held.drain(..).rev().flatten().collect())
        });
        let client = client(&node).await;
        let cache = client.get_or_create_cache("kv").await.unwrap();
        cache.put_all((0..10).map(|n| (n, n * 7))).await.unwrap();
        let asked: Vec<_> = (0..10)
            .map(|n| {
                let cache = cache.clone();
                tokio::spawn(async move { cache.get::<_, i32>(&n).await.unwrap() })
            })
            .collect();
        for (n, answer) in (0..).zip(asked) {
            assert_eq!(answer.await.unwrap(), Some(n * 7));
        }
        assert_eq!(client.load(), (0, 0, 0));
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
                rows.next().await.unwrap().unwrap().value::<i32>(0).unwrap(),
                id
            );
        }
        let error = rows.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(
            error.to_string().contains("in the middle of a message"),
            "{error}"
        );
        assert!(rows.next().await.is_none());
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
fn refusals_and_wrong_types_leave_the_connection_open() {
    block_on(async {
        let node = Node::new();
        let client = client(&node).await;
        let error = client.cache("nope").put(&1, &2).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Server, Sent::Yes));
        assert_eq!(error.server().unwrap().status(), Status::CacheDoesNotExist);
        assert!(
            error
                .to_string()
                .starts_with("cache nope: the server refused CachePut: Cache does")
        );
        let error = client.query("SELEKT 1", ()).await.unwrap_err();
        assert_eq!(error.server().unwrap().sql_state(), Some("42000"));

        let cache = client.get_or_create_cache("kv").await.unwrap();
        cache.put(&1, "text").await.unwrap();
        let error = cache.get::<_, i32>(&1).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Type, Sent::Yes));
        let text = "cache kv: CacheGet: expected int (3), found String (9) at byte 0";
        assert_eq!(error.to_string(), text);

        cache.put(&2, &2).await.unwrap();
        let mut scan = cache.scan::<i32, i32>().await.unwrap();
        let error = scan.next().await.unwrap().unwrap_err();
        assert!(
            error
                .to_string()
                .contains("value: expected int (3), found String (9)"),
            "{error}"
        );
        assert_eq!(
            scan.next().await.unwrap().unwrap(),
            (2, 2),
            "the stream goes on"
        );
        assert!(scan.next().await.is_none());
        assert_eq!(node.connections(), 1);
    });
}

#[test]
fn what_cannot_be_written_is_not_sent() {
    block_on(async {
        let node = Node::new();
        let client = client(&node).await;
        let cache = client.cache("kv");
        let null: Option<i32> = None;
        let errors = [
            cache.put(&null, &1).await.unwrap_err(),
            cache.put(&1, &null).await.unwrap_err(),
            cache.get::<_, i32>(&null).await.unwrap_err(),
            cache.put_all([(Some(1), 1), (None, 2)]).await.unwrap_err(),
            cache.put(&1, &'\u{1f600}').await.unwrap_err(),
            client
                .query(Sql::new("ROWS 1").with_page_size(0), ())
                .await
                .unwrap_err(),
            client.query("ROWS 1", (1, '\u{1f600}')).await.unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(error.kind(), ErrorKind::Type | ErrorKind::Encode),
                "{error}"
            );
            assert_eq!(error.sent(), Sent::No, "{error}");
        }
        assert_eq!(node.seen(), []);
        client.ping().await.unwrap();
        assert_eq!(client.load(), (0, 0, 0));
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

#[test]
fn a_closed_client_says_so() {
    block_on(async {
        let client = client(&Node::new()).await;
        let other = client.clone();
        client.close().await;
        assert!(other.is_closed());
        let error = other.ping().await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, Sent::No));
    });
}

#[test]
fn a_runtime_that_ends_takes_nothing_with_it() {
    let node = Node::with(|_, call| match call.op {
        Op::QuerySqlFieldsPage | Op::CacheGetNames => Reply::Nothing,
        _ => Reply::Proper,
    });
    let kept = block_on(async {
        let client = client(&node).await;
        let rows = client.query_stream("ROWS 5", ()).await.unwrap();
        let asking = client.clone();
        tokio::spawn(async move { asking.cache_names().await });
        tokio::task::yield_now().await;
        (client, rows)
    });
    drop(kept);
}
