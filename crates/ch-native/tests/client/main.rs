//! The client against a server that plays a part: what it sends and returns, what it does when it is dropped, cut off,
//! refused or left alone.
#![cfg(feature = "client")]

mod long_columns;
#[path = "../support/mod.rs"]
mod support;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ch_native::codec::Revision;
use ch_native::message::{ClientPacket, ServerPacket};
use ch_native::{Block, Client, Compression, Config, Error, ErrorKind, Sent};
use support::{Server, refusal, texts};
use tokio::io::DuplexStream;
use wire_testkit::{ChoppedIo, Chops, block_on, drop_at_each_turn};

fn config() -> Config {
    Config::new("unused")
        .with_connect_timeout(Duration::from_secs(5))
        .with_request_timeout(Duration::from_secs(10))
}

/// A client whose connections all lead to servers of [`Server::serve`]; counts them.
async fn served(config: Config, revision: u64) -> (Client, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let open = move || {
        count.fetch_add(1, Ordering::SeqCst);
        let (ours, theirs) = tokio::io::duplex(256);
        tokio::spawn(Server::new(theirs, revision).serve());
        ours
    };
    (
        Client::connect_over(config, open).await.unwrap(),
        connections,
    )
}

/// A client with one connection, whose server does what `script` says.
async fn scripted<F: Future<Output = ()> + Send + 'static>(
    config: Config,
    script: impl FnOnce(Server<DuplexStream>) -> F,
) -> (Client, tokio::task::JoinHandle<()>) {
    let (ours, theirs) = tokio::io::duplex(4096);
    let task = tokio::spawn(script(Server::new(theirs, Revision::MAX.number())));
    let ours = std::sync::Mutex::new(Some(ours));
    let open = move || {
        // There is one connection only: all others are closed.
        let io = ours.lock().unwrap().take();
        io.unwrap_or_else(|| tokio::io::duplex(1).0)
    };
    (Client::connect_over(config, open).await.unwrap(), task)
}

async fn ask(client: &Client, token: &str) -> Result<String, Error> {
    let rows = client.query(format!("SELECT {token}")).await?;
    let mut typed = rows.typed::<(String,)>()?;
    let (text,) = typed.next().expect("one row")?;
    Ok(text)
}

async fn canary(client: &Client, n: usize) {
    let token = format!("canary {n}");
    assert_eq!(ask(client, &token).await.unwrap(), token);
}

#[test]
fn every_revision_and_compression_is_spoken() {
    block_on(async {
        for revision in [
            54_058, 54_412, 54_429, 54_453, 54_458, 54_470, 54_481, 54_491, 54_492, 60_000,
        ] {
            for compression in [Compression::Off, Compression::Lz4, Compression::Zstd] {
                let (client, _) = served(config().with_compression(compression), revision).await;
                assert_eq!(client.revision(), revision.min(Revision::MAX.number()));
                canary(&client, 1).await;
                let block = Block::new().with("id", (20..1000_u64).collect()).unwrap();
                client.insert("INSERT INTO t VALUES", block).await.unwrap();
                client.ping().await.unwrap();
            }
        }
    });
}

/// 10,000 different places to be dropped at would be too many with every byte alone; pieces of 7 bytes vary enough.
#[test]
fn a_query_dropped_anywhere_harms_nobody() {
    for query in ["SELECT victim", "LATE", "MANY"] {
        block_on(async {
            let (client, connections) = served(config(), Revision::MAX.number()).await;
            let (n, _) = drop_at_each_turn(
                || async {
                    match client.query_stream(query).await {
                        Ok(mut stream) => drop(stream.next_block().await),
                        Err(e) => assert_eq!(e.kind(), ErrorKind::Server),
                    }
                },
                |n| canary(&client, n),
            )
            .await;
            assert!(n > 3, "{query}: {n}");
            assert_eq!(
                connections.load(Ordering::SeqCst),
                1,
                "{query}: it was kept"
            );
        });
    }
}

#[test]
fn an_insert_dropped_anywhere_harms_nobody() {
    block_on(async {
        let (client, _) = served(config(), Revision::MAX.number()).await;
        let block = || Block::new().with("id", (100..400_u64).collect()).unwrap();
        let (n, result) = drop_at_each_turn(
            || client.insert("INSERT INTO t VALUES", block()),
            |n| canary(&client, n),
        )
        .await;
        result.unwrap();
        assert!(n > 10, "{n}");
    });
}

#[test]
fn a_ping_dropped_anywhere_harms_nobody() {
    block_on(async {
        let (client, connections) = served(config(), Revision::MAX.number()).await;
        let (_, result) = drop_at_each_turn(|| client.ping(), |n| canary(&client, n)).await;
        result.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn reads_and_writes_cut_anywhere_change_nothing() {
    for size in [1, 2, 3, 7, 64] {
        block_on(async {
            let open = move || {
                let (ours, theirs) = tokio::io::duplex(4096);
                tokio::spawn(Server::new(theirs, Revision::MAX.number()).serve());
                let chops = || Chops::every(size).pending();
                ChoppedIo::new(ours, chops(), chops())
            };
            let client = Client::connect_over(config().with_compression(Compression::Lz4), open)
                .await
                .unwrap();
            canary(&client, size).await;
            let block = Block::new()
                .with("id", (0..1000_u64).map(|n| n + 20).collect())
                .unwrap();
            client.insert("INSERT INTO t VALUES", block).await.unwrap();
            assert_eq!(
                client.query("LATE").await.unwrap_err().kind(),
                ErrorKind::Server
            );
            canary(&client, size).await;
        });
    }
}

#[test]
fn a_refused_statement_leaves_the_connection_usable() {
    block_on(async {
        let (client, connections) = served(config(), Revision::MAX.number()).await;
        for query in ["BAD", "LATE"] {
            let error = client.query(query).await.unwrap_err();
            assert_eq!((error.kind(), error.sent()), (ErrorKind::Server, Sent::Yes));
            assert_eq!(error.server(), Some(&refusal()));
            canary(&client, 0).await;
        }
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    });
}

/// Old servers take the mark behind a refused query for a packet of its own: a second exception, then the end.
#[test]
fn a_connection_out_of_step_after_a_refusal_is_replaced_before_it_is_used() {
    block_on(async {
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let open = move || {
            let first = count.fetch_add(1, Ordering::SeqCst) == 0;
            let (ours, theirs) = tokio::io::duplex(4096);
            let mut server = Server::new(theirs, 54_412);
            tokio::spawn(async move {
                if !first {
                    return server.serve().await;
                }
                server.greet().await;
                server.packet().await.unwrap();
                server.send(&[ServerPacket::Exception(refusal())]).await;
                // Later, as an answer to whatever comes next.
                server.packet().await.unwrap();
                server.packet().await.unwrap();
                server.send(&[ServerPacket::Exception(refusal())]).await;
            });
            ours
        };
        let client = Client::connect_over(config(), open).await.unwrap();
        assert_eq!(
            client.query("BAD").await.unwrap_err().kind(),
            ErrorKind::Server
        );
        canary(&client, 7).await;
        assert_eq!(connections.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn a_refused_insert_says_so_and_the_next_query_has_a_new_connection() {
    block_on(async {
        let (client, connections) = served(config(), Revision::MAX.number()).await;
        let mut insert = client.inserter("INSERT INTO t VALUES").await.unwrap();
        assert_eq!(insert.columns()[0].name(), "id");
        insert
            .send(Block::new().with("id", vec![13_u64]).unwrap())
            .await
            .unwrap();
        // The exception comes while the client goes on sending: promptly, and never a success.
        let mut failed = None;
        for _ in 0..100 {
            let block = Block::new().with("id", vec![1_u64]).unwrap();
            if let Err(error) = insert.send(block).await {
                failed = Some(error);
                break;
            }
            tokio::task::yield_now().await;
        }
        let error = failed.expect("the refusal is heard of while sending");
        assert_eq!(error.server(), Some(&refusal()));
        drop(insert);
        canary(&client, 1).await;
        assert_eq!(connections.load(Ordering::SeqCst), 2);

        let error = client
            .insert(
                "INSERT INTO t VALUES",
                Block::new().with("id", vec![13_u64]).unwrap(),
            )
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Server, Sent::Yes));
        canary(&client, 2).await;
    });
}

#[test]
fn values_of_the_wrong_type_are_refused_before_they_are_sent() {
    block_on(async {
        let (client, connections) = served(config(), Revision::MAX.number()).await;
        let mut insert = client.inserter("INSERT INTO t VALUES").await.unwrap();
        for (block, text) in [
            (
                Block::new().with("id", vec!["text"]),
                "column id: values of shape String cannot be written as UInt64",
            ),
            (Block::new().with("id", vec![1_u32]), "shape UInt32"),
            (
                Block::new().with("id", vec![Some(1_u64)]),
                "shape Nullable(UInt64)",
            ),
            (
                Block::new().with("no", vec![1_u64]),
                "column no is not one of the insert's columns: id",
            ),
            (Ok(Block::new()), "column id of the insert is missing"),
        ] {
            let error = insert.send(block.unwrap()).await.unwrap_err();
            assert_eq!((error.kind(), error.sent()), (ErrorKind::Type, Sent::No));
            assert!(error.to_string().contains(text), "{error}");
        }
        insert
            .send(Block::new().with("id", vec![5_u64]).unwrap())
            .await
            .unwrap();
        insert.finish().await.unwrap();
        canary(&client, 0).await;
        assert_eq!(connections.load(Ordering::SeqCst), 1, "the insert went on");
    });
}

#[test]
fn statements_in_the_wrong_place_are_refused() {
    block_on(async {
        let (client, _) = served(config(), Revision::MAX.number()).await;
        let error = client
            .execute("INSERT INTO t VALUES (1)")
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Misuse, Sent::No));
        assert!(error.to_string().contains("Client::insert"), "{error}");
        for text in ["SELECT 1", "INSERT INTO t VALUES (1)"] {
            let error = client.insert(text, Block::new()).await.unwrap_err();
            assert_eq!((error.kind(), error.sent()), (ErrorKind::Misuse, Sent::No));
        }
        canary(&client, 0).await;
    });
}

#[test]
fn a_server_that_dies_in_the_middle_is_an_error_and_the_next_query_works() {
    block_on(async {
        let (client, connections) = served(config(), Revision::MAX.number()).await;
        let error = client.query("DIE").await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Io, Sent::Maybe));
        canary(&client, 0).await;
        assert_eq!(connections.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn silence_ends_with_the_timeout_and_what_was_asked_is_cancelled() {
    block_on(async {
        let (client, server) = scripted(config(), |mut server| async move {
            server.greet().await;
            server.packet().await; // addendum
            server.packet().await; // query
            server.packet().await; // mark
            // Silence, until the client gives up.
            assert_eq!(server.packet().await, Some(ClientPacket::Cancel));
            server.send(&[ServerPacket::EndOfStream]).await;
            server.serve_on().await;
        })
        .await;
        let began = tokio::time::Instant::now();
        let error = client.query("SELECT nothing").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        let took = began.elapsed();
        assert!(
            (Duration::from_secs(10)..Duration::from_millis(10_100)).contains(&took),
            "{took:?}"
        );
        canary(&client, 3).await;
        client.close().await;
        server.await.unwrap();
    });
}

#[test]
fn a_result_that_nobody_takes_makes_the_server_wait() {
    block_on(async {
        let (client, _) = served(config(), Revision::MAX.number()).await;
        let mut stream = client.query_stream("MANY").await.unwrap();
        for _ in 0..5 {
            assert_eq!(stream.next_block().await.unwrap().unwrap().rows(), 100);
        }
        // A second query has to wait until the stream is gone.
        let other = client.clone();
        let waiting = tokio::spawn(async move { ask(&other, "later").await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!waiting.is_finished());
        drop(stream);
        assert_eq!(waiting.await.unwrap().unwrap(), "later");
    });
}

#[test]
fn what_has_ended_is_in_nobodys_way() {
    block_on(async {
        let (client, _) = served(config(), Revision::MAX.number()).await;
        let mut complete = client.query_stream("SELECT a").await.unwrap();
        while complete.next_block().await.unwrap().is_some() {}
        let mut failed = client.query_stream("LATE").await.unwrap();
        while let Ok(Some(_)) = failed.next_block().await {}
        assert!(
            failed.next_block().await.unwrap().is_none(),
            "the error comes once"
        );
        let mut insert = client.inserter("INSERT INTO t VALUES").await.unwrap();
        let bad = || Block::new().with("id", vec![13_u64]).unwrap();
        while insert.send(bad()).await.is_ok() {
            tokio::task::yield_now().await;
        }
        let began = tokio::time::Instant::now();
        canary(&client, 0).await;
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "nothing had to be waited for"
        );
        drop((complete, failed, insert));
    });
}

#[test]
fn what_comes_besides_rows_is_kept() {
    use ch_native::message::{ProfileInfo, Progress};
    block_on(async {
        let (client, server) = scripted(config(), |mut server| async move {
            server.greet().await;
            for _ in 0..3 {
                server.packet().await;
            }
            let mut progress = Progress::default();
            progress.read_rows = 10;
            let mut profile = ProfileInfo::default();
            profile.rows = 1;
            let one = || texts(vec!["x".to_owned()]);
            let packets = [
                ServerPacket::TimezoneUpdate("Asia/Tokyo".to_owned()),
                ServerPacket::Data(texts(vec![])),
                ServerPacket::Progress(progress),
                ServerPacket::Log(one()),
                ServerPacket::ProfileEvents(one()),
                ServerPacket::Data(texts(vec![])),
                ServerPacket::Data(one()),
                ServerPacket::Totals(one()),
                ServerPacket::Extremes(one()),
                ServerPacket::Progress(progress),
                ServerPacket::ProfileInfo(profile),
                ServerPacket::Data(Block::new()),
                ServerPacket::EndOfStream,
            ];
            server.send(&packets).await;
            server.packet().await;
        })
        .await;
        let rows = client.query("anything").await.unwrap();
        assert_eq!((rows.len(), rows.blocks().len()), (1, 1));
        let summary = rows.summary();
        assert_eq!(summary.progress.read_rows, 20);
        assert_eq!(summary.profile.unwrap().rows, 1);
        assert_eq!(summary.totals.as_ref().unwrap().rows(), 1);
        assert_eq!(summary.extremes.as_ref().unwrap().rows(), 1);
        assert_eq!(summary.timezone.as_deref(), Some("Asia/Tokyo"));
        drop(client);
        server.await.unwrap();
    });
}

#[test]
fn packets_that_nobody_asked_for_close_the_connection() {
    block_on(async {
        let (client, server) = scripted(config(), |mut server| async move {
            server.greet().await;
            for _ in 0..3 {
                server.packet().await;
            }
            server.send_bytes(&[99]).await;
            assert_eq!(server.packet().await, None, "it is closed");
        })
        .await;
        let error = client.query("SELECT 1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        server.await.unwrap();
    });
}

#[test]
fn more_than_a_limit_closes_the_connection_and_names_the_limit() {
    block_on(async {
        let mut limits = ch_native::Limits::default();
        limits.max_block_bytes = 100;
        let (client, connections) =
            served(config().with_limits(limits), Revision::MAX.number()).await;
        let error = client
            .query(format!("SELECT {}", "x".repeat(200)))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error:?}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("max_block_bytes of 100"), "{source}");
        assert!(source.contains("column text String"), "{source}");
        canary(&client, 0).await;
        assert_eq!(connections.load(Ordering::SeqCst), 2);
    });
}

/// A server that compresses with a frame whose checksum is wrong.
#[test]
fn a_damaged_frame_closes_the_connection() {
    block_on(async {
        let (client, server) = scripted(
            config().with_compression(Compression::Lz4),
            |mut server| async move {
                server.greet().await;
                for _ in 0..3 {
                    server.packet().await;
                }
                server.form = ch_native::message::Form::new(
                    Revision::MAX,
                    Some(ch_native::codec::Method::Lz4),
                );
                let mut bytes = Vec::new();
                ServerPacket::Data(texts(vec!["x".to_owned()]))
                    .encode(server.form, &mut bytes)
                    .unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                server.send_bytes(&bytes).await;
                assert_eq!(server.packet().await, None, "it is closed");
            },
        )
        .await;
        let error = client.query("SELECT 1").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error:?}");
        server.await.unwrap();
    });
}

#[test]
fn a_closed_client_says_so() {
    block_on(async {
        let (client, _) = served(config(), Revision::MAX.number()).await;
        client.close().await;
        assert!(client.is_closed());
        let error = client.ping().await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, Sent::No));
    });
}

#[test]
fn rows_are_checked_against_their_columns_once() {
    block_on(async {
        let (client, _) = served(config(), Revision::MAX.number()).await;
        let rows = client.query("SELECT x").await.unwrap();
        let wrong = |result: Result<(), Error>, text: &str| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Type);
            assert!(error.to_string().contains(text), "{error}");
        };
        wrong(
            rows.typed::<(u32,)>().map(drop),
            "column 0 (text) is String, which cannot be read as u32",
        );
        wrong(
            rows.typed::<(&str, u8)>().map(drop),
            "1 columns (text), but the row type has 2",
        );
        let row = rows.iter().next().unwrap();
        assert_eq!(row.get::<&str>(0).unwrap(), "x");
        assert_eq!(row.get::<Option<&[u8]>>(0).unwrap(), Some(&b"x"[..]));
    });
}
