//! A server behind TLS.

use cql_v4::{Client, ErrorKind};

use crate::variable;

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn tls_by_the_right_authority_alone() {
    let url = variable("WIRE_TEST_CASSANDRA_TLS_URL");
    let client = Client::connect(url.parse().unwrap()).await.unwrap();
    let result = client
        .query(
            "SELECT release_version FROM system.local WHERE key = 'local'",
            (),
        )
        .await
        .unwrap();
    assert_eq!(result.rows().unwrap().len(), 1);
    let (before, _) = url.split_once('?').expect("the URL names its authority");
    let error = Client::connect(format!("{before}?tls=true").parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
}
