//! Promises of the README that are shown nowhere else.
#![cfg(feature = "client")]

mod support;

use std::io;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use cql_v4::message::{BatchKind, Request};
use cql_v4::types::{Cell, CellWriter, DataType, Decode, Encode, Written};
use cql_v4::{Batch, Client, Error, ErrorKind, Sent};
use support::cluster::{Cluster, SECOND, Seen, pass};
use support::server::{config, echo, run, serve};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

fn batch_of(statements: usize) -> Batch {
    let mut batch = Batch::new(BatchKind::Unlogged);
    for _ in 0..statements {
        batch.add_text("INSERT", ()).unwrap();
    }
    batch
}

/// The count is two bytes on the wire (native protocol v4, §4.1.7).
#[test]
fn a_batch_of_more_than_65535_statements_is_not_sent() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let sent = |cluster: &Cluster| {
            let state = cluster.state();
            let batches = state.seen.iter().filter_map(|seen| match &seen.request {
                Request::Batch(batch) => Some(batch.statements.len()),
                _ => None,
            });
            batches.collect::<Vec<_>>()
        };
        for too_many in [65_536, 65_537, 131_072] {
            let error = client.batch(&batch_of(too_many)).await.unwrap_err();
            let told = (error.kind(), error.sent());
            assert_eq!(told, (ErrorKind::Misuse, Sent::No), "{error}");
            let text = error.to_string();
            assert!(text.contains(&too_many.to_string()), "{text}");
            assert!(text.contains("allows 65535"), "{text}");
            assert_eq!(sent(&cluster), [0; 0]);
        }
        client.batch(&batch_of(65_535)).await.unwrap();
        assert_eq!(sent(&cluster), [65_535]);
    });
}

/// A type of the application, as an int in the database.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Celsius(i32);

impl Encode for Celsius {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        self.0.encode(data_type, out)
    }
}

impl<'a> Decode<'a> for Celsius {
    fn accepts(data_type: &DataType) -> bool {
        i32::accepts(data_type)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        i32::decode(data_type, cell).map(Self)
    }
}

#[test]
fn types_of_the_application_are_written_and_read() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let select = client.prepare("SELECT v FROM ks.t WHERE k = ?").await;
        let select = select.unwrap();
        let answer = client.execute(&select, (Celsius(-40),)).await.unwrap();
        let read = answer.first::<(Celsius,)>().unwrap();
        assert_eq!(read, Some((Celsius(-40),)));
        let read = answer.first::<(Option<Celsius>,)>().unwrap();
        assert_eq!(read, Some((Some(Celsius(-40)),)));
        assert_eq!(cluster.statements().last().unwrap().1, -40);
    });
}

#[test]
fn each_node_gets_as_many_connections_as_are_configured() {
    run(async {
        let cluster = Cluster::of_three();
        let three = NonZeroU32::new(3).unwrap();
        let config = cluster.config().with_connections_per_node(three);
        let client = cluster.connect(config).await.unwrap();
        pass(SECOND).await;
        let control = cluster.control().unwrap();
        for node in 0..3 {
            let expected = 3 + usize::from(node == control);
            assert_eq!(cluster.open_to(node), expected, "node {node}");
        }
        for key in 0..90 {
            client.query("SELECT ?", (key,)).await.unwrap();
        }
        // All of them are used.
        let state = cluster.state();
        let asked = |seen: &&Seen| matches!(&seen.request, Request::Query(query) if &*query.text == "SELECT ?");
        let mut used: Vec<_> = state
            .seen
            .iter()
            .filter(asked)
            .map(|s| s.connection)
            .collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used.len(), 9);
    });
}

/// A stream that counts how often it is written to.
struct Counted {
    io: DuplexStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, into)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[test]
fn requests_that_are_made_at_once_share_a_write() {
    run(async {
        let writes = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&writes);
        let open = serve(1 << 20, echo);
        let open = move || Counted {
            io: open(),
            writes: Arc::clone(&count),
        };
        let client = Client::connect_over(config(), open).await.unwrap();
        for key in 0..10 {
            let before = writes.load(Ordering::Relaxed);
            client.query("SELECT ?", (key,)).await.unwrap();
            let alone = writes.load(Ordering::Relaxed) - before;
            assert_eq!(alone, 1, "one request is written at once");
        }
        let before = writes.load(Ordering::Relaxed);
        let tasks = (0..500).map(|key| {
            let client = client.clone();
            tokio::spawn(async move { client.query("SELECT ?", (key,)).await })
        });
        for (key, task) in (0..).zip(tasks.collect::<Vec<_>>()) {
            let answer = task.await.unwrap().unwrap();
            assert_eq!(answer.first::<(i32,)>().unwrap(), Some((key,)));
        }
        let together = writes.load(Ordering::Relaxed) - before;
        assert!(together <= 10, "{together} writes for 500 requests");
    });
}
