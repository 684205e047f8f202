//! Futures dropped wherever they can be: the next request gets its own answer, and nothing is left behind.

use std::cell::RefCell;

use iotdb_thrift::{Client, Error};
use wire_testkit::{block_on, drop_at_each_await, drop_at_each_turn};

use crate::server::{Model, canary, config, some_tablet};

/// Drops what `make` makes at each await and in each turn of the scheduler, on one connection.
fn dropped_everywhere<F>(make: impl Fn(Client) -> F)
where
    F: Future<Output = Result<(), Error>>,
{
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let check = |n: usize| {
            let client = client.clone();
            async move { canary(&client, n).await }
        };
        let (awaits, done) = drop_at_each_await(|| make(client.clone()), check).await;
        done.unwrap();
        assert!(awaits > 1, "it never waited");
        let (turns, done) = drop_at_each_turn(|| make(client.clone()), check).await;
        done.unwrap();
        assert!(turns > awaits, "{turns} turns");
        // What was given up last may still be on its way: a further question stands behind it.
        for token in 0..3 {
            canary(&client, token).await;
        }
        assert_eq!(client.load(), Some((0, 0, 0)));
        assert_eq!(model.open_queries(), 0, "{:?}", model.log());
        assert_eq!(model.connections(), 1);
    });
}

#[test]
fn a_query_of_three_pages() {
    dropped_everywhere(|client| async move { client.query("pages 3").await.map(drop) });
}

#[test]
fn a_stream_that_is_read_to_its_end() {
    dropped_everywhere(|client| async move {
        let mut stream = client.query_stream("pages 3").await?;
        while stream.try_next().await?.is_some() {}
        Ok(())
    });
}

#[test]
fn a_statement_with_a_result_that_nobody_wants() {
    dropped_everywhere(|client| async move { client.execute("pages 3").await });
}

#[test]
fn a_tablet_that_is_larger_than_the_pipe() {
    let tablet = some_tablet(5_000);
    dropped_everywhere(|client| {
        let tablet = &tablet;
        async move { client.insert_tablet(tablet).await }
    });
}

#[test]
fn a_ping() {
    dropped_everywhere(|client| async move { client.ping().await });
}

/// The stream itself stays: only waiting for a row is given up, and no row is lost.
#[test]
fn waiting_for_a_row() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let stream = client.query_stream("pages 3").await.unwrap();
        let stream = RefCell::new(stream.typed::<(i64, i64)>().unwrap());
        let mut rows = Vec::new();
        loop {
            #[expect(
                clippy::await_holding_refcell_ref,
                reason = "one task, and no other borrow meanwhile"
            )]
            let next = || async { stream.borrow_mut().try_next().await };
            let (_, row) = drop_at_each_turn(next, |_| async {}).await;
            match row.unwrap() {
                Some((time, _)) => rows.push(time),
                None => break,
            }
        }
        assert_eq!(rows, [0, 1, 2, 200, 201, 202, 100, 101, 102]);
    });
}

#[test]
fn connecting() {
    block_on(async {
        let model = Model::new("2.0.10");
        let (_, client) = drop_at_each_turn(|| model.client(config()), |_| async {}).await;
        canary(&client.unwrap(), 1).await;
    });
}

#[test]
fn closing() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = RefCell::new(model.client(config()).await.unwrap());
        let close = || {
            let client = client.borrow().clone();
            async move { client.close().await }
        };
        drop_at_each_turn(close, |_| async {}).await;
        assert!(client.borrow().is_closed());
    });
}

/// The runtime ends in the middle of everything: an error or nothing, but no panic and no hang.
#[test]
fn the_runtime_is_shut_down() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
    };
    let (client, stream, model) = {
        let first = runtime();
        let out = first.block_on(async {
            let model = Model::new("2.0.10");
            let client = model.client(config()).await.unwrap();
            let stream = client.query_stream("pages 3").await.unwrap();
            let hanging = client.clone();
            tokio::spawn(async move { hanging.execute("hang").await });
            tokio::task::yield_now().await;
            (client, stream, model)
        });
        drop(first);
        out
    };
    drop(stream);
    let error = runtime().block_on(client.query("echo 1")).map(drop);
    // The dialler spawns its server on the new runtime: the client works again, or says why not.
    if let Err(error) = error {
        assert!(!error.to_string().is_empty());
    }
    drop((client, model));
}
