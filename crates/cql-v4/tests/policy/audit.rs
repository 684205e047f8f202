//! Nothing that anybody could log has a secret in it: no text of a configuration, client, error or event.

use std::error::Error as _;

use bytes::Bytes;
use cql_v4::codec::FrameDecoder;
use cql_v4::message::{BatchKind, Message, Opcode, Request, Response};
use cql_v4::{
    Batch, Client, Config, Error, ErrorCode, ErrorKind, Limits, PlainAuthenticator, Version,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::logs::Logs;
use crate::support::server::{self, Reply};

/// Stands for a password, and for a bound value.
const SENTINEL: &str = "s3ntinel";

/// Every text that an error has, with its sources.
fn texts(error: &Error) -> String {
    let mut all = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        all.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    all
}

#[track_caller]
fn assert_clean(text: &str) {
    assert!(!text.contains(SENTINEL), "a secret is shown: {text}");
    // Neither as hexadecimal digits, nor as a list of numbers.
    let hex: Vec<String> = SENTINEL.bytes().map(|b| format!("{b:02x}")).collect();
    let numbers: Vec<String> = SENTINEL.bytes().map(|b| b.to_string()).collect();
    for spelled in [hex.concat(), hex.join(" "), numbers.join(", ")] {
        assert!(!text.contains(&spelled), "a secret is shown: {text}");
    }
}

#[track_caller]
fn assert_told_clean(logs: &Logs, at_least: usize) {
    let lines = logs.take();
    assert!(lines.len() >= at_least, "told only {lines:?}");
    assert_clean(&lines.join("\n"));
}

/// A server that wants a password, and answers the one that it gets.
fn wants_password(
    answer: impl Fn() -> Message + Clone + Send + Sync + 'static,
) -> impl Fn() -> DuplexStream {
    move || {
        let (ours, theirs) = tokio::io::duplex(4_096);
        tokio::spawn(log_in(theirs, answer.clone()));
        ours
    }
}

async fn log_in(mut io: DuplexStream, answer: impl Fn() -> Message) {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    let mut buffer = [0; 4_096];
    loop {
        while let Some(frame) = decoder.next_frame().unwrap() {
            let body = frame.plain_body(None, &Limits::DEFAULT).unwrap();
            let version = Version::from_number(frame.header.version).unwrap();
            let request = Request::decode(version, Opcode(frame.header.opcode), &body).unwrap();
            assert_clean(&format!("{request:?}"));
            let message = match &request {
                Request::Startup(_) => Message::Authenticate(
                    "org.apache.cassandra.auth.PasswordAuthenticator".to_owned(),
                ),
                Request::AuthResponse(response) => {
                    let token = response.token.as_deref().expect("a password");
                    assert!(token.ends_with(SENTINEL.as_bytes()), "it has to be there");
                    answer()
                }
                _ => server::supported(),
            };
            let mut out = Vec::new();
            let response = Response::from(message);
            response
                .encode(version, None, frame.header.stream, &mut out)
                .unwrap();
            io.write_all(&out).await.unwrap();
        }
        match io.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(n) => decoder.feed(&buffer[..n]),
        }
    }
}

fn with_password(host: &str) -> Config {
    Config::new(host).with_credentials("alice", SENTINEL)
}

#[test]
fn a_password_that_is_accepted() {
    let authenticator = PlainAuthenticator::new("alice", SENTINEL);
    assert_clean(&format!("{authenticator:?} {authenticator:#?}"));
    server::run(async {
        let logs = Logs::listen();
        let open = wants_password(|| Message::AuthSuccess(Some(Bytes::from_static(b"welcome"))));
        let config = with_password("127.0.0.1");
        assert_clean(&format!("{config:?} {config:#?}"));
        let client = Client::connect_over(config, open).await.unwrap();
        client.ping().await.unwrap();
        assert_clean(&format!("{client:?} {client:#?}"));
        client.close().await;
        assert_told_clean(&logs, 1);
    });
}

#[test]
fn a_password_that_is_refused() {
    server::run(async {
        let logs = Logs::listen();
        let refusal = || server::refuse(ErrorCode::BAD_CREDENTIALS, "wrong user name or password");
        let connecting = Client::connect_over(with_password("127.0.0.1"), wants_password(refusal));
        let error = connecting.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        assert_clean(&texts(&error));
        assert_told_clean(&logs, 0);
    });
}

#[test]
fn a_password_that_may_not_be_sent() {
    server::run(async {
        let logs = Logs::listen();
        let open = wants_password(|| panic!("it was sent"));
        let connecting = Client::connect_over(with_password("db.example.com"), open);
        let error = connecting.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        assert_clean(&texts(&error));
        assert_told_clean(&logs, 0);
    });
}

#[test]
fn a_password_in_a_wrong_url() {
    for url in [
        format!("cassandra://alice:{SENTINEL}@h:port/ks"),
        format!("cassandra://alice:{SENTINEL}@h:99999"),
        format!("cassandra://alice:{SENTINEL}@/ks"),
        format!("cassandra://alice:{SENTINEL}%zz@h"),
        format!("cassandra://alice:{SENTINEL}@h?connect_timeout=never"),
        format!("cassandra://alice:{SENTINEL}@h?{SENTINEL}"),
        format!("mongodb://alice:{SENTINEL}@h"),
        format!("alice:{SENTINEL}@h"),
    ] {
        match Config::from_url(&url) {
            // What stands behind the question mark is no password.
            Err(error) if url.ends_with(SENTINEL) => assert_eq!(error.kind(), ErrorKind::Config),
            Err(error) => assert_clean(&texts(&error)),
            Ok(config) => assert_clean(&format!("{config:?}")),
        }
    }
}

/// Bound values are the application's data, and appear nowhere.
#[test]
fn values_are_in_no_text() {
    server::run(async {
        let logs = Logs::listen();
        let refusals = |call: server::Call| match &call.request {
            Request::Prepare(_) => Reply::Send(server::prepared(b"id", true)),
            _ => Reply::Send(server::refuse(ErrorCode::INVALID, "no such table")),
        };
        let client = server::client(refusals).await;
        let insert = "INSERT INTO t (k) VALUES (?)";
        let mut errors = vec![client.query(insert, (SENTINEL,)).await.unwrap_err()];
        let prepared = client.prepare(insert).await.unwrap();
        // Text where an int belongs.
        errors.push(client.execute(&prepared, (SENTINEL,)).await.unwrap_err());
        errors.push(client.execute(&prepared, (1, SENTINEL)).await.unwrap_err());
        let mut batch = Batch::new(BatchKind::Logged);
        batch.add_text(insert, (SENTINEL,)).unwrap();
        errors.push(client.batch(&batch).await.unwrap_err());
        errors.push(batch.add(&prepared, (SENTINEL,)).unwrap_err());
        for error in errors {
            assert_clean(&texts(&error));
        }
        assert_clean(&format!("{client:?} {prepared:?}"));
        assert_told_clean(&logs, 4);
    });
}

/// A statement with a password in it is shown without the password.
#[test]
fn literals_of_statements_are_in_no_text() {
    server::run(async {
        let logs = Logs::listen();
        let refusal = |_: server::Call| {
            Reply::Send(server::refuse(
                ErrorCode::UNAUTHORIZED,
                "you may not create roles",
            ))
        };
        let client = server::client(refusal).await;
        let create = format!("CREATE ROLE alice WITH PASSWORD = '{SENTINEL}'");
        let errors = [
            client.query(create.as_str(), ()).await.unwrap_err(),
            client.prepare(create.as_str()).await.unwrap_err(),
        ];
        for error in errors {
            assert!(
                error
                    .to_string()
                    .contains("CREATE ROLE alice WITH PASSWORD = ?"),
                "{error}"
            );
            assert_clean(&texts(&error));
        }
        assert_told_clean(&logs, 2);
    });
}
