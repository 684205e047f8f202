//! Work of many kinds for as long as one likes, on three nodes that are paused, killed and stopped all the time. Run by
//! `cargo xtask soak cassandra`.

mod count;
mod history;
mod watch;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cql_v4::types::Raw;
use cql_v4::{Client, Config, Consistency, Statement, Version};
use tokio::task::JoinSet;
use wire_testkit::{Paused, kill, terminate};

use self::count::Count;
use self::history::{Random, Registers};
use self::watch::{Held, Watch};
use self::work::{KEYS, Kind, STILL, Worker};
use super::{SOON, addresses, eventually, is_gone, pid, whole};
use crate::{run, variable};

/// Of every request.
const DEADLINE: Duration = Duration::from_secs(30);

/// Workers of each kind on each client.
const WORKERS: usize = 2;

/// Statements that are prepared on other nodes in the background, each on a task of its own.
const TASKS_SLACK: u64 = 256;

/// The shortest run that has time for a fault.
const LEAST: Duration = Duration::from_secs(60);

/// What all workers have in common.
struct Shared {
    seed: u64,
    workers: i32,
    is_over: AtomicBool,
    counts: Vec<Count>,
    rows: Registers,
    large: Registers,
    batches: Registers,
}

impl Shared {
    fn new(seed: u64, workers: i32) -> Arc<Self> {
        let registers = || Registers::new(usize::try_from(workers * KEYS).unwrap());
        Arc::new(Self {
            seed,
            workers,
            is_over: AtomicBool::new(false),
            counts: Kind::ALL.map(|_| Count::default()).into(),
            rows: registers(),
            large: registers(),
            batches: registers(),
        })
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn count(&self, kind: Kind) -> &Count {
        let place = Kind::ALL.iter().position(|known| *known == kind);
        &self.counts[place.unwrap()]
    }

    /// Until a few more requests of each kind were answered: proof that none is stuck.
    async fn goes_on(&self) {
        let before: Vec<u64> = self.counts.iter().map(Count::done).collect();
        eventually("all kinds of work go on", SOON, async || {
            let stuck = Kind::ALL.iter().zip(&self.counts).zip(&before);
            let stuck = stuck.filter(|((_, count), before)| count.done() < **before + 3);
            let stuck: Vec<Kind> = stuck.map(|((kind, _), _)| *kind).collect();
            if stuck.is_empty() {
                Ok(())
            } else {
                Err(format!("{stuck:?}"))
            }
        })
        .await;
    }
}

#[ignore = "for hours, if one likes: cargo xtask soak cassandra"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_with_faults() {
    let number = |name: &str| variable(name).parse::<u64>().unwrap();
    let time = Duration::from_secs(number("WIRE_TEST_CASSANDRA_SOAK_SECONDS")).max(LEAST);
    let seed = number("WIRE_TEST_CASSANDRA_SOAK_SEED");
    println!("{time:?} with the seed {seed}");
    let config = whole().await.with_request_timeout(DEADLINE);
    let kinds = i32::try_from(Kind::ALL.len() * WORKERS * 2).unwrap();
    tables(&config, kinds).await;
    let before = Held::now();
    let clients = clients(config.with_keyspace("soak")).await;
    let shared = Shared::new(seed, kinds);
    let mut workers = JoinSet::new();
    for (number, (client, kind)) in (0..).zip(each_kind(&clients)) {
        workers.spawn(Worker::new(kind, number, client, &shared).await.run());
    }
    let watch = Watch::new(time);
    let trouble = async {
        shared.goes_on().await;
        let well = Held::now();
        faults(&shared, time).await;
        well
    };
    let well = tokio::select! {
        well = trouble => well,
        () = watch.run() => unreachable!("it has no end"),
        ended = workers.join_next() => panic!("a worker has ended: {:?}", ended.unwrap().map(drop)),
    };
    shared.is_over.store(true, Ordering::Relaxed);
    let mut workers = workers.join_all().await;
    for worker in &mut workers {
        worker.is_truthful().await;
    }
    drop(workers);
    is_truthful(&shared, &clients[0]).await;
    let mut breaches = watch.breaches(well);
    show(&shared, &clients, &watch, well);
    for (kind, count) in Kind::ALL.iter().zip(&shared.counts) {
        breaches.extend(count.breach().map(|breach| format!("{kind:?}: {breach}")));
    }
    leave_nothing(clients, before).await;
    assert!(breaches.is_empty(), "{breaches:#?}");
}

/// Each kind of work on each client.
fn each_kind(clients: &[Client; 2]) -> impl Iterator<Item = (&Client, Kind)> {
    let of_client = |client| Kind::ALL.into_iter().map(move |kind| (client, kind));
    (0..WORKERS).flat_map(move |_| clients.iter().flat_map(of_client))
}

/// One as it is by default; one with a newer protocol, compression, quick heartbeats, and room for few statements.
async fn clients(config: Config) -> [Client; 2] {
    let second = Duration::from_secs(1);
    let other = config
        .clone()
        .with_protocol(Version::V5)
        .with_prepared_statements(100)
        .with_heartbeat(second, second);
    #[cfg(feature = "lz4")]
    let other = other.with_compression(cql_v4::Compression::Lz4);
    [
        Client::connect(config).await.unwrap(),
        Client::connect(other).await.unwrap(),
    ]
}

async fn tables(config: &Config, workers: i32) {
    let client = Client::connect(config.clone()).await.unwrap();
    run(&client, "DROP KEYSPACE IF EXISTS soak").await;
    for text in [
        "CREATE KEYSPACE soak WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}",
        "CREATE TABLE soak.t (k int PRIMARY KEY, v bigint)",
        "CREATE TABLE soak.l (k int PRIMARY KEY, v blob)",
        "CREATE TABLE soak.b (p int, c int, v bigint, PRIMARY KEY (p, c))",
        "CREATE TABLE soak.n (k int PRIMARY KEY, c counter)",
        "CREATE TABLE soak.c (k int PRIMARY KEY, v bigint)",
        "CREATE TABLE soak.s (p int, c int, PRIMARY KEY (p, c))",
    ] {
        run(&client, text).await;
    }
    let all = |text: String| Statement::new(text).with_consistency(Consistency::All);
    for worker in 0..workers {
        let text = format!("INSERT INTO soak.c (k, v) VALUES ({worker}, 0) IF NOT EXISTS");
        client.query(all(text), ()).await.unwrap();
    }
    let still = all("INSERT INTO soak.s (p, c) VALUES (?, ?)".to_owned());
    let still = client.prepare(still).await.unwrap();
    for p in 0..STILL.0 {
        for c in 0..STILL.1 {
            client.execute(&still, (p, c)).await.unwrap();
        }
    }
    client.close().await;
}

/// Something happens to one node after the other until the time is over; the cluster is whole again at the end.
async fn faults(shared: &Shared, time: Duration) {
    let end = Instant::now() + time;
    let mut random = Random::new(shared.seed);
    loop {
        tokio::time::sleep(Duration::from_secs(3 + random.below(10))).await;
        let nodes = addresses();
        let node = nodes[usize::try_from(random.below(3)).unwrap()];
        let pause = Duration::from_secs(1 + random.below(20));
        let began = Instant::now();
        let what = match random.below(4) {
            0 => hang(shared, node, Duration::from_secs(1)).await,
            1 => hang(shared, node, pause).await,
            2 => end_of(shared, node, kill, pause).await,
            _ => end_of(shared, node, terminate, pause).await,
        };
        whole().await;
        shared.goes_on().await;
        println!(
            "{node} {what}, whole again after {:.0?}; {}",
            began.elapsed(),
            Held::now()
        );
        if Instant::now() > end {
            return;
        }
    }
}

async fn hang(shared: &Shared, node: SocketAddr, pause: Duration) -> String {
    let paused = Paused::new(pid(node.ip()));
    tokio::time::sleep(pause).await;
    shared.goes_on().await;
    drop(paused);
    format!("paused for {pause:?} and more")
}

async fn end_of(shared: &Shared, node: SocketAddr, how: fn(u32), pause: Duration) -> String {
    how(pid(node.ip()));
    eventually("the process has ended", SOON, async || {
        is_gone(node.ip()).then_some(()).ok_or_else(String::new)
    })
    .await;
    tokio::time::sleep(pause).await;
    shared.goes_on().await;
    let how = if std::ptr::fn_addr_eq(how, kill as fn(u32)) {
        "killed"
    } else {
        "stopped"
    };
    format!("{how} for {pause:?} and more")
}

/// What was acknowledged is there, read from the whole cluster.
async fn is_truthful(shared: &Shared, client: &Client) {
    for (registers, text) in [
        (&shared.rows, "SELECT v FROM t WHERE k = ?"),
        (&shared.large, "SELECT v FROM l WHERE k = ?"),
        (&shared.batches, "SELECT v FROM b WHERE p = ?"),
    ] {
        let read = Statement::new(text).with_consistency(Consistency::Quorum);
        let read = client.prepare(read.with_idempotent(true)).await.unwrap();
        for key in registers.keys() {
            let result = client.execute(&read, (key,)).await.unwrap();
            // A number, alone or many times.
            let seen = result.first::<(Raw,)>().unwrap();
            let seen = seen.map(|(raw,)| i64::from_be_bytes(*raw.0.first_chunk().unwrap()));
            registers.check("at the end", key, registers.floor(key), seen);
        }
    }
}

fn show(shared: &Shared, clients: &[Client; 2], watch: &Watch, well: Held) {
    for (kind, count) in Kind::ALL.iter().zip(&shared.counts) {
        println!("{kind:?}: {count}");
    }
    for client in clients {
        println!("{:?}", client.stats());
    }
    let [first, second] = watch.halves();
    println!(
        "held when all was well: {well}\n  at most, first half: {first}\n  at most, second half: {second}"
    );
}

/// A client that is closed leaves no task and no connection.
async fn leave_nothing(clients: [Client; 2], before: Held) {
    for client in clients {
        eventually("nothing is under way", SOON, async || match client.load() {
            (0, 0, 0) => Ok(()),
            load => Err(format!("{load:?}")),
        })
        .await;
        client.close().await;
    }
    eventually("nothing is left", SOON, async || {
        let now = Held::now();
        let is_less = now.tasks <= before.tasks && now.descriptors <= before.descriptors;
        is_less
            .then_some(())
            .ok_or_else(|| format!("{now}; before: {before}"))
    })
    .await;
}
