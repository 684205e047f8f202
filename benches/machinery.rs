//! Wall time of a request through the connection machinery, beside the bare round trip. For trends on a quiet machine;
//! the published numbers are instructions and CPU time, by `cargo xtask bench`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tokio::net::TcpStream;
use wire_benches::{echo, toy};

const BODY: usize = 100;
const REQUESTS: usize = 1024;

fn machinery(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let address = echo::serve();
    let mut group = c.benchmark_group("machinery");
    group.throughput(Throughput::Elements(REQUESTS as u64));
    group.bench_function("bare tokio ping-pong", |b| {
        b.to_async(&runtime)
            .iter(|| echo::ping_pong(address, REQUESTS, toy::HEADER + BODY));
    });
    for in_flight in [1, 64] {
        group.bench_function(BenchmarkId::new("tcp in flight", in_flight), |b| {
            let handle = runtime.block_on(async {
                let stream = TcpStream::connect(address).await.expect("a connection");
                stream.set_nodelay(true).expect("no delay");
                toy::connect(Box::new(stream))
            });
            b.to_async(&runtime)
                .iter(|| toy::run(&handle, REQUESTS, in_flight, BODY));
        });
    }
    group.finish();
}

criterion_group!(benches, machinery);
criterion_main!(benches);
