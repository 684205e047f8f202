//! Connections that end, nodes that stop, freeze and come back, under load.

use std::num::NonZeroU32;
use std::time::Duration;

use cql_v4::{Client, ErrorKind, Sent};
use tokio::time::{Instant, sleep};

use crate::cluster::{Cluster, spread};
use crate::history::TIMEOUT;
use crate::support::server::run;

const SECOND: Duration = Duration::from_secs(1);
/// [`Cluster::config`]: asked after 5 s of silence, and given up 1 s later.
const FOUND_OUT: Duration = Duration::from_secs(6);

/// Lets all that is under way end.
async fn settle(client: &Client) {
    sleep(TIMEOUT * 10).await;
    assert_eq!(client.load(), (0, 0, 0), "in flight, given up, queued");
}

#[test]
fn without_faults_every_request_is_answered_and_all_nodes_take_part() {
    run(async {
        let cluster = Cluster::new(3);
        let client = cluster.client().await;
        cluster.history.load(&client, 10, 5 * SECOND, 0).await;
        settle(&client).await;
        let counts = cluster.history.check();
        assert!(counts.answered > 1000, "{counts:?}");
        assert_eq!((counts.not_sent, counts.unknown), (0, 0));
        let spread = spread(&cluster);
        assert!(
            spread.values().all(|node| node.executed > 100),
            "{spread:?}"
        );
        client.close().await;
        sleep(SECOND).await;
        assert!((0..3).all(|node| cluster.counts(node).open == 0));
    });
}

/// Refused, or accepted and never heard of again: the next host is asked, and if there is none the error comes in time.
#[test]
fn contact_points_that_are_down_are_passed_over() {
    for frozen in [false, true] {
        let down = |cluster: &Cluster, node| match frozen {
            true => cluster.freeze(node, true),
            false => cluster.stop(node),
        };
        run(async {
            let cluster = Cluster::new(3);
            down(&cluster, 0);
            down(&cluster, 2);
            let began = Instant::now();
            let client = cluster.client().await;
            assert!(began.elapsed() <= 11 * SECOND, "{:?}", began.elapsed());
            cluster.history.call(&client, false).await.unwrap();
            down(&cluster, 1);
            let began = Instant::now();
            let error = cluster.connect(cluster.config()).await.unwrap_err();
            assert!(began.elapsed() < 6 * SECOND, "{:?}", began.elapsed());
            assert_eq!(error.sent(), Sent::No);
            assert!(
                matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout),
                "{error:?}"
            );
            assert!(error.to_string().contains("10.0.0."), "{error}");
            cluster.history.check();
        });
    }
}

/// Nobody is told of connections that ended while nothing was going on.
#[test]
fn connections_that_end_while_idle_are_replaced_unnoticed() {
    run(async {
        let cluster = Cluster::new(2);
        let client = cluster.client().await;
        for round in 0..50 {
            cluster.cut(round % 2);
            if round % 3 == 0 {
                cluster.cut((round + 1) % 2);
            }
            if round % 4 == 0 {
                // Time for the client to notice.
                sleep(SECOND).await;
            }
            cluster.history.call(&client, false).await.unwrap();
            sleep(SECOND).await;
        }
        settle(&client).await;
        let counts = cluster.history.check();
        assert_eq!(counts.answered, 50);
        assert!((0..2).all(|node| cluster.counts(node).open >= 1));
    });
}

/// An answer that ends at any of its bytes is none. What is not idempotent is not repeated, all else is.
#[test]
fn an_answer_that_breaks_off_is_unknown_and_only_the_idempotent_is_repeated() {
    run(async {
        let cluster = Cluster::new(2);
        let client = cluster.client().await;
        // Its answers are some 50 bytes long; one that is complete is an answer.
        for at in (0..100).step_by(3) {
            for broken in 0..2 {
                cluster.break_answers(broken, Some(at));
                let mut whole = 0;
                for idempotent in [false, true] {
                    for _ in 0..2 {
                        match cluster.history.call(&client, idempotent).await {
                            Ok(_) => whole += 1,
                            Err(error) => {
                                assert!(!idempotent, "{error}");
                                assert_eq!(
                                    (error.kind(), error.sent()),
                                    (ErrorKind::Io, Sent::Maybe)
                                );
                            }
                        }
                        sleep(2 * SECOND).await;
                    }
                }
                assert!(whole >= 2, "{at}");
                cluster.break_answers(broken, None);
                sleep(2 * SECOND).await;
            }
        }
        settle(&client).await;
        let counts = cluster.history.check();
        assert!(counts.unknown > 20 && counts.not_sent == 0, "{counts:?}");
    });
}

/// A node that neither reads nor answers is found out by its heartbeat; from then on nobody waits for it, until it is
/// back.
#[test]
fn a_node_that_freezes_is_left_alone_until_it_thaws() {
    run(async {
        let cluster = Cluster::new(3);
        let client = cluster.client().await;
        cluster.history.load(&client, 8, 5 * SECOND, 0).await;
        cluster.freeze(1, true);
        cluster.history.load(&client, 8, FOUND_OUT, 0).await;
        let during = cluster.history.check();
        cluster.history.load(&client, 8, 10 * SECOND, 0).await;
        let after = cluster.history.check();
        assert!(during.unknown > 0, "{during:?}");
        assert_eq!(
            after.unknown, during.unknown,
            "nobody waits for it any more"
        );
        assert_eq!(after.not_sent, during.not_sent);
        cluster.freeze(1, false);
        cluster.announce(1);
        sleep(2 * SECOND).await;
        let before = cluster.counts(1).executed;
        cluster.history.load(&client, 8, 5 * SECOND, 0).await;
        assert!(
            cluster.counts(1).executed > before + 100,
            "it takes part again"
        );
        settle(&client).await;
        cluster.history.check();
    });
}

/// One node after the other is stopped and started again, while callers come and go.
#[test]
fn a_rolling_restart_costs_no_more_than_what_was_in_flight() {
    run(async {
        let cluster = Cluster::new(3);
        let client = cluster.client().await;
        let load = cluster.history.load(&client, 5, 40 * SECOND, 5);
        let restarts = async {
            for round in 0..4 {
                let node = round % 3;
                sleep(3 * SECOND).await;
                cluster.stop(node);
                sleep(5 * SECOND).await;
                cluster.start(node);
                cluster.announce(node);
                sleep(2 * SECOND).await;
                let counts = cluster.counts(node);
                assert!(counts.open >= 1, "back within 2 s: {counts:?}");
            }
        };
        tokio::join!(load, restarts);
        settle(&client).await;
        let counts = cluster.history.check();
        assert!(
            counts.answered > 5_000 && counts.given_up > 100,
            "{counts:?}"
        );
        assert!(counts.unknown <= 4 * 5, "{counts:?}");
        assert_eq!(
            counts.not_sent, 0,
            "there was always another node: {counts:?}"
        );
    });
}

/// All nodes are gone for some seconds. Callers are told in time, that nothing was sent, and served again soon.
#[test]
fn an_outage_of_all_nodes_ends_when_they_are_back() {
    run(async {
        let cluster = Cluster::new(3);
        let client = cluster.client().await;
        for outage in [SECOND, 10 * SECOND, 60 * SECOND] {
            let load = cluster.history.load(&client, 20, outage, 0);
            let stop = async {
                sleep(SECOND / 10).await;
                (0..3).for_each(|node| cluster.stop(node));
            };
            tokio::join!(load, stop);
            (0..3).for_each(|node| cluster.start(node));
            let began = Instant::now();
            while cluster.history.call(&client, false).await.is_err() {}
            let took = began.elapsed();
            assert!(took <= 2 * SECOND, "{took:?} after {outage:?}");
        }
        settle(&client).await;
        let counts = cluster.history.check();
        assert!(counts.not_sent > 20, "{counts:?}");
        assert!(counts.unknown <= 3 * 20, "{counts:?}");
    });
}

/// However many connections it is to have.
#[test]
fn a_node_that_stays_away_is_asked_for_ever_more_seldom() {
    run(async {
        let cluster = Cluster::new(2);
        let several = NonZeroU32::new(4).unwrap();
        let config = cluster.config().with_connections_per_node(several);
        let client = cluster.connect(config).await.unwrap();
        sleep(SECOND).await;
        assert!(cluster.counts(1).open >= 4, "{:?}", cluster.counts(1));
        cluster.stop(1);
        let before = cluster.counts(1).attempts;
        cluster.history.load(&client, 1, 60 * SECOND, 0).await;
        let attempts = cluster.counts(1).attempts - before;
        assert!((5..=15).contains(&attempts), "{attempts} in 60 s");
        settle(&client).await;
        assert_eq!(cluster.history.check().not_sent, 0);
    });
}

/// Connections end all the time; their number returns to what it was, and nothing is left behind.
#[test]
fn connections_that_are_cut_every_second_are_replaced() {
    run(async {
        let cluster = Cluster::new(3);
        let client = cluster.client().await;
        sleep(SECOND).await;
        let open = || (0..3).map(|node| cluster.counts(node).open).sum::<usize>();
        let before = open();
        let load = cluster.history.load(&client, 1, 120 * SECOND, 10);
        let cuts = async {
            for n in 0..120 {
                cluster.cut(n % 3);
                sleep(SECOND).await;
            }
        };
        tokio::join!(load, cuts);
        settle(&client).await;
        assert_eq!(open(), before);
        let counts = cluster.history.check();
        assert_eq!(counts.not_sent, 0, "{counts:?}");
        assert!(counts.unknown < counts.answered / 50, "{counts:?}");
    });
}
