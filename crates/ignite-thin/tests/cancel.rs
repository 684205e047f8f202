//! What is given up leaves nothing behind: no slot, no orphan, no cursor on the server.
#![cfg(feature = "client")]

mod support;

use std::future::Future;
use std::time::Duration;

use ignite_thin::message::Op;
use ignite_thin::{Client, Error, ErrorKind, Sent, Value};
use support::server::{Node, PIPE, Reply, client, config};
use wire_testkit::{block_on, drop_at_each_turn};

/// Drops the future of each operation at each of its turns; a request right behind it gets its own answer, and nothing
/// stays behind: no slot, no orphan, no cursor on the server.
#[test]
fn a_request_may_be_dropped_anywhere() {
    async fn check<F: Future<Output: std::fmt::Debug>>(
        what: &str,
        in_flight: usize,
        operation: impl Fn(Client) -> F,
    ) {
        let node = Node::new();
        let client = node.client(config(), in_flight).await.unwrap();
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
        check("put", PIPE, |c| async move {
            c.cache("kv").put(&1, "again").await
        })
        .await;
        check("large put", 16 * 1024, |c| async move {
            c.cache("kv").put(&1, &[1_u8; 70_000]).await
        })
        .await;
        check("get", PIPE, |c| async move {
            c.cache("kv").get::<_, String>(&1).await
        })
        .await;
        check("get_all", PIPE, |c| async move {
            c.cache("kv").get_all::<i32, Value>(&[1, 2]).await
        })
        .await;
        check("put_all", PIPE, |c| async move {
            c.cache("kv").put_all([(1, "a"), (2, "b")]).await
        })
        .await;
        check("names", PIPE, |c| async move { c.cache_names().await }).await;
        check(
            "query",
            PIPE,
            |c| async move { c.query("ROWS 5", ()).await },
        )
        .await;
        check("execute", PIPE, |c| async move {
            c.execute("UPDATE 1", ()).await
        })
        .await;
        check("scan", PIPE, |c| async move {
            let mut scan = c.cache("kv").scan::<Value, Value>().await?;
            while scan.try_next().await?.is_some() {}
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
                rows.try_next().await.unwrap().unwrap();
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
