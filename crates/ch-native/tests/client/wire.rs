//! What goes along with a query, logins without a password, and chunks: what a server sees of them.

use std::time::Duration;

use ch_native::codec::{ChunkMode, Revision};
use ch_native::message::{
    Authentication, ClientPacket, Form, Progress, QueryPacket, ReplicaStatus, ServerHello,
    ServerPacket, TableStatus, TablesStatusRequest, TraceContext,
};
use ch_native::{Block, Client, Compression, ErrorKind, Query};
use tokio::io::DuplexStream;
use wire_testkit::block_on;

use super::support::{Server, texts};
use super::{config, scripted};

type Connection = Server<DuplexStream>;

/// Answers the hello with one that wants chunks like this, and takes the addendum.
async fn welcome(server: &mut Connection, chunked: (ChunkMode, ChunkMode)) {
    let mut hello = ServerHello::new("ClickHouse", (26, 9, 2), Revision::MAX);
    hello.chunked = chunked;
    assert!(server.send(&[ServerPacket::Hello(hello)]).await);
    let addendum = server.packet().await;
    assert!(
        matches!(addendum, Some(ClientPacket::Addendum(_))),
        "{addendum:?}"
    );
    server.adopt();
}

/// The next query, and the blocks before its mark.
async fn query(server: &mut Connection) -> (Box<QueryPacket>, Vec<(String, Block)>) {
    let Some(ClientPacket::Query(query)) = server.packet().await else {
        panic!("no query");
    };
    server.adopt();
    let mut tables = Vec::new();
    loop {
        match server.packet().await {
            Some(ClientPacket::Data { block, .. }) if block.is_end_mark() => break,
            Some(ClientPacket::Data { table, block }) => tables.push((table, block)),
            other => panic!("{other:?}"),
        }
    }
    (query, tables)
}

async fn answer_with(server: &mut Connection, token: &str) {
    let header = ServerPacket::Data(texts(Vec::new()));
    let row = ServerPacket::Data(texts(vec![token.to_owned()]));
    assert!(server.send(&[header, row, ServerPacket::EndOfStream]).await);
}

const PLAIN: (ChunkMode, ChunkMode) = (ChunkMode::NotChunked, ChunkMode::NotChunked);

#[test]
fn everything_that_goes_along_with_a_query_arrives() {
    block_on(async {
        let trace: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            .parse()
            .unwrap();
        let expected = trace.clone();
        let config = config()
            .with_compression(Compression::Checksum)
            .with_client_agent("editor");
        let (client, task) = scripted(config, async move |mut server| {
            server.packet().await;
            welcome(&mut server, PLAIN).await;
            let (packet, tables) = query(&mut server).await;
            assert!(packet.compressed);
            assert_eq!(
                (packet.query.id(), packet.info.client_agent.as_str()),
                ("q1", "editor")
            );
            assert_eq!(packet.info.trace, Some(expected));
            let names: Vec<_> = packet
                .query
                .parameters()
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            assert_eq!(names, ["a", "b"]);
            let rows: Vec<_> = tables.iter().map(|(t, b)| (t.as_str(), b.rows())).collect();
            assert_eq!(rows, [("wanted", 2), ("wanted", 1), ("none", 0)]);
            answer_with(&mut server, "x").await;
        })
        .await;
        let ids = |ids: Vec<u64>| Block::new().with("id", ids).unwrap();
        let query = Query::new("SELECT {a:String}, {b:Nullable(UInt8)} WHERE 1 IN wanted")
            .with_id("q1")
            .with_parameter("a", "it's\n")
            .with_parameter("b", None::<u8>)
            .with_external_table("wanted", ids(vec![1, 2]))
            .with_external_table("wanted", ids(vec![3]))
            .with_external_table("none", ids(Vec::new()))
            .with_trace(trace);
        assert_eq!(client.query(query).await.unwrap().len(), 1);
        task.await.unwrap();
    });
}

#[test]
fn what_an_old_server_does_not_know_is_refused_before_anything_is_sent() {
    block_on(async {
        let config = config().with_max_revision(54_428);
        let (client, task) = scripted(config, async |mut server| {
            assert!(server.greet().await);
            let (packet, _) = query(&mut server).await;
            assert_eq!(packet.query.text(), "SELECT 2", "the first was not sent");
            answer_with(&mut server, "2").await;
        })
        .await;
        let query = Query::new("SELECT {p:UInt8}").with_parameter("p", 1);
        let error = client.query(query).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Encode, ch_native::Sent::No)
        );
        assert_eq!(client.query("SELECT 2").await.unwrap().len(), 1);
        task.await.unwrap();
    });
}

#[test]
fn the_timeout_of_a_query_is_its_own() {
    block_on(async {
        let (client, task) = scripted(config(), async |mut server| {
            server.packet().await;
            welcome(&mut server, PLAIN).await;
            query(&mut server).await;
            // Nothing but the cancel comes, and nothing is answered before.
            assert_eq!(server.packet().await, Some(ClientPacket::Cancel));
        })
        .await;
        let query = Query::new("SELECT 1").with_timeout(Duration::from_millis(200));
        let began = tokio::time::Instant::now();
        let error = client.query(query).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{:?}",
            began.elapsed()
        );
        task.await.unwrap();
    });
}

/// All four ways; a query, one that is given up half way, and another on the same connection.
#[test]
fn chunked_connections_work_and_can_be_cancelled() {
    use ChunkMode::{Chunked, NotChunked};
    for sends in [Chunked, NotChunked] {
        for receives in [Chunked, NotChunked] {
            block_on(async move {
                let (client, task) = scripted(config(), async move |mut server: Connection| {
                    server.packet().await;
                    welcome(&mut server, (receives, sends)).await;
                    assert_eq!(server.form.chunked, receives == Chunked);
                    server.chop = 5;
                    query(&mut server).await;
                    answer_with(&mut server, "1").await;
                    query(&mut server).await;
                    let header = ServerPacket::Data(texts(Vec::new()));
                    assert!(server.send(&[header]).await);
                    assert_eq!(server.packet().await, Some(ClientPacket::Cancel));
                    assert!(server.send(&[ServerPacket::EndOfStream]).await);
                    query(&mut server).await;
                    answer_with(&mut server, "3").await;
                    assert_eq!(server.packet().await, Some(ClientPacket::Ping));
                    assert!(server.send(&[ServerPacket::Pong]).await);
                    // An insert, whose blocks are chunked as well.
                    query(&mut server).await;
                    let header = Block::new().with("id", Vec::<u64>::new()).unwrap();
                    assert!(server.send(&[ServerPacket::Data(header)]).await);
                    let Some(ClientPacket::Data { block, .. }) = server.packet().await else {
                        panic!("no rows");
                    };
                    assert_eq!(block.rows(), 100_000);
                    assert_eq!(server.packet().await, Some(ClientPacket::end_mark()));
                    assert!(server.send(&[ServerPacket::EndOfStream]).await);
                })
                .await;
                assert_eq!(client.query("SELECT 1").await.unwrap().len(), 1);
                drop(client.query_stream("SELECT 2").await.unwrap());
                assert_eq!(client.query("SELECT 3").await.unwrap().len(), 1);
                client.ping().await.unwrap();
                let rows = Block::new().with("id", (0..100_000_u64).collect()).unwrap();
                client
                    .insert("INSERT INTO t (id) VALUES", rows)
                    .await
                    .unwrap();
                task.await.unwrap();
            });
        }
    }
}

#[test]
fn a_token_and_a_key_let_a_client_in() {
    block_on(async {
        let in_clear = || tokio::io::duplex(1).0;
        let refused = Client::connect_over(config().with_jwt("sentinel"), in_clear).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Auth);
        let with_token = config().with_jwt("sentinel").allow_plaintext_password(true);
        assert!(!format!("{with_token:?}").contains("sentinel"));
        let (_, task) = scripted(with_token, async |mut server| {
            let Some(ClientPacket::Hello(hello)) = server.packet().await else {
                panic!("no hello");
            };
            assert_eq!(hello.authentication(), Authentication::Jwt);
            assert_eq!(hello.password.expose(), "sentinel");
            welcome(&mut server, PLAIN).await;
        })
        .await;
        task.await.unwrap();

        let sign = |data: &[u8]| Ok([b"signed ", data].concat());
        let (_, task) = scripted(config().with_ssh_signer("me", sign), async |mut server| {
            let hello = server.packet().await;
            assert!(matches!(hello, Some(ClientPacket::Hello(_))), "{hello:?}");
            assert_eq!(
                server.packet().await,
                Some(ClientPacket::SshChallengeRequest)
            );
            server.form = Form::new(Revision::MAX, None);
            assert!(
                server
                    .send(&[ServerPacket::SshChallenge(b"salt".to_vec())])
                    .await
            );
            let signature = b"signed 54492mesalt".to_vec();
            assert_eq!(
                server.packet().await,
                Some(ClientPacket::SshChallengeResponse(signature))
            );
            welcome(&mut server, PLAIN).await;
        })
        .await;
        task.await.unwrap();
    });
}

/// A server that asks its client to work for it gets nothing but a closed connection.
#[test]
fn work_for_servers_is_not_done() {
    for packet in [
        ServerPacket::ReadTaskRequest,
        ServerPacket::SshChallenge(Vec::new()),
        ServerPacket::Pong,
    ] {
        block_on(async move {
            let name = packet.name();
            let (client, task) = scripted(config(), async move |mut server| {
                server.packet().await;
                welcome(&mut server, PLAIN).await;
                query(&mut server).await;
                assert!(server.send(&[packet]).await);
                assert_eq!(server.packet().await, None);
            })
            .await;
            let error = client.query("SELECT 1").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{error:?}");
            let mut texts = vec![error.to_string()];
            let mut source = std::error::Error::source(&error);
            while let Some(e) = source {
                texts.push(e.to_string());
                source = e.source();
            }
            assert!(texts.iter().any(|t| t.contains(name)), "{texts:?}");
            task.await.unwrap();
        });
    }
}

#[test]
fn tables_are_asked_about_between_queries() {
    block_on(async {
        let replica = ReplicaStatus::new(7, true);
        let known = vec![TableStatus::new("db", "t").with_replica(replica)];
        let answered = known.clone();
        let (client, task) = scripted(config(), async move |mut server| {
            server.packet().await;
            welcome(&mut server, PLAIN).await;
            let asked = TablesStatusRequest::new([("db", "t"), ("db", "missing")]);
            let packet = server.packet().await;
            assert_eq!(packet, Some(ClientPacket::TablesStatus(asked)));
            let late = ServerPacket::Progress(Progress::default());
            let answer = ServerPacket::TablesStatus(answered);
            assert!(server.send(&[late, answer]).await);
            query(&mut server).await;
            answer_with(&mut server, "after").await;
            server.packet().await;
            let refusal = ServerPacket::Exception(super::support::refusal());
            assert!(server.send(&[refusal]).await);
            // An exception before anything else makes the client ask whether the two are in step.
            assert_eq!(server.packet().await, Some(ClientPacket::Ping));
            assert!(server.send(&[ServerPacket::Pong]).await);
            query(&mut server).await;
            answer_with(&mut server, "again").await;
        })
        .await;
        let tables = [("db", "t"), ("db", "missing")];
        assert_eq!(client.tables_status(&tables).await.unwrap(), known);
        assert_eq!(client.query("SELECT 1").await.unwrap().len(), 1);
        let error = client.tables_status(&tables).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server);
        assert_eq!(client.query("SELECT 1").await.unwrap().len(), 1);
        task.await.unwrap();
    });
}
