//! What callers were told, beside what the servers did: the two must agree.
//!
//! Each request carries a number of its own, which the server counts when it carries the request out, and sends back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cql_v4::{Client, Error, Sent, Statement};
use tokio::time::Instant;

/// For each request.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);
/// How much later than its deadline a call may return.
const SLACK: Duration = Duration::from_millis(100);
/// The statement of all requests: anything that is not one of the client's own.
const TEXT: &str = "SELECT v FROM ks.t WHERE k = ?";

#[derive(Debug)]
enum Outcome {
    /// Its caller waits, or went away.
    None,
    Answered(i32),
    Failed(Sent),
}

#[derive(Debug)]
struct Call {
    idempotent: bool,
    took: Duration,
    outcome: Outcome,
    executed: u32,
}

/// All requests of a test.
#[derive(Debug, Default)]
pub(crate) struct History(Mutex<BTreeMap<i32, Call>>);

/// How many requests came to which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) answered: usize,
    pub(crate) not_sent: usize,
    pub(crate) unknown: usize,
    pub(crate) given_up: usize,
}

impl History {
    /// The server carries a request out.
    pub(crate) fn executed(&self, token: i32) {
        let mut calls = self.0.lock().unwrap();
        let call = calls.get_mut(&token);
        call.expect("a request that was made").executed += 1;
    }

    fn begin(&self, idempotent: bool) -> i32 {
        let mut calls = self.0.lock().unwrap();
        let token = i32::try_from(calls.len()).unwrap();
        let call = Call {
            idempotent,
            took: Duration::ZERO,
            outcome: Outcome::None,
            executed: 0,
        };
        calls.insert(token, call);
        token
    }

    fn end(&self, token: i32, took: Duration, result: &Result<i32, Error>) {
        let mut calls = self.0.lock().unwrap();
        let call = calls.get_mut(&token).unwrap();
        call.took = took;
        call.outcome = match result {
            Ok(value) => Outcome::Answered(*value),
            Err(error) => Outcome::Failed(error.sent()),
        };
    }

    /// Makes a request and remembers what came of it. May be dropped anywhere.
    pub(crate) async fn call(&self, client: &Client, idempotent: bool) -> Result<i32, Error> {
        let token = self.begin(idempotent);
        let statement = Statement::new(TEXT)
            .with_timeout(TIMEOUT)
            .with_idempotent(idempotent);
        let began = Instant::now();
        let answered = client.query(statement, (token,)).await;
        let result = answered.and_then(|answer| Ok(answer.first::<(i32,)>()?.expect("a row").0));
        self.end(token, began.elapsed(), &result);
        result
    }

    /// Compares both sides. Call it when nothing is under way any more.
    ///
    /// - A call returns within its deadline, and once (C1).
    /// - An answer is that of its own request (C2).
    /// - What was not sent was not carried out; what was answered was; and what is not idempotent was so at most once,
    ///   whatever its caller was told (C4).
    pub(crate) fn check(&self) -> Counts {
        let mut counts = Counts::default();
        for (token, call) in self.0.lock().unwrap().iter() {
            assert!(call.took <= TIMEOUT + SLACK, "C1: {token}: {call:?}");
            assert!(
                call.idempotent || call.executed <= 1,
                "C4: {token}: {call:?}"
            );
            match &call.outcome {
                Outcome::None => counts.given_up += 1,
                Outcome::Answered(value) => {
                    assert_eq!(value, token, "C2: {call:?}");
                    assert!(call.executed > 0, "C4: {token}: {call:?}");
                    counts.answered += 1;
                }
                Outcome::Failed(Sent::No) => {
                    assert_eq!(call.executed, 0, "C4: {token}: {call:?}");
                    counts.not_sent += 1;
                }
                Outcome::Failed(..) => counts.unknown += 1,
            }
        }
        counts
    }

    /// Has `callers` make requests for `time`, each one after the other, every fifth of them idempotent. Of a hundred,
    /// `dropped` are given up at a random moment.
    pub(crate) async fn load(
        self: &Arc<Self>,
        client: &Client,
        callers: u64,
        time: Duration,
        dropped: u8,
    ) {
        let until = Instant::now() + time;
        let tasks: Vec<_> = (0..callers)
            .map(|caller| {
                let (this, client) = (Arc::clone(self), client.clone());
                tokio::spawn(async move {
                    let mut random = fastrand::Rng::with_seed(caller);
                    while Instant::now() < until {
                        let call = this.call(&client, random.u8(..5) == 0);
                        if random.u8(..100) < dropped {
                            let moment = Duration::from_micros(random.u64(..5_000));
                            let _ = tokio::time::timeout(moment, call).await;
                        } else if call.await.is_err() {
                            // What an application would do.
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                        tokio::time::sleep(Duration::from_millis(random.u64(1..20))).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
}
