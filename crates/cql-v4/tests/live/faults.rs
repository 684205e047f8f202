//! Requests that are given up, a server that hangs, and one that is killed.

use std::time::Duration;

use cql_v4::{Client, Config, Error, ErrorKind, Sent, Statement};

use crate::{client, client_of, config, run, variable};

fn pid(name: &str) -> u32 {
    variable(name).parse().unwrap()
}

/// Reads what is left and says how the reading ended.
async fn read_all(client: &Client) -> (usize, Result<(), Error>) {
    let statement = Statement::new("SELECT k, v FROM t").with_page_size(50);
    let mut rows = client
        .query_stream::<(i32, String), _>(statement, ())
        .unwrap();
    let mut read = 0;
    loop {
        match rows.try_next().await {
            Ok(Some(_)) => read += 1,
            Ok(None) => return (read, Ok(())),
            Err(error) => return (read, Err(error)),
        }
    }
}

/// Requests that are given up all the time, among others that are not.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn given_up_requests_disturb_nobody() {
    let client = client("live_cancel").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY, v int)").await;
    let insert = client
        .prepare("INSERT INTO t (k, v) VALUES (?, ?)")
        .await
        .unwrap();
    let select = client.prepare("SELECT v FROM t WHERE k = ?").await.unwrap();
    for k in 0..200 {
        client.execute(&insert, (k, k)).await.unwrap();
    }
    for k in 0..200 {
        let micros = u64::try_from(k).unwrap() * 7 % 900;
        let _ = tokio::time::timeout(
            Duration::from_micros(micros),
            client.execute(&select, (k + 1,)),
        )
        .await;
        let result = client.execute(&select, (k,)).await.unwrap();
        assert_eq!(result.first::<(i32,)>().unwrap(), Some((k,)));
    }
    client.ping().await.unwrap();
}

/// A server that hangs: requests end at their deadline, and the next ones are answered when it goes on.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn pause_a_server() {
    let pid = pid("WIRE_TEST_CASSANDRA_PID");
    let client = client("live_pause").await;
    let paused = wire_testkit::Paused::new(pid);
    let statement = Statement::new("SELECT key FROM system.local WHERE key = 'local'")
        .with_timeout(Duration::from_millis(500));
    let error = client.query(&statement, ()).await.unwrap_err();
    let impatient = config().with_connect_timeout(Duration::from_millis(500));
    let connecting = Client::connect(impatient).await;
    drop(paused);
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Timeout, Sent::Maybe)
    );
    assert_eq!(connecting.unwrap_err().kind(), ErrorKind::Timeout);
    client
        .query(statement.with_timeout(Duration::from_secs(30)), ())
        .await
        .unwrap();
    // The answer to the request that was given up comes when the server gets to it.
    for _ in 0..100 {
        client.ping().await.unwrap();
        if client.load() == (0, 0, 0) {
            return;
        }
    }
    panic!("{:?} is still there", client.load());
}

/// Kills a server that is there for this: named so that it comes last.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn zz_crash_in_the_middle_of_a_result() {
    let config: Config = variable("WIRE_TEST_CASSANDRA_CRASH_URL").parse().unwrap();
    let pid = pid("WIRE_TEST_CASSANDRA_CRASH_PID");
    let client = client_of(config, "live_crash").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY, v text)").await;
    let insert = client
        .prepare("INSERT INTO t (k, v) VALUES (?, ?)")
        .await
        .unwrap();
    for k in 0..2000 {
        client.execute(&insert, (k, "x".repeat(100))).await.unwrap();
    }
    assert_eq!(read_all(&client).await.0, 2000);
    let reading = tokio::spawn({
        let client = client.clone();
        async move {
            loop {
                let (read, ended) = read_all(&client).await;
                if let Err(error) = ended {
                    return (read, error);
                }
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    wire_testkit::kill(pid);
    let (read, error) = tokio::time::timeout(Duration::from_secs(30), reading)
        .await
        .unwrap()
        .unwrap();
    assert!(
        matches!(error.kind(), ErrorKind::Io | ErrorKind::Connect),
        "{error}"
    );
    assert!(read < 2000, "no part of a result is taken for the whole");
    let began = std::time::Instant::now();
    let error = client.ping().await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(15));
}
