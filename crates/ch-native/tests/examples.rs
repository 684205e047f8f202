//! The example that is a server is one.
#![cfg(feature = "client")]

#[path = "../examples/ch_server.rs"]
#[allow(dead_code, reason = "an example's own `main` reads arguments")]
mod ch_server;

use ch_native::codec::ChunkMode;
use ch_native::message::TableStatus;
use ch_native::{Block, Client, Compression, Config, ErrorKind};

#[tokio::test]
async fn the_server_of_the_codec_alone_keeps_what_it_is_given() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(ch_server::run(listener));
    let chunked = Config::new(&host).with_chunked(ChunkMode::Chunked, ChunkMode::Chunked);
    let plain = Config::new(&host);
    let configs = [
        plain.clone(),
        plain.clone().with_compression(Compression::Checksum),
        plain.clone().with_max_revision(54_460),
        plain.with_max_revision(54_058),
        // Its hello insists on plain packets, so this is refused.
        chunked,
    ];
    let mut expected = Vec::new();
    for (config, n) in configs.into_iter().zip(0_u64..) {
        let client = match Client::connect(config).await {
            Ok(client) => client,
            Err(e) => {
                assert_eq!((e.kind(), n), (ErrorKind::Unsupported, 4), "{e}");
                continue;
            }
        };
        let block = Block::new()
            .with("id", vec![n, n + 10])
            .and_then(|b| b.with("name", vec!["a", "b"]))
            .unwrap();
        let insert = "INSERT INTO points (id, name) VALUES";
        client.insert(insert, block).await.unwrap();
        expected.extend([(n, "a".to_owned()), (n + 10, "b".to_owned())]);
        let rows = client.query("SELECT id, name FROM points").await.unwrap();
        let read: Vec<(u64, String)> = rows.typed().unwrap().map(Result::unwrap).collect();
        assert_eq!(read, expected);
        client.ping().await.unwrap();
        match client.tables_status(&[("default", "points")]).await {
            Ok(tables) => assert_eq!(tables, [TableStatus::new("default", "points")]),
            // Older than the question.
            Err(e) => assert_eq!((e.kind(), n), (ErrorKind::Encode, 3), "{e}"),
        }
        let error = client.execute("DROP TABLE points").await.unwrap_err();
        assert_eq!(error.server().unwrap().code, 48);
    }
    assert_eq!(expected.len(), 8);
    server.abort();
}
