//! What a client says of a cluster that it cannot use.

use cql_v4::message::{Message, Request};
use cql_v4::{Config, ErrorKind};

use crate::cluster::{address, connect, own_tables};
use crate::support::server::{Call, Reply, run, void};

fn well(node: u8, call: Call) -> Reply {
    match call.request {
        Request::Query(query) => Reply::Send(own_tables(node, &query).unwrap_or_else(void)),
        _ => Reply::Send(Message::Ready),
    }
}

#[test]
fn a_datacenter_without_nodes_is_refused_with_those_that_there_are() {
    run(async {
        let config = Config::new(&address(1)).with_local_datacenter("dc7");
        let error = connect(config, well).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(
            text.contains("`dc7`") && text.ends_with("of the cluster are: dc1"),
            "{text}"
        );
    });
}
