//! The client against a node in memory, with paused time.
#![cfg(feature = "client")]

mod support;

use std::collections::BTreeMap;

use ignite_thin::codec::Version;
use ignite_thin::message::Op;
use ignite_thin::{Client, ErrorKind, Limits, Sent, Sql, Status, Value};
use support::server::{Node, PIPE, Reply, client, config};
use wire_testkit::block_on;

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
    while let Some(entry) = scan.try_next().await.unwrap() {
        keys.push(entry.0);
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
        let info = client.server().unwrap();
        assert_eq!(info.protocol, Version::LATEST);
        assert!(node.seen().contains(&Op::Heartbeat));
        assert_eq!((client.load(), node.cursors()), ((0, 0, 0), 0));

        everything(&node.client_byte_by_byte(config()).await.unwrap()).await;
        everything(&node.client(config(), 1).await.unwrap()).await;
    });
}

/// Large requests take another way out than small ones; their order and their bytes stay.
#[test]
fn large_values_go_between_small_ones() {
    block_on(async {
        let node = Node::new();
        let client = node.client(config(), 4096).await.unwrap();
        let cache = client.get_or_create_cache("kv").await.unwrap();
        let large = |seed: u8| {
            (0..100_000_u32)
                .map(|n| n.to_le_bytes()[0] ^ seed)
                .collect::<Vec<u8>>()
        };
        let puts: Vec<_> = (0..12)
            .map(|n: u8| {
                let cache = cache.clone();
                let value = if n.is_multiple_of(3) {
                    large(n)
                } else {
                    vec![n]
                };
                tokio::spawn(async move { cache.put(&i32::from(n), &value).await.unwrap() })
            })
            .collect();
        for put in puts {
            put.await.unwrap();
        }
        cache
            .put_all([("a", large(100)), ("b", vec![1])])
            .await
            .unwrap();
        cache
            .put(
                "c",
                &Value::list([Value::Bytes(large(101).into()), Value::Null]),
            )
            .await
            .unwrap();
        for n in 0..12_u8 {
            let value = cache
                .get::<_, Vec<u8>>(&i32::from(n))
                .await
                .unwrap()
                .unwrap();
            assert!(
                value
                    == if n.is_multiple_of(3) {
                        large(n)
                    } else {
                        vec![n]
                    },
                "{n}"
            );
        }
        assert!(cache.get::<_, Vec<u8>>("a").await.unwrap() == Some(large(100)));
        assert!(cache.get::<_, Value>("c").await.unwrap().is_some());
        let error = cache.put(&None::<i32>, &large(0)).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Type, Sent::No));
        assert_eq!(client.load(), (0, 0, 0));
    });
}

#[test]
fn older_servers_are_spoken_to_in_their_version() {
    block_on(async {
        for minor in 0..=7 {
            let version = Version::new(1, minor, 0);
            let node = Node::new().of_version(version);
            let client = client(&node).await;
            assert_eq!(client.server().unwrap().protocol, version);
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
        let error = scan.try_next().await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("value: expected int (3), found String (9)"),
            "{error}"
        );
        assert_eq!(
            scan.try_next().await.unwrap().unwrap(),
            (2, 2),
            "the stream goes on"
        );
        assert!(scan.try_next().await.unwrap().is_none());
        assert_eq!(node.connections(), 1);
    });
}

#[test]
fn more_rows_than_the_limit_are_for_streams() {
    block_on(async {
        let mut limits = Limits::default();
        limits.max_result_bytes = 600; // for rows of some 90 bytes
        let node = Node::new();
        let client = node
            .client(config().with_limits(limits), PIPE)
            .await
            .unwrap();
        assert_eq!(client.query("ROWS 5", ()).await.unwrap().len(), 5);
        let error = client.query("ROWS 9", ()).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Limit, Sent::Yes));
        assert!(
            error.to_string().contains("max_result_bytes of 600"),
            "{error}"
        );
        for _ in 0..20 {
            client.ping().await.unwrap();
        }
        assert_eq!((node.cursors(), client.load()), (0, (0, 0, 0)));
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
fn what_has_ended_is_counted() {
    block_on(async {
        let client = client(&Node::new()).await;
        let cache = client.get_or_create_cache("kv").await.unwrap();
        cache.put(&1, &2).await.unwrap();
        client.query("SELEKT 1", ()).await.unwrap_err();
        cache.put(&None::<i32>, &1).await.unwrap_err();
        let stats = client.clone().stats();
        assert_eq!(stats.requests, 4);
        assert_eq!(stats.latency.count(), 3, "what was not sent took no time");
        let errors: Vec<_> = stats.errors.iter().collect();
        assert_eq!(errors, [(ErrorKind::Server, 1), (ErrorKind::Type, 1)]);
        assert_eq!(
            (stats.in_flight, stats.orphans, stats.connections),
            (0, 0, 1)
        );
        client.close().await;
        assert_eq!(client.stats().connections, 0);
    });
}
