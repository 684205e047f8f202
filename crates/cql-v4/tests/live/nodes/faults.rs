//! Nodes that hang, and clients that go.

use std::time::Duration;

use cql_v4::{Client, Consistency, ErrorKind, Sent, Statement};
use tokio::task::JoinSet;
use wire_testkit::Paused;

use super::load::Load;
use super::{SOON, addresses, config_of, eventually, keyspace, node, pid, until_up, whole};

/// A node that hangs: its connections are closed by their heartbeats, what was under way there is done elsewhere, and it
/// is used again when it goes on.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_that_pause_are_passed_over_and_come_back() {
    let second = Duration::from_secs(1);
    let config = whole().await.with_heartbeat(second, second);
    let client = keyspace(config, "live_paused", 3).await;
    let load = Load::start(&client, true).await;
    // The last: the control connection goes to the first.
    let victim = addresses()[2];
    let paused = Paused::new(pid(victim.ip()));
    until_up(&client, victim, false, SOON).await;
    load.goes_on(200).await;
    drop(paused);
    until_up(&client, victim, true, SOON).await;
    load.goes_on(200).await;
    let here =
        Statement::new("SELECT v FROM t WHERE k = 0").with_node(node(&client, victim).host_id());
    client.query(here, ()).await.unwrap();
    let tally = load.end().await;
    tally.show("one of three nodes paused");
    assert_eq!(tally.errors(), 0);
    assert_eq!(client.load(), (0, 0, 0));
    super::takes_all_for_alive(addresses()[0]).await;
    tally.is_truthful(&client).await;
    client.close().await;
}

/// A request that only the node that hangs could answer ends at its deadline, and says that it may have been done.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_that_pause_do_not_outlast_a_deadline() {
    let client = keyspace(whole().await, "live_deadline", 3).await;
    let victim = addresses()[1];
    let here = Statement::new("INSERT INTO t (k, v) VALUES (1, 1)")
        .with_node(node(&client, victim).host_id())
        .with_timeout(Duration::from_millis(700));
    client.query(&here, ()).await.unwrap();
    let paused = Paused::new(pid(victim.ip()));
    let began = std::time::Instant::now();
    let error = client.query(&here, ()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Timeout, Sent::Maybe),
        "{error}"
    );
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    // Through another node, which misses the answer, or knows already that there will be none.
    let all = Statement::new("INSERT INTO t (k, v) VALUES (2, 2)")
        .with_consistency(Consistency::All)
        .with_node(node(&client, addresses()[0]).host_id());
    let error = client.query(all, ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    drop(paused);
    eventually("it answers again", SOON, async || {
        client
            .query(&here, ())
            .await
            .map(drop)
            .map_err(|e| e.to_string())
    })
    .await;
}

/// A client that closes: what is under way ends well, what comes after is refused, and the nodes have no connection of
/// it left.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_see_a_client_go() {
    let config = whole().await.with_application("goes-away", "1");
    let client = keyspace(config, "live_close", 3).await;
    let insert = client
        .prepare("INSERT INTO t (k, v) VALUES (?, ?)")
        .await
        .unwrap();
    let mut requests = JoinSet::new();
    for key in 0..200 {
        let (client, insert) = (client.clone(), insert.clone());
        requests.spawn(async move { client.execute(&insert, (key, key)).await });
    }
    // The first answer: the others are under way, or about to be sent.
    requests.join_next().await.unwrap().unwrap().unwrap();
    client.close().await;
    let mut done = 1;
    while let Some(outcome) = requests.join_next().await {
        match outcome.unwrap() {
            Ok(_) => done += 1,
            Err(error) => {
                assert_eq!(
                    (error.kind(), error.sent()),
                    (ErrorKind::Closed, Sent::No),
                    "{error}"
                );
            }
        }
    }
    assert!(done > 1, "all others were broken off");
    let error = client.execute(&insert, (1, 1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Closed, Sent::No),
        "{error}"
    );
    for address in addresses() {
        let other = Client::connect(config_of(address)).await.unwrap();
        eventually("no connection is left", SOON, async || {
            let clients = other.query("SELECT client_options FROM system_views.clients", ());
            let clients = clients.await.map_err(|error| error.to_string())?;
            type Options = std::collections::BTreeMap<String, String>;
            let clients = clients.to_vec::<(Options,)>().unwrap();
            let left = clients.iter().filter(|(options,)| {
                options
                    .get("APPLICATION_NAME")
                    .is_some_and(|name| name == "goes-away")
            });
            match left.count() {
                0 => Ok(()),
                left => Err(format!("{left} on {address}")),
            }
        })
        .await;
    }
}
