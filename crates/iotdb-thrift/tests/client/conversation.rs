//! What goes well.

use std::time::Duration;

use iotdb_thrift::tablet::Record;
use iotdb_thrift::{ErrorKind, Generation, Sent, Value};
use wire_testkit::{ChoppedIo, Chops, block_on};

use crate::server::{Model, PAGE_ROWS, PROTOCOLS, canary, config, some_tablet, values};

#[test]
fn from_login_to_logout_in_both_protocols() {
    for protocol in PROTOCOLS {
        block_on(async {
            let model = Model::new("2.0.10");
            let client = model
                .client(config().with_protocol(protocol).with_time_zone("+08:00"))
                .await
                .unwrap();
            let server = client.server().unwrap();
            assert_eq!(
                (server.version(), server.generation()),
                ("2.0.10", Generation::V2)
            );
            let login = model.state.lock().unwrap().logins[0].clone();
            assert_eq!(
                (login.zone_id.as_str(), login.username.as_str()),
                ("+08:00", "alice")
            );

            let tablet = some_tablet(20).aligned(true);
            client.insert_tablet(&tablet).await.unwrap();
            assert_eq!(model.state.lock().unwrap().tablets, [tablet]);
            let rows = client.query("pages 3").await.unwrap();
            assert_eq!(rows.len(), 3 * usize::try_from(PAGE_ROWS).unwrap());
            assert_eq!(values(&rows)[4], [Value::Timestamp(201), Value::Int64(201)]);
            client.ping().await.unwrap();
            client.close().await;
            assert!(client.is_closed());
            let error = client.ping().await.unwrap_err();
            assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, Sent::No));

            let expected = [
                "getProperties",
                "openSession",
                "requestStatementId",
                "insertTablet",
                "executeQueryStatementV2",
                "fetchResultsV2",
                "fetchResultsV2",
                "fetchResultsV2",
                "getTimeZone",
                "closeSession",
            ];
            assert_eq!(model.log(), expected);
        });
    }
}

#[test]
fn a_large_tablet_arrives_as_it_was() {
    for protocol in PROTOCOLS {
        block_on(async {
            let model = Model::new("2.0.10");
            let client = model
                .client(config().with_protocol(protocol))
                .await
                .unwrap();
            let tablet = some_tablet(20_000);
            assert!(tablet.encoded_len() > 300_000);
            client.insert_tablet(&tablet).await.unwrap();
            assert_eq!(model.state.lock().unwrap().tablets, [tablet]);
            canary(&client, 1).await;
        });
    }
}

#[test]
fn servers_before_1_0_are_spoken_to_in_their_methods() {
    block_on(async {
        let model = Model::new("0.13.5");
        let client = model.client(config()).await.unwrap();
        let rows = client.query("pages 2").await.unwrap();
        assert_eq!(values(&rows)[3], [Value::Timestamp(100), Value::Int64(100)]);
        assert_eq!(model.open_queries(), 0);
        assert_eq!(model.count("fetchResults"), 2);
        let error = client.execute("fail").await.unwrap_err();
        assert_eq!(
            error.server().unwrap().name(),
            "PARTITION_NOT_READY",
            "700 is judged by generation"
        );
        let login = model.state.lock().unwrap().logins[0].clone();
        assert_eq!(login.configuration.unwrap()["version"], "V_0_13");
    });
}

#[test]
fn a_server_that_hides_its_version_is_tried_from_the_newest_on() {
    block_on(async {
        let model = std::sync::Arc::new(Model {
            version: "0.13.5",
            shy: true,
            ..Model::default()
        });
        let client = model.client(config()).await.unwrap();
        assert_eq!(client.server().unwrap().generation(), Generation::V0_13);
        assert_eq!(model.connections(), 2, "the second with V_0_13");
        canary(&client, 1).await;
    });
}

#[test]
fn rows_stream_page_by_page_and_the_next_is_asked_for_when_it_is_needed() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let stream = client.query_stream("pages 3").await.unwrap();
        let mut stream = stream.typed::<(i64, i64)>().unwrap();
        let mut rows = Vec::new();
        for expected_fetches in [0, 0, 0, 1, 1, 1, 2, 2, 2] {
            let (time, value) = stream.try_next().await.unwrap().unwrap();
            assert_eq!(time, value);
            rows.push(time);
            assert_eq!(model.count("fetchResultsV2"), expected_fetches);
        }
        assert_eq!(rows, [0, 1, 2, 200, 201, 202, 100, 101, 102]);
        assert_eq!(stream.try_next().await.unwrap(), None);
        assert_eq!(
            stream.try_next().await.unwrap(),
            None,
            "the end stays the end"
        );
        assert_eq!(
            (model.open_queries(), model.count("closeOperation")),
            (0, 0)
        );

        let mut stream = client.query_stream("pages 2").await.unwrap();
        assert_eq!(stream.columns()[1].name(), "value");
        let block = stream.next_block().await.unwrap().unwrap();
        let sum = block
            .values::<i64>(1)
            .unwrap()
            .sum::<Result<i64, _>>()
            .unwrap();
        assert_eq!(sum, 3);
    });
}

#[test]
fn a_dropped_stream_closes_its_query_in_the_background() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        for rows in [0, 2, 3, 4] {
            let mut stream = client.query_stream("pages 9").await.unwrap();
            for _ in 0..rows {
                stream.try_next().await.unwrap().unwrap();
            }
            drop(stream);
            // The first lets the background task have its turn, the second stands behind its request.
            canary(&client, rows).await;
            canary(&client, rows).await;
            assert_eq!(model.open_queries(), 0);
        }
        // A statement whose rows nobody wanted.
        client.execute("pages 9").await.unwrap();
        canary(&client, 9).await;
        canary(&client, 9).await;
        assert_eq!(
            (model.open_queries(), model.count("closeOperation")),
            (0, 5)
        );
        // The wrong type closes it as well.
        let stream = client.query_stream("pages 9").await.unwrap();
        let error = stream.typed::<(i64, bool)>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "column value has type INT64, which does not become bool"
        );
        canary(&client, 10).await;
        canary(&client, 10).await;
        assert_eq!(model.open_queries(), 0);
    });
}

#[test]
fn records_are_written_and_those_that_fail_are_named() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let record = |device: &str| {
            Record::new(device, 1)
                .with("n", 1)
                .with("none", None::<i32>)
        };
        client.insert_record(&record("root.a.d")).await.unwrap();
        client
            .insert_records(&[record("root.a.d"), record("root.b.d")])
            .await
            .unwrap();
        client.insert_records(&[]).await.unwrap();
        assert_eq!(model.state.lock().unwrap().records, 3);
        let error = client
            .insert_records(&[record("root.a.d"), record("root.bad.d")])
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "insertRecords of 2 records (the first is of root.a.d): 302 MULTIPLE_ERROR: status 302; \
             part 1: 507 METADATA_ERROR: status 507"
        );
        assert_eq!(error.server().unwrap().parts()[0].index(), Some(1));
    });
}

#[test]
fn many_requests_at_once_each_get_their_own_answer() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let tasks: Vec<_> = (0..200)
            .map(|token| {
                let client = client.clone();
                tokio::spawn(async move { canary(&client, token).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!((model.connections(), client.load()), (1, Some((0, 0, 0))));
    });
}

#[test]
fn pieces_of_any_size_make_no_difference() {
    for chops in [
        Chops::every(1),
        Chops::every(1).pending(),
        Chops::cycle([7, 1, 3]).pending(),
    ] {
        block_on(async {
            let model = Model::new("2.0.10");
            let served = std::sync::Arc::clone(&model);
            let io = move || ChoppedIo::new(served.dial(), chops.clone(), chops.clone());
            let client = iotdb_thrift::Client::connect_over(config(), io)
                .await
                .unwrap();
            client.insert_tablet(&some_tablet(50)).await.unwrap();
            let rows = client.query("pages 3").await.unwrap();
            assert_eq!(rows.len(), 9);
            canary(&client, 1).await;
            client.close().await;
        });
    }
}

#[test]
fn after_the_last_handle_the_connection_ends() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let stream = client.query_stream("pages 2").await.unwrap();
        drop(client);
        let mut stream = stream;
        // The stream keeps the connection.
        while stream.try_next().await.unwrap().is_some() {}
        drop(stream);
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(
            std::sync::Arc::strong_count(&model),
            1,
            "the server's end of the connection is gone"
        );
    });
}
