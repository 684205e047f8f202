//! Nodes that end and start again, with requests going on all the time.

use std::net::SocketAddr;

use cql_v4::{Client, Sent, Statement};
use wire_testkit::{kill, terminate};

use super::load::{Load, Tally};
use super::{
    SOON, START, addresses, eventually, keeper, keyspace, node, pid, takes_all_for_alive, topology,
    until_up, whole,
};
use crate::run;

/// A node is killed, the one with the control connection: what is idempotent goes on without an error, what is not says
/// whether it may have been done; events still come; and the node is used again soon after its start.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_that_are_killed_cost_no_idempotent_request() {
    let config = whole().await;
    let client = keyspace(config.clone(), "live_killed", 3).await;
    let other = keyspace(config, "live_killed_others", 3).await;
    let statement = client
        .prepare("SELECT v FROM live_killed.t WHERE k = ?")
        .await
        .unwrap();
    let idempotent = Load::start(&client, true).await;
    let others = Load::start(&other, false).await;
    // Contact points are asked in their order.
    let victim = addresses()[0];
    kill(pid(victim.ip()));
    until_up(&client, victim, false, SOON).await;
    until_up(&other, victim, false, SOON).await;
    idempotent.goes_on(200).await;
    others.goes_on(200).await;
    hears_of_changes(&client).await;
    start_and_wait(victim, &client).await;
    until_up(&other, victim, true, START).await;
    idempotent.goes_on(200).await;
    let here = statement.with_node(node(&client, victim).host_id());
    client.execute(&here, (0,)).await.unwrap();
    let (idempotent, others) = (idempotent.end().await, others.end().await);
    idempotent.show("one of three nodes killed, idempotent");
    others.show("one of three nodes killed, not idempotent");
    assert_eq!(idempotent.errors(), 0);
    assert!(others.failed_reads.is_empty(), "reads are idempotent");
    // There may be none: whether a request is under way on the node when it is killed is chance.
    all_may_have_been_done(&others);
    idempotent.is_truthful(&client).await;
    others.is_truthful(&other).await;
    assert!(client.stats().reconnects > 0);
}

/// Only what was on the way to the node that was killed can have failed.
fn all_may_have_been_done(tally: &Tally) {
    for error in tally.failed.values() {
        assert_ne!(error.sent(), Sent::Yes, "{error}");
    }
}

/// The control connection has moved to a node that runs: it hears of a keyspace that another client makes there.
async fn hears_of_changes(client: &Client) {
    let address = addresses()[1];
    let other = Client::connect(super::config_of(address)).await.unwrap();
    run(&other, "DROP KEYSPACE IF EXISTS live_moved").await;
    run(
        &other,
        "CREATE KEYSPACE live_moved WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 2}",
    )
    .await;
    eventually("the keyspace is known", SOON, async || {
        let topology = topology(client);
        let token = topology.token(&[0; 4]).unwrap();
        match topology.replicas("live_moved", "t", &token).count() {
            2 => Ok(()),
            found => Err(format!("{found} replicas")),
        }
    })
    .await;
    run(&other, "DROP KEYSPACE live_moved").await;
}

/// Until the client uses the node again, which is soon after its port is open, and the others do.
async fn start_and_wait(address: SocketAddr, client: &Client) {
    keeper("start", address.ip());
    takes_all_for_alive(address).await;
    until_up(client, address, true, SOON).await;
    for other in addresses() {
        takes_all_for_alive(other).await;
    }
}

/// One node after the other is stopped and started again: hardly a request notices.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_that_restart_one_by_one_lose_nothing() {
    let client = keyspace(whole().await, "live_rolling", 3).await;
    let select = Statement::new("SELECT v FROM t WHERE k = 0");
    let load = Load::start(&client, true).await;
    for victim in addresses() {
        let process = pid(victim.ip());
        terminate(process);
        until_up(&client, victim, false, SOON).await;
        load.goes_on(200).await;
        start_and_wait(victim, &client).await;
        load.goes_on(200).await;
        let here = select.clone().with_node(node(&client, victim).host_id());
        client.query(here, ()).await.unwrap();
    }
    let tally = load.end().await;
    tally.show("three nodes restarted one by one");
    let (requests, errors) = (tally.requests(), tally.errors());
    assert!(errors * 1_000 <= requests, "{errors} of {requests} failed");
    tally.is_truthful(&client).await;
    client.close().await;
}
