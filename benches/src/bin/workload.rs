//! Runs one workload and exits: for counting instructions, CPU time and allocations of a whole process. The cost of a
//! request is the difference between two counts of requests.
//!
//! ```text
//! workload serve                            an echo server; prints its address and waits for its input to close
//! workload ping-pong ADDRESS TOTAL          bare tokio, one round trip at a time
//! workload tcp ADDRESS TOTAL IN_FLIGHT      the connection machinery over TCP
//! workload machinery TOTAL IN_FLIGHT        the machinery over a peer in memory
//! workload cql-execute TOTAL IN_FLIGHT      cql-v4: a prepared SELECT of one row with one blob of 100 bytes
//! workload ignite-get TOTAL IN_FLIGHT       ignite-thin: a get of a byte array of 100 bytes by an i32 key
//! ```
//!
//! Those in memory print the allocations of a request.

use std::alloc::System;
use std::io::Read;

use bytes::Bytes;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::net::TcpStream;
use wire_benches::{echo, memory, peers, toy};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The request of the published numbers: 100 bytes there and back.
const BODY: usize = 100;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    match args[..] {
        ["serve"] => {
            println!("{}", echo::serve());
            let _ = std::io::stdin().read(&mut [0]);
        }
        ["ping-pong", address, total] => {
            let address = address.parse().expect("an address");
            runtime.block_on(echo::ping_pong(address, number(total), toy::HEADER + BODY));
        }
        ["tcp", address, total, in_flight] => runtime.block_on(async {
            let stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            let handle = toy::connect(Box::new(stream));
            toy::run(&handle, number(total), number(in_flight), BODY).await;
        }),
        ["machinery", total, in_flight] => runtime.block_on(async {
            let handle = toy::connect(Box::new(memory::echo()));
            count(number(total), number(in_flight), |total, in_flight| {
                let handle = handle.clone();
                async move { toy::run(&handle, total, in_flight, BODY).await }
            })
            .await;
        }),
        ["cql-execute", total, in_flight] => runtime.block_on(async {
            let client =
                cql_v4::Client::connect_over(cql_v4::Config::new("memory"), peers::cassandra);
            let client = client.await.expect("a connection");
            let select = client
                .prepare("SELECT c FROM k.t WHERE c = ?")
                .await
                .expect("a statement");
            count(number(total), number(in_flight), |total, in_flight| {
                let (client, select) = (client.clone(), select.clone());
                spread(total, in_flight, move || {
                    let (client, select) = (client.clone(), select.clone());
                    async move { cql_execute(&client, &select).await }
                })
            })
            .await;
        }),
        ["ignite-get", total, in_flight] => runtime.block_on(async {
            let client = ignite_thin::Client::connect_over(
                ignite_thin::Config::new("memory"),
                peers::ignite,
            );
            let cache = client.await.expect("a connection").cache("bench");
            count(number(total), number(in_flight), |total, in_flight| {
                let cache = cache.clone();
                spread(total, in_flight, move || {
                    let cache = cache.clone();
                    async move { ignite_get(&cache).await }
                })
            })
            .await;
        }),
        _ => panic!("see the top of workload.rs"),
    }
}

async fn cql_execute(client: &cql_v4::Client, select: &cql_v4::Prepared) {
    let result = client
        .execute(select, (&[9_u8; 16][..],))
        .await
        .expect("an answer");
    let rows = result.rows().expect("rows");
    for row in rows.typed::<(&[u8],)>().expect("a blob") {
        assert_eq!(row.expect("a row").0.len(), peers::VALUE);
    }
}

async fn ignite_get(cache: &ignite_thin::Cache) {
    let value: Option<Bytes> = cache.get(&7_i32).await.expect("an answer");
    assert_eq!(value.map(|value| value.len()), Some(peers::VALUE));
}

/// Runs `request` `total` times, `in_flight` at a time.
async fn spread<F>(
    total: usize,
    in_flight: usize,
    request: impl Fn() -> F + Clone + Send + Sync + 'static,
) where
    F: Future<Output = ()> + Send,
{
    let tasks: Vec<_> = (0..in_flight)
        .map(|_| {
            let request = request.clone();
            tokio::spawn(async move {
                for _ in 0..total / in_flight {
                    request().await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a task");
    }
}

/// Runs a workload, after a short one that fills its caches, and prints what it allocates.
async fn count<F: Future<Output = ()>>(
    total: usize,
    in_flight: usize,
    run: impl Fn(usize, usize) -> F,
) {
    run(in_flight * 10, in_flight).await;
    let region = Region::new(ALLOCATOR);
    run(total, in_flight).await;
    let stats = region.change();
    let allocations = stats.allocations + stats.reallocations;
    println!("{}", allocations as f64 / total as f64);
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}
