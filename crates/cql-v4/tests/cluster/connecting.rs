//! The time that connecting takes, whatever the nodes do or leave out.

use std::time::Duration;

use bytes::Bytes;
use cql_v4::message::{Column, Message, Request, ResultMessage, RowsMessage};
use cql_v4::schema::SchemaFilter;
use cql_v4::types::DataType;
use cql_v4::{Config, ErrorKind, Sent};
use tokio::time::Instant;

use crate::discovery::addresses;
use crate::health::up;
use crate::support::cluster::{Cluster, Reply, SECOND, settle};
use crate::support::server::run;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Clocks tick in milliseconds, and some of them follow each other.
const AT_MOST: Duration = Duration::from_millis(3_100);

fn config() -> Config {
    Config::new("127.0.0.1")
        .with_host("127.0.0.2")
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_schema(SchemaFilter::new())
}

/// All nodes answer until they are asked for this, which none of them ever answers.
#[test]
fn connecting_ends_in_time_where_the_nodes_fall_silent() {
    for table in [
        "* FROM system.local",
        "system.peers_v2",
        "replication FROM system_schema.keyspaces",
        "system_schema.tables",
        "system_schema.columns",
    ] {
        run(async {
            let cluster = Cluster::of_three();
            cluster.on(move |ask| ask.text().contains(table).then_some(Reply::Nothing));
            let began = Instant::now();
            let error = cluster.connect(config()).await.unwrap_err();
            assert!(began.elapsed() <= AT_MOST, "{table}: {:?}", began.elapsed());
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Timeout, Sent::No),
                "{table}"
            );
            let text = error.to_string();
            assert!(
                text.contains("127.0.0.2:9042") && text.contains("read"),
                "{text}"
            );
            settle().await;
            let open: usize = (0..3).map(|node| cluster.open_to(node)).sum();
            assert_eq!(open, 0, "{table}");
        });
    }
}

/// Each answer takes long, none too long, and all of them together longer than there is time.
#[test]
fn connecting_ends_in_time_where_each_answer_takes_long() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.set_latency(SECOND);
        let began = Instant::now();
        let error = cluster.connect(config()).await.unwrap_err();
        assert!(began.elapsed() <= AT_MOST, "{:?}", began.elapsed());
        assert_eq!(error.kind(), ErrorKind::Timeout);
    });
}

#[test]
fn nodes_that_accept_and_say_nothing_do_not_outlast_the_connect_timeout() {
    run(async {
        let cluster = Cluster::of_three();
        for node in 0..3 {
            cluster.silence(node, true);
        }
        let began = Instant::now();
        let error = cluster.connect(config()).await.unwrap_err();
        assert!(began.elapsed() <= AT_MOST, "{:?}", began.elapsed());
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Timeout, Sent::No));
    });
}

/// The node that is asked answers, others of the cluster do not: they may come later.
#[test]
fn nodes_that_were_found_and_say_nothing_are_not_waited_for_beyond_the_connect_timeout() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.silence(2, true);
        let began = Instant::now();
        let client = cluster.connect(config()).await.unwrap();
        assert!(began.elapsed() <= AT_MOST, "{:?}", began.elapsed());
        assert_eq!(up(&client), [true, true, false]);
    });
}

/// The first contact point says nothing once it was connected to; the second has time enough for all there is to read.
#[test]
fn a_contact_point_that_falls_silent_leaves_time_for_the_next() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.on(|ask| {
            let silent = ask.node == 0 && ask.text().contains("system_schema.tables");
            silent.then_some(Reply::Nothing)
        });
        let began = Instant::now();
        let client = cluster.connect(config()).await.unwrap();
        assert!(began.elapsed() <= AT_MOST, "{:?}", began.elapsed());
        assert_eq!(cluster.control(), Some(1));
        assert_eq!(addresses(&client).len(), 3);
    });
}

#[test]
fn a_node_that_lists_more_nodes_than_there_can_be_is_refused() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.on(|ask| {
            let is_of_peers =
                matches!(&ask.request, Request::Query(q) if q.text.contains("* FROM system.peers"));
            is_of_peers.then(|| {
                let columns = vec![Column::new(
                    "system",
                    "peers_v2",
                    "peer_port",
                    DataType::Int,
                )];
                let cell = Some(Bytes::from_static(&[0, 0, 27, 88]));
                let rows = vec![vec![cell]; 10_001];
                let page = RowsMessage::new(columns, &rows, None).unwrap();
                Reply::Send(Message::Result(ResultMessage::Rows(page)))
            })
        });
        let error = cluster.connect(config()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        assert!(error.to_string().contains("10000"), "{error}");
    });
}
