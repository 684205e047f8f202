//! The client against a real server. Run by `cargo xtask integration-test cassandra`, which starts the servers and sets
//! the variables; without a server these tests fail, they never pass.
#![cfg(feature = "client")]

mod auth;
mod faults;
mod literals;
mod matrix;
mod nodes;
mod schema;
mod statements;
mod tls;
mod types;

use std::time::Duration;

use cql_v4::{Client, Config, Statement, Version};

fn variable(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) => value,
        Err(_) => panic!("{name} is not set; run `cargo xtask integration-test cassandra`"),
    }
}

fn config() -> Config {
    variable("WIRE_TEST_CASSANDRA_URL").parse().unwrap()
}

/// A client whose keyspace is there and empty. A keyspace for each test, so that they do not meet.
async fn client_of(config: Config, keyspace: &str) -> Client {
    let client = Client::connect(config.clone()).await.unwrap();
    let patient = |text: String| Statement::new(text).with_timeout(Duration::from_secs(60));
    client
        .query(patient(format!("DROP KEYSPACE IF EXISTS {keyspace}")), ())
        .await
        .unwrap();
    let replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}";
    let created = client
        .query(
            patient(format!(
                "CREATE KEYSPACE {keyspace} WITH replication = {replication}"
            )),
            (),
        )
        .await
        .unwrap();
    assert_eq!(created.schema_change().unwrap().keyspace, keyspace);
    client.close().await;
    Client::connect(config.with_keyspace(keyspace))
        .await
        .unwrap()
}

async fn client(keyspace: &str) -> Client {
    client_of(config(), keyspace).await
}

async fn run(client: &Client, text: &str) {
    let patient = Statement::new(text).with_timeout(Duration::from_secs(60));
    client
        .query(patient, ())
        .await
        .unwrap_or_else(|e| panic!("{text}: {e}"));
}

/// Whether the server has what came with Cassandra 5.0: vectors, masks, storage-attached indexes. On an older one the
/// run says what the test leaves out there.
async fn is_5_or_later(client: &Client, left_out: &str) -> bool {
    let text = "SELECT release_version FROM system.local WHERE key = 'local'";
    let result = client.query(text, ()).await.unwrap();
    let (release,) = result.first::<(String,)>().unwrap().unwrap();
    let major = release.split('.').next().map(str::parse::<u32>);
    let Some(Ok(major)) = major else {
        panic!("`{release}` is no release of Cassandra");
    };
    if major < 5 {
        println!("left out on Cassandra {release}: {left_out}");
    }
    major >= 5
}

/// Versions and compressions, each with all others at their defaults.
fn shapes() -> Vec<Config> {
    let v5 = || config().with_protocol(Version::V5);
    let mut shapes = vec![config(), config().with_protocol(Version::V3), v5()];
    #[cfg(feature = "lz4")]
    shapes.push(v5().with_compression(cql_v4::Compression::Lz4));
    shapes.extend(
        cql_v4::Compression::ALL
            .iter()
            .map(|c| config().with_compression(*c)),
    );
    shapes
}
