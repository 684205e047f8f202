//! Runs one workload of the connection machinery and exits: for counting instructions, CPU time and allocations of a
//! whole process. Costs per request come from the difference between two counts of requests.
//!
//! ```text
//! machinery serve                            an echo server; prints its address and waits for its input to close
//! machinery ping-pong ADDRESS TOTAL          bare tokio, one round trip at a time
//! machinery tcp ADDRESS TOTAL IN_FLIGHT      the machinery over TCP
//! machinery memory TOTAL IN_FLIGHT           the machinery over an echo in memory; prints allocations per request
//! ```

use std::alloc::System;
use std::io::Read;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::net::TcpStream;
use wire_benches::{echo, toy};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The request of the published numbers: 100 bytes there and back.
const BODY: usize = 100;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
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
        ["memory", total, in_flight] => runtime.block_on(async {
            let (total, in_flight) = (number(total), number(in_flight));
            let handle = toy::connect(Box::<toy::Mirror>::default());
            toy::run(&handle, in_flight * 10, in_flight, BODY).await;
            let region = Region::new(ALLOCATOR);
            toy::run(&handle, total, in_flight, BODY).await;
            let stats = region.change();
            let allocations = stats.allocations + stats.reallocations;
            println!("{:.4} allocations per request", allocations as f64 / total as f64);
        }),
        _ => panic!("see the top of machinery.rs"),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}
