//! What a client makes of the decisions: how often a request arrives, where, and what is counted and told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cql_v4::message::Message;
use cql_v4::policy::{ConstantSpeculation, DowngradingRetry, NeverRetry, Profile, Throttle};
use cql_v4::{
    Config, Consistency, Error, ErrorCode, ErrorDetail, ErrorKind, Sent, ServerError, Statement,
};
use tokio::time::Instant;

use crate::cluster::{Arrived, arrived, client};
use crate::logs::Logs;
use crate::support::server::{Reply, ints, refuse, run, void};

fn as_it_is(config: Config) -> Config {
    config
}

/// The first request to arrive is refused, all others are answered.
fn refused_once(code: ErrorCode) -> impl Fn(usize) -> Reply + Send + Sync + 'static {
    move |n| {
        Reply::Send(match code {
            _ if n > 0 => ints(&[7], None),
            ErrorCode::UNAVAILABLE => unavailable(),
            _ => refuse(code, "not now"),
        })
    }
}

/// One replica is alive, and two are needed.
fn unavailable() -> Message {
    let detail = ErrorDetail::Unavailable {
        consistency: Consistency::Quorum,
        required: 2,
        alive: 1,
    };
    let refusal = ServerError::new(ErrorCode::UNAVAILABLE, "too few").with_detail(detail);
    Message::Error(Box::new(refusal))
}

/// The first request to arrive is read, and its connection closed.
fn lost_once(n: usize) -> Reply {
    if n == 0 {
        Reply::RawThenClose(Vec::new())
    } else {
        Reply::Send(ints(&[7], None))
    }
}

fn statement(idempotent: bool) -> Statement {
    Statement::new("UPDATE t SET v = v + 1").with_idempotent(idempotent)
}

fn nodes(arrived: &[Arrived]) -> BTreeSet<u8> {
    arrived.iter().map(|arrived| arrived.node).collect()
}

#[test]
fn what_a_node_did_nothing_of_goes_to_another() {
    run(async {
        for code in [ErrorCode::UNAVAILABLE, ErrorCode::IS_BOOTSTRAPPING] {
            let (client, arrivals) = client(as_it_is, refused_once(code)).await;
            client.query(statement(false), ()).await.unwrap();
            let arrived = arrived(&arrivals);
            assert_eq!(arrived.len(), 2, "{code}");
            assert_eq!(nodes(&arrived).len(), 2, "another node: {arrived:?}");
            let stats = client.stats();
            assert_eq!((stats.requests, stats.retries), (1, 1));
            assert_eq!(stats.errors.total(), 0, "the request was answered");
            assert_eq!(stats.latency.count(), 1);
        }
    });
}

#[test]
fn what_may_have_been_carried_out_is_repeated_only_if_idempotent() {
    run(async {
        for (idempotent, expected) in [(false, 1), (true, 2)] {
            let (client, arrivals) = client(as_it_is, lost_once).await;
            let outcome = client.query(statement(idempotent), ()).await;
            assert_eq!(outcome.is_ok(), idempotent);
            if let Err(error) = outcome {
                assert_eq!((error.kind(), error.sent()), (ErrorKind::Io, Sent::Maybe));
                assert_eq!(client.stats().errors.of(ErrorKind::Io), 1);
            }
            assert_eq!(arrived(&arrivals).len(), expected);

            let refused = refused_once(ErrorCode::OVERLOADED);
            let (client, arrivals) = self::client(as_it_is, refused).await;
            let outcome = client.query(statement(idempotent), ()).await;
            assert_eq!(outcome.is_ok(), idempotent);
            assert_eq!(arrived(&arrivals).len(), expected);
        }
    });
}

#[test]
fn all_attempts_have_one_timestamp() {
    run(async {
        let (client, arrivals) = client(as_it_is, lost_once).await;
        client.query(statement(true), ()).await.unwrap();
        client.query(statement(true), ()).await.unwrap();
        let stamps: Vec<_> = arrived(&arrivals)
            .iter()
            .map(|a| a.timestamp.unwrap())
            .collect();
        assert_eq!(stamps.len(), 3);
        assert_eq!(stamps[0], stamps[1]);
        assert!(stamps[2] > stamps[1], "{stamps:?}");
    });
}

#[test]
fn a_refusal_of_the_statement_is_final() {
    run(async {
        for code in [
            ErrorCode::INVALID,
            ErrorCode::UNAUTHORIZED,
            ErrorCode(0x7777),
        ] {
            let (client, arrivals) = client(as_it_is, refused_once(code)).await;
            let error = client.query(statement(true), ()).await.unwrap_err();
            assert_eq!(error.server().unwrap().code, code);
            assert_eq!(arrived(&arrivals).len(), 1);
            assert_eq!(client.stats().retries, 0);
        }
    });
}

#[test]
fn a_profile_brings_its_own_policy() {
    run(async {
        let never = Profile::new()
            .with_retry(Arc::new(NeverRetry))
            .with_consistency(Consistency::Two);
        let configure = |config: Config| config.with_named_profile("never", never);
        let (client, arrivals) = client(configure, refused_once(ErrorCode::UNAVAILABLE)).await;
        let profile = client.profile("never").unwrap();
        let hasty = statement(true).with_profile(profile);
        client.query(hasty, ()).await.unwrap_err();
        let arrived = arrived(&arrivals);
        assert_eq!(arrived.len(), 1);
        assert_eq!(arrived[0].consistency, Consistency::Two);
    });
}

#[test]
fn downgrading_asks_the_same_node_for_less() {
    run(async {
        let profile = Profile::new()
            .with_consistency(Consistency::Quorum)
            .with_retry(Arc::new(DowngradingRetry));
        let refused = refused_once(ErrorCode::UNAVAILABLE);
        let (client, arrivals) = client(|config| config.with_profile(profile), refused).await;
        client.query(statement(false), ()).await.unwrap();
        let arrived = arrived(&arrivals);
        let levels: Vec<_> = arrived.iter().map(|a| a.consistency).collect();
        assert_eq!(levels, [Consistency::Quorum, Consistency::One]);
        assert_eq!(nodes(&arrived).len(), 1);
    });
}

/// A write that one replica has, where two were asked for, is taken for a success by who does not mind.
#[test]
fn a_write_that_timed_out_may_be_taken_for_a_success() {
    run(async {
        let timeout = |_| {
            let detail = ErrorDetail::WriteTimeout {
                consistency: Consistency::Quorum,
                received: 1,
                block_for: 2,
                write_type: "SIMPLE".to_owned(),
                contentions: None,
            };
            let refusal = ServerError::new(ErrorCode::WRITE_TIMEOUT, "late").with_detail(detail);
            Reply::Send(Message::Error(Box::new(refusal)))
        };
        let profile = Profile::new().with_retry(Arc::new(DowngradingRetry));
        let (client, arrivals) = client(|config| config.with_profile(profile), timeout).await;
        let result = client.query(statement(true), ()).await.unwrap();
        assert!(result.rows().is_err(), "nothing is in it");
        assert_eq!(arrived(&arrivals).len(), 1);
        let stats = client.stats();
        assert_eq!((stats.retries, stats.errors.total()), (0, 0));
        let error = client.query(statement(false), ()).await.unwrap_err();
        assert_eq!(error.server().unwrap().code, ErrorCode::WRITE_TIMEOUT);
    });
}

const DELAY: Duration = Duration::from_millis(40);

fn speculating(max: u32) -> impl FnOnce(Config) -> Config {
    let policy = ConstantSpeculation::new(max, DELAY);
    let profile = Profile::new().with_speculation(Arc::new(policy));
    move |config| {
        config
            .with_profile(profile)
            .with_request_timeout(Duration::from_secs(1))
    }
}

/// The first request to arrive is never answered.
fn silent_once(n: usize) -> Reply {
    if n == 0 {
        Reply::Nothing
    } else {
        Reply::Send(ints(&[7], None))
    }
}

#[test]
fn another_node_is_asked_while_the_first_is_silent() {
    run(async {
        let (client, arrivals) = client(speculating(1), silent_once).await;
        let began = Instant::now();
        client.query(statement(true), ()).await.unwrap();
        let took = began.elapsed();
        assert!(took >= DELAY && took < DELAY * 2, "{took:?}");
        let arrived = arrived(&arrivals);
        assert_eq!(arrived.len(), 2);
        assert_eq!(nodes(&arrived).len(), 2, "{arrived:?}");
        assert_eq!(arrived[0].timestamp, arrived[1].timestamp);
        let stats = client.stats();
        assert_eq!((stats.speculative_started, stats.speculative_won), (1, 1));
        assert_eq!((stats.requests, stats.retries), (1, 0));
        assert_eq!(stats.orphans, 1, "the first answer may still come");
    });
}

#[test]
fn no_more_nodes_are_asked_than_the_policy_allows() {
    run(async {
        for max in [0, 1, 2] {
            let (client, arrivals) = client(speculating(max), |_| Reply::Nothing).await;
            let error = client.query(statement(true), ()).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Timeout, Sent::Maybe)
            );
            let arrived = arrived(&arrivals);
            assert_eq!(arrived.len(), 1 + max as usize);
            assert_eq!(nodes(&arrived).len(), arrived.len());
            assert_eq!(client.stats().speculative_started, u64::from(max));
            assert_eq!(client.stats().speculative_won, 0);
        }
    });
}

#[test]
fn a_statement_that_is_not_idempotent_is_started_once() {
    run(async {
        let (client, arrivals) = client(speculating(2), silent_once).await;
        let error = client.query(statement(false), ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(arrived(&arrivals).len(), 1);
        // Nor is one with Paxos, whatever its author says.
        let serial = statement(true).with_consistency(Consistency::Serial);
        client.query(serial, ()).await.unwrap();
        assert_eq!(arrived(&arrivals).len(), 2);
        assert_eq!(client.stats().speculative_started, 0);
    });
}

#[test]
fn a_fast_answer_needs_no_second_node() {
    run(async {
        let (client, arrivals) = client(speculating(2), |_| Reply::Send(void())).await;
        for _ in 0..10 {
            client.query(statement(true), ()).await.unwrap();
        }
        assert_eq!(arrived(&arrivals).len(), 10);
        assert_eq!(client.stats().speculative_started, 0);
    });
}

#[test]
fn a_throttle_refuses_what_is_too_much() {
    run(async {
        let throttle = Throttle::new(1).with_max_queued(0);
        let configure = |config: Config| {
            config
                .with_throttle(throttle)
                .with_request_timeout(Duration::from_secs(1))
        };
        let (client, arrivals) = client(configure, silent_once).await;
        let slow = tokio::spawn({
            let client = client.clone();
            async move { client.query("SELECT a", ()).await.map(drop) }
        });
        while arrived(&arrivals).is_empty() {
            tokio::task::yield_now().await;
        }
        let error: Error = client.query("SELECT b", ()).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Timeout, Sent::No));
        assert!(error.to_string().contains("overloaded"), "{error}");
        slow.await.unwrap().unwrap_err();
        client.query("SELECT c", ()).await.unwrap();
        assert_eq!(arrived(&arrivals).len(), 2);
        let stats = client.stats();
        assert_eq!(stats.requests, 3);
        assert_eq!(stats.latency.count(), 2, "what was not sent took no time");
        assert_eq!(stats.errors.of(ErrorKind::Timeout), 2);
    });
}

#[test]
fn a_request_leaves_one_span() {
    run(async {
        let logs = Logs::listen();
        let refused = refused_once(ErrorCode::INVALID);
        let (client, _) = client(|config| config.with_keyspace("shop"), refused).await;
        logs.take();
        client
            .query("SELECT v FROM t WHERE k = 'secret'", ())
            .await
            .unwrap_err();
        let lines = logs.take();
        let closed: Vec<_> = lines.iter().filter(|line| line.contains("close")).collect();
        assert_eq!(closed.len(), 1, "{lines:#?}");
        for field in [
            "db.query.text=SELECT v FROM t WHERE k = ?",
            "db.namespace=\"shop\"",
            "server.address=10.0.0.",
            "server.port=9042",
            "cassandra.coordinator.dc=\"dc1\"",
            "error.type=\"server\"",
            "db.response.status_code=0x2200",
        ] {
            assert!(closed[0].contains(field), "{field} in {}", closed[0]);
        }
    });
}
