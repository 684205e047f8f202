//! What a user can get wrong: one clear error each, and nothing sent that should not be.

use std::sync::Arc;
use std::time::Duration;

use iotdb_thrift::tablet::{Record, Tablet, TabletColumn};
use iotdb_thrift::{Client, Config, DataType, Date, ErrorKind, Limits, Sent, Value};
use wire_testkit::{Trap, TrapKind, block_on};

use crate::server::{Model, canary, config, some_tablet};

#[test]
fn a_wrong_password_is_refused_and_not_shown() {
    block_on(async {
        let model = Model::new("2.0.10");
        let error = model
            .client(config().with_credentials("alice", "hunter2"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert_eq!(error.server().unwrap().code(), 801);
        assert!(
            error
                .to_string()
                .contains("login as alice: 801 WRONG_LOGIN_PASSWORD"),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("hunter2"));
    });
}

#[test]
fn a_refused_statement_names_itself_and_leaves_the_connection() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let error = client.query("fail me").await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Server, Sent::Yes));
        assert_eq!(
            error.to_string(),
            "executeQueryStatementV2 `fail me`: 700 SQL_PARSE_ERROR: status 700"
        );
        let error = client
            .execute("create user bob 'hunter2'")
            .await
            .unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        canary(&client, 1).await;
        assert_eq!(model.connections(), 1);
    });
}

#[test]
fn values_of_the_wrong_type_are_not_sent() {
    let mut tablet =
        Tablet::new("root.a.d", [("n", DataType::Int32), ("t", DataType::Text)]).unwrap();
    tablet.push(1, [Value::Int32(1), Value::Null]).unwrap();
    let error = tablet.push(2, [Value::Int64(1), Value::Null]).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (ErrorKind::Type, Sent::No));
    assert_eq!(
        error.to_string(),
        "tablet of root.a.d: row 1: measurement n has type INT32, but the value has type INT64"
    );
    assert!(tablet.push(2, [Value::Int32(1)]).is_err());
    assert_eq!(tablet.rows(), 1, "a row that is refused leaves no trace");

    for (device, columns) in [
        ("plant.d", vec![TabletColumn::new("n", vec![1])]),
        ("root.a.d", vec![]),
        ("root.a.d", vec![TabletColumn::new("", vec![1])]),
        (
            "root.a.d",
            vec![
                TabletColumn::new("n", vec![1]),
                TabletColumn::new("n", vec![1]),
            ],
        ),
        ("root.a.d", vec![TabletColumn::new("n", vec![1, 2])]),
    ] {
        let error = Tablet::from_columns(device, vec![1], columns).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
    }
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let before = model.log().len();
        let dates = vec![Date::from_raw(20_260_101), Date::from_raw(7)];
        let tablet = Tablet::from_columns(
            "root.a.d",
            vec![1, 2],
            vec![TabletColumn::new("day", dates)],
        )
        .unwrap();
        let error = client.insert_tablet(&tablet).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Encode, Sent::No));
        assert!(
            error
                .to_string()
                .contains("measurement day.row 1.value: 7 is not a date"),
            "{error}"
        );
        let error = client
            .insert_record(&Record::new("root.a.d", 1))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
        let mixed = [
            Record::new("root.a.d", 1).with("n", 1),
            Record::new("root.a.d", 1).with("n", 1).aligned(true),
        ];
        let error = client.insert_records(&mixed).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misuse, "{error}");
        client
            .insert_tablet(&Tablet::new("root.a.d", [("n", DataType::Int32)]).unwrap())
            .await
            .unwrap();
        assert_eq!(model.log().len(), before, "nothing was sent");
    });
}

#[test]
fn what_an_old_server_would_store_wrongly_is_not_sent() {
    block_on(async {
        let model = Model::new("0.12.1");
        let client = model.client(config()).await.unwrap();
        let before = model.log().len();
        let blob = vec![TabletColumn::new("b", vec![vec![1_u8]])];
        for (tablet, expected) in [
            (
                some_tablet(3),
                "measurement n has nulls, which a server of version 0.12.1 would store as values",
            ),
            (some_tablet(0).aligned(true), ""),
            (
                Tablet::from_columns("root.a.d", vec![1], vec![TabletColumn::new("n", vec![1])])
                    .unwrap()
                    .aligned(true),
                "does not know aligned devices",
            ),
            (
                Tablet::from_columns("root.a.d", vec![1], blob).unwrap(),
                "has type BLOB",
            ),
        ] {
            match client.insert_tablet(&tablet).await {
                Ok(()) => assert!(tablet.is_empty()),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Unsupported);
                    assert!(error.to_string().contains(expected), "{error}");
                }
            }
        }
        assert_eq!(model.log().len(), before);
    });
}

#[test]
fn requests_and_results_above_a_limit_say_which() {
    block_on(async {
        let model = Arc::new(Model {
            version: "2.0.10",
            max_frame: Some(10_000),
            ..Model::default()
        });
        let mut limits = Limits::default();
        limits.max_result_bytes = 200;
        let client = model.client(config().with_limits(limits)).await.unwrap();
        let error = client.insert_tablet(&some_tablet(1_000)).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Limit, Sent::No));
        assert!(
            error
                .to_string()
                .contains("the server accepts (thriftMaxFrameSize) 10000"),
            "{error}"
        );
        assert_eq!(model.count("insertTablet"), 0);

        client.query("pages 2").await.unwrap();
        let error = client.query("pages 9").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(
            error.to_string().contains("max_result_bytes of 200"),
            "{error}"
        );
        canary(&client, 1).await;
        assert_eq!(
            model.open_queries(),
            0,
            "a result that is too large is closed"
        );
    });
}

/// Real sockets: what listens there is something else.
#[tokio::test]
async fn a_wrong_port_is_told_apart() {
    let cql = vec![0x84, 0, 0, 0, 0, 0, 0, 0, 10];
    for (kind, expected) in [
        (TrapKind::Http, "HTTP"),
        (TrapKind::TlsAlert, "TLS"),
        (TrapKind::Answer(cql), "CQL"),
        (TrapKind::Close, "closed the connection"),
        (TrapKind::Silent, "the handshake before the connect timeout"),
    ] {
        let trap = Trap::start(kind).await;
        let config =
            Config::new(&trap.addr().to_string()).with_connect_timeout(Duration::from_millis(300));
        let error = Client::connect(config).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(expected) && text.contains("127.0.0.1"),
            "{text}"
        );
        assert!(
            matches!(
                error.kind(),
                ErrorKind::Connect | ErrorKind::Decode | ErrorKind::Limit | ErrorKind::Timeout
            ),
            "{error:?}"
        );
        assert!(trap.accepted() >= 1);
    }
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_refused() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let error = Client::connect(Config::new(&address)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(
        error
            .to_string()
            .contains(&format!("no TCP connection to {address}")),
        "{error}"
    );
}
