//! A server that asks for a password.

use cql_v4::{Client, Config, ErrorCode, ErrorKind};

use crate::variable;

fn config() -> Config {
    variable("WIRE_TEST_CASSANDRA_AUTH_URL").parse().unwrap()
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn auth_by_password() {
    let client = Client::connect(config()).await.unwrap();
    client.ping().await.unwrap();
    for bad in [
        config().with_credentials("cassandra", "wrong"),
        config().with_credentials("nobody", ""),
    ] {
        let error = Client::connect(bad).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.server().unwrap().code),
            (ErrorKind::Auth, ErrorCode::BAD_CREDENTIALS)
        );
    }
    let url = variable("WIRE_TEST_CASSANDRA_AUTH_URL");
    let (_, address) = url.split_once('@').expect("the URL has credentials");
    let anonymous: Config = format!("cassandra://{address}").parse().unwrap();
    let error = Client::connect(anonymous).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().contains("none are configured"), "{error}");
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn auth_and_compression() {
    // On protocol v5 the password travels in a segment.
    let v5 = config().with_protocol(cql_v4::Version::V5);
    Client::connect(v5).await.unwrap().ping().await.unwrap();
    for compression in cql_v4::Compression::ALL {
        let client = Client::connect(config().with_compression(*compression))
            .await
            .unwrap();
        client.ping().await.unwrap();
    }
}
