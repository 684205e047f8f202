//! Places of the throttle, and pages that are read slowly.

use cql_v4::Client;
use cql_v4::message::Request;
use cql_v4::policy::Throttle;

use crate::support::server::{Reply, config, ints, run, serve, void};

#[test]
fn a_page_that_nobody_reads_holds_no_place_of_the_throttle() {
    run(async {
        let open = serve(4_096, |call| match &call.request {
            Request::Query(query) if query.text.starts_with("SELECT") => {
                let next = query.params.paging_state.is_none().then_some(&b"2"[..]);
                Reply::Send(ints(&[1, 2], next))
            }
            _ => Reply::Send(void()),
        });
        let config = config().with_throttle(Throttle::new(1));
        let client = Client::connect_over(config, open).await.unwrap();
        let mut rows = client
            .query_stream::<(i32,), _>("SELECT v FROM t", ())
            .unwrap();
        let mut seen = 0;
        while rows.try_next().await.unwrap().is_some() {
            client
                .query("INSERT INTO u (v) VALUES (1)", ())
                .await
                .unwrap();
            seen += 1;
        }
        assert_eq!(seen, 4);
    });
}
