//! Runs one workload and exits: for counting instructions, CPU time and allocations of a whole process. The cost of a
//! request is the difference between two counts of requests.
//!
//! ```text
//! workload serve                            an echo server; prints its address and waits for its input to close
//! workload ping-pong ADDRESS TOTAL          bare tokio, one round trip at a time
//! workload tcp ADDRESS TOTAL IN_FLIGHT      the connection machinery over TCP
//! workload machinery TOTAL IN_FLIGHT        the machinery over a peer in memory
//! ```
//!
//! Those in memory print the allocations of a request.

use std::alloc::System;
use std::io::Read;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::net::TcpStream;
use wire_benches::{echo, memory, toy};

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
        _ => panic!("see the top of workload.rs"),
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
