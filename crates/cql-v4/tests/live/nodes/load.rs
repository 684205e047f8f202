//! Requests that go on while nodes come and go, and what became of each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cql_v4::{Client, Consistency, Error, ErrorKind, Prepared, Sent};
use tokio::task::JoinSet;

use super::eventually;

/// Tasks that write and read.
const TASKS: usize = 16;
/// Between two rows of a task: nodes that start need some of the processor, too.
const PACE: Duration = Duration::from_millis(20);

/// Writes rows of the table `t`, each key once, and reads each that was acknowledged.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    tasks: JoinSet<Tally>,
}

/// What became of the requests.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) acknowledged: Vec<i32>,
    /// Writes that failed, by key.
    pub(super) failed: BTreeMap<i32, Error>,
    pub(super) reads: usize,
    pub(super) failed_reads: Vec<Error>,
    pub(super) slowest: Duration,
}

struct Worker {
    client: Client,
    insert: Prepared,
    select: Prepared,
    tally: Tally,
}

impl Load {
    /// Begins with it. Reads are always idempotent.
    pub(super) async fn start(client: &Client, idempotent: bool) -> Self {
        let quorum = |text: &str, idempotent| {
            cql_v4::Statement::new(text)
                .with_consistency(Consistency::Quorum)
                .with_idempotent(idempotent)
        };
        let insert = quorum("INSERT INTO t (k, v) VALUES (?, ?)", idempotent);
        let insert = client.prepare(insert).await.unwrap();
        let select = quorum("SELECT v FROM t WHERE k = ?", true);
        let select = client.prepare(select).await.unwrap();
        let (stop, done) = (Arc::default(), Arc::default());
        let next = Arc::new(AtomicI32::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            let worker = Worker {
                client: client.clone(),
                insert: insert.clone(),
                select: select.clone(),
                tally: Tally::default(),
            };
            tasks.spawn(worker.run(Arc::clone(&stop), Arc::clone(&done), Arc::clone(&next)));
        }
        let load = Self { stop, done, tasks };
        load.goes_on(200).await;
        load
    }

    /// Until `requests` more of it were answered: proof that it is not stuck.
    pub(super) async fn goes_on(&self, requests: usize) {
        let before = self.done.load(Ordering::Relaxed);
        eventually("requests are answered", super::SOON, async || {
            let now = self.done.load(Ordering::Relaxed) - before;
            if now >= requests {
                Ok(())
            } else {
                Err(format!("{now} were"))
            }
        })
        .await;
    }

    pub(super) async fn end(mut self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        let mut sum = Tally::default();
        while let Some(tally) = self.tasks.join_next().await {
            let tally = tally.unwrap();
            sum.acknowledged.extend(tally.acknowledged);
            sum.failed.extend(tally.failed);
            sum.reads += tally.reads;
            sum.failed_reads.extend(tally.failed_reads);
            sum.slowest = sum.slowest.max(tally.slowest);
        }
        sum
    }
}

impl Worker {
    async fn run(
        mut self,
        stop: Arc<AtomicBool>,
        done: Arc<AtomicUsize>,
        next: Arc<AtomicI32>,
    ) -> Tally {
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !stop.load(Ordering::Relaxed) {
            pace.tick().await;
            let key = next.fetch_add(1, Ordering::Relaxed);
            let began = Instant::now();
            match self.client.execute(&self.insert, (key, key)).await {
                Ok(_) => {
                    self.tally.acknowledged.push(key);
                    self.read(key).await;
                }
                Err(error) => drop(self.tally.failed.insert(key, error)),
            }
            self.tally.slowest = self.tally.slowest.max(began.elapsed());
            done.fetch_add(1, Ordering::Relaxed);
        }
        self.tally
    }

    async fn read(&mut self, key: i32) {
        self.tally.reads += 1;
        match self.client.execute(&self.select, (key,)).await {
            Ok(result) => {
                let found = result.first::<(i32,)>().unwrap();
                assert_eq!(found, Some((key,)), "an acknowledged write is not there");
            }
            Err(error) => self.tally.failed_reads.push(error),
        }
    }
}

impl Tally {
    pub(super) fn requests(&self) -> usize {
        self.acknowledged.len() + self.failed.len() + self.reads
    }

    pub(super) fn errors(&self) -> usize {
        self.failed.len() + self.failed_reads.len()
    }

    /// For the log of the run.
    pub(super) fn show(&self, name: &str) {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for error in self.failed.values().chain(&self.failed_reads) {
            *kinds
                .entry(format!("{:?}, sent: {:?}", error.kind(), error.sent()))
                .or_default() += 1;
        }
        println!(
            "{name}: {} requests, {} errors {kinds:?}, slowest {:?}",
            self.requests(),
            self.errors(),
            self.slowest
        );
        for error in self.failed.values().chain(&self.failed_reads).take(5) {
            println!("  {error}");
        }
    }

    /// What was acknowledged is there, and what is said not to have been sent is not. To be asked of a whole cluster.
    pub(super) async fn is_truthful(&self, client: &Client) {
        let select = cql_v4::Statement::new("SELECT v FROM t WHERE k = ?")
            .with_consistency(Consistency::Quorum)
            .with_idempotent(true);
        let select = &client.prepare(select).await.unwrap();
        let read = async |key: i32| {
            let result = client.execute(select, (key,)).await.unwrap();
            result.first::<(i32,)>().unwrap()
        };
        for keys in self.acknowledged.chunks(256) {
            let mut reading = JoinSet::new();
            for &key in keys {
                let (client, select) = (client.clone(), select.clone());
                reading.spawn(async move {
                    let result = client.execute(&select, (key,)).await.unwrap();
                    assert_eq!(result.first::<(i32,)>().unwrap(), Some((key,)));
                });
            }
            reading.join_all().await;
        }
        for (&key, error) in &self.failed {
            match error.sent() {
                Sent::No => assert_eq!(
                    read(key).await,
                    None,
                    "{key} was sent all the same: {error}"
                ),
                _ => assert!(
                    matches!(
                        error.kind(),
                        ErrorKind::Io | ErrorKind::Closed | ErrorKind::Timeout | ErrorKind::Server
                    ),
                    "{error}"
                ),
            }
        }
    }
}
