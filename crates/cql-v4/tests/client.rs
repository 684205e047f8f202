//! The client against a server in memory, with paused time.
#![cfg(feature = "client")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cql_v4::message::Request;
use cql_v4::{Client, Config, Error, ErrorCode, ErrorKind, Sent, Statement, Version};
use support::server::{
    PIPE, Reply, assert_idle, client, config, echo, ints, refuse, run, serve, value,
};

async fn ask(client: &Client, n: i32) -> Result<i32, Error> {
    let result = client.query("SELECT ?", (n,)).await?;
    Ok(result.first::<(i32,)>()?.expect("a row").0)
}

#[test]
fn statements_are_answered() {
    run(async {
        let client = client(echo).await;
        assert_eq!(client.protocol(), Some(Version::V4));
        assert_eq!(ask(&client, 5).await.unwrap(), 5);
        let statement = client
            .prepare("SELECT v FROM ks.t WHERE k = ?")
            .await
            .unwrap();
        assert_eq!(
            (
                statement.markers().len(),
                statement.columns().unwrap().len()
            ),
            (1, 1)
        );
        for n in 0..3 {
            let result = client.execute(&statement, (n,)).await.unwrap();
            assert_eq!(result.to_vec::<(i32,)>().unwrap(), [(n,)]);
        }
        client.ping().await.unwrap();
        assert_idle(&client);
        client.close().await;
        assert!(client.is_closed());
        let error = ask(&client, 1).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, Sent::No));
    });
}

/// Pipes of one byte: every read and every write is cut at every byte.
#[test]
fn reads_and_writes_may_be_cut_at_every_byte() {
    run(async {
        let client = Client::connect_over(config(), serve(1, echo))
            .await
            .unwrap();
        let asked: Vec<_> = (0..20)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move { ask(&client, n).await.unwrap() })
            })
            .collect();
        for (n, answer) in asked.into_iter().enumerate() {
            assert_eq!(usize::try_from(answer.await.unwrap()).unwrap(), n);
        }
        assert_idle(&client);
    });
}

#[test]
fn answers_in_any_order_reach_their_callers() {
    run(async {
        let mut held: Vec<Vec<u8>> = Vec::new();
        let client = client(move |call| {
            let frame = call.frame(ints(&[value(&call.request)], None));
            held.push(frame);
            if held.len() < 10 {
                return Reply::Nothing;
            }
            Reply::Raw(held.drain(..).rev().flatten().collect())
        })
        .await;
        let asked: Vec<_> = (0..10)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move { ask(&client, n).await.unwrap() })
            })
            .collect();
        for (n, answer) in (0..).zip(asked) {
            assert_eq!(answer.await.unwrap(), n);
        }
        assert_idle(&client);
    });
}

/// Drops the future of each operation at each of its turns; a request right behind it gets its own answer, and nothing
/// stays behind.
#[test]
fn a_request_may_be_dropped_anywhere() {
    run(async {
        let client = Client::connect_over(config(), serve(3, echo))
            .await
            .unwrap();
        let statement = client
            .prepare("SELECT v FROM ks.t WHERE k = ?")
            .await
            .unwrap();
        let canary = |n: usize| {
            let client = client.clone();
            async move {
                let n = i32::try_from(n).unwrap() + 1000;
                assert_eq!(ask(&client, n).await.unwrap(), n);
                assert_idle(&client);
            }
        };
        let (turns, result) =
            wire_testkit::drop_at_each_turn(|| client.execute(&statement, (7,)), canary).await;
        assert_eq!(result.unwrap().first::<(i32,)>().unwrap(), Some((7,)));
        assert!(turns > 10, "{turns}");
        let (_, result) =
            wire_testkit::drop_at_each_turn(|| client.prepare("SELECT 1"), canary).await;
        result.unwrap();
        let (_, result) = wire_testkit::drop_at_each_turn(|| client.ping(), canary).await;
        result.unwrap();
        let (_, rows) = wire_testkit::drop_at_each_turn(
            || async {
                let mut rows = client.query_stream::<(i32,), _>("SELECT ?", (9,))?;
                let first = rows.try_next().await?;
                assert_eq!(rows.try_next().await?, None);
                Ok::<_, Error>(first)
            },
            canary,
        )
        .await;
        assert_eq!(rows.unwrap(), Some((9,)));
    });
}

#[test]
fn connecting_may_be_dropped_anywhere() {
    run(async {
        let open = Arc::new(serve(3, echo));
        let connect = || {
            let open = Arc::clone(&open);
            Client::connect_over(config(), move || open())
        };
        let (_, client) = wire_testkit::drop_at_each_turn(connect, |_| async {}).await;
        assert_eq!(ask(&client.unwrap(), 1).await.unwrap(), 1);
    });
}

#[test]
fn a_silent_server_is_given_up_at_the_deadline() {
    run(async {
        let mut first = None;
        let client = client(move |call| match &call.request {
            Request::Query(query) if &*query.text == "slow" => {
                first = Some(call.frame(ints(&[1], None)));
                Reply::Nothing
            }
            _ => {
                let mut bytes = first.take().unwrap_or_default();
                bytes.extend(call.frame(ints(&[2], None)));
                Reply::Raw(bytes)
            }
        })
        .await;
        let began = tokio::time::Instant::now();
        let slow = Statement::new("slow").with_timeout(Duration::from_millis(300));
        let error = client.query(slow, ()).await.unwrap_err();
        let took = began.elapsed();
        assert!((300..400).contains(&took.as_millis()), "{took:?}");
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        assert_eq!(
            error.to_string(),
            "query `slow`: 127.0.0.1:9042: no answer within 300 ms"
        );
        assert_eq!(client.load(), (0, 1, 0));
        // The late answer comes first, and reaches nobody.
        let result = client.query("fast", ()).await.unwrap();
        assert_eq!(result.first::<(i32,)>().unwrap(), Some((2,)));
        assert_idle(&client);
    });
}

/// The server dies after each byte of its answer; the next request opens a new connection.
#[test]
fn a_server_may_die_at_every_byte_of_an_answer() {
    run(async {
        let answer = Arc::new(AtomicUsize::new(0));
        let at = Arc::clone(&answer);
        let client = client(move |call| {
            let frame = call.frame(ints(&[1, 2, 3], None));
            match &call.request {
                Request::Query(query) if &*query.text == "die" => {
                    Reply::RawThenClose(frame[..at.load(Ordering::Relaxed)].to_vec())
                }
                _ => Reply::Raw(frame),
            }
        })
        .await;
        for n in 0..60 {
            answer.store(n, Ordering::Relaxed);
            let error = client.query("die", ()).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Io, Sent::Maybe),
                "{n}: {error}"
            );
            assert!(
                error
                    .to_string()
                    .contains("the server closed the connection"),
                "{error}"
            );
            let rows = client.query("live", ()).await.unwrap();
            assert_eq!(rows.rows().unwrap().len(), 3);
            assert_idle(&client);
        }
    });
}

#[test]
fn all_requests_of_a_dead_connection_fail_and_say_why() {
    run(async {
        let client = client(|call| match value(&call.request) {
            9 => Reply::RawThenClose(b"\x85nonsense".to_vec()),
            _ => Reply::Nothing,
        })
        .await;
        let asked: Vec<_> = (0..10)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move { ask(&client, n).await.unwrap_err() })
            })
            .collect();
        for answer in asked {
            let error = answer.await.unwrap();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Decode, Sent::Maybe),
                "{error}"
            );
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("Header.version"), "{source}");
        }
    });
}

#[test]
fn refusals_of_the_server_are_data() {
    run(async {
        let client = client(|_| {
            Reply::Send(refuse(
                ErrorCode::SYNTAX_ERROR,
                "line 1:0 no viable alternative",
            ))
        })
        .await;
        let error = client.query("SELEKT", ()).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Server, Sent::Yes));
        assert_eq!(error.server().unwrap().code, ErrorCode::SYNTAX_ERROR);
        assert_eq!(
            error.to_string(),
            "query `SELEKT`: 127.0.0.1:9042: syntax error (0x2000): line 1:0 no viable alternative"
        );
        let long = "x".repeat(500);
        let error = client.query(long, ()).await.unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
        assert_idle(&client);
    });
}

#[test]
fn a_frame_longer_than_the_limit_closes_the_connection() {
    run(async {
        let limits = {
            let mut limits = cql_v4::Limits::DEFAULT;
            limits.max_frame_bytes = 1000;
            limits
        };
        let open = serve(PIPE, |call| match value(&call.request) {
            0 => Reply::Send(ints(&[0; 200], None)),
            n => Reply::Send(ints(&[n], None)),
        });
        let client = Client::connect_over(config().with_limits(limits), open)
            .await
            .unwrap();
        let error = ask(&client, 0).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Limit, Sent::Maybe)
        );
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            source.contains("more than the limit max_frame_bytes of 1000"),
            "{source}"
        );
        assert_eq!(ask(&client, 3).await.unwrap(), 3);
    });
}

#[cfg(feature = "lz4")]
#[test]
fn a_compressed_block_that_lies_fails_its_request_alone() {
    use cql_v4::Compression;
    run(async {
        let config = config().with_compression(Compression::Lz4);
        let open = serve(PIPE, |call| {
            let numbers = vec![value(&call.request); 600];
            let mut frame = call.compressed(ints(&numbers, None), Some(Compression::Lz4));
            assert_eq!(frame[1] & 1, 1, "it is long enough to be compressed");
            if numbers[0] == 0 {
                frame[9..13].copy_from_slice(&0x0fff_ffff_u32.to_be_bytes());
            }
            Reply::Raw(frame)
        });
        let client = Client::connect_over(config, open).await.unwrap();
        let error = ask(&client, 0).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Decode, Sent::Yes),
            "{error}"
        );
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("uncompressed_length"), "{source}");
        assert_eq!(ask(&client, 3).await.unwrap(), 3);
        // Long requests are compressed as well.
        let long = format!("SELECT ? -- {}", "x".repeat(5000));
        let result = client.query(long, (4,)).await.unwrap();
        assert_eq!(result.rows().unwrap().len(), 600);
    });
}

#[test]
fn requests_wait_for_room_and_give_up_at_the_deadline() {
    run(async {
        let config = config()
            .with_max_in_flight(2)
            .with_request_timeout(Duration::from_secs(1));
        let client = Client::connect_over(config, serve(PIPE, |_| Reply::Nothing))
            .await
            .unwrap();
        let asked: Vec<_> = (0..3)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move { ask(&client, n).await.unwrap_err() })
            })
            .collect();
        let mut sent = Vec::new();
        for answer in asked {
            let error = answer.await.unwrap();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
            sent.push(error.sent());
        }
        assert_eq!(sent, [Sent::Maybe, Sent::Maybe, Sent::No]);
    });
}

#[test]
fn configurations_that_cannot_be_are_refused() {
    run(async {
        for (config, expected) in [
            (config().with_page_size(0), "page_size is 0"),
            (
                config().with_max_in_flight(40_000),
                "max_in_flight is 40000",
            ),
            (
                config().with_serial_consistency(cql_v4::Consistency::One),
                "serial_consistency is ONE",
            ),
            (Config::new(""), "should be name or name:port"),
        ] {
            let error = Client::connect(config).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(expected), "{error}");
        }
    });
}
