//! Answers that are late, twice there, nobody's, or not what the protocol says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cql_v4::message::{Message, Request, ResultMessage, RowsMessage};
use cql_v4::types::DataType;
use cql_v4::{Client, Error, ErrorKind, Sent, Statement};
use tokio::time::sleep;

use crate::support::server::{
    Call, PIPE, Reply, assert_idle, column, config, ints, run, serve, value,
};

const SECOND: Duration = Duration::from_secs(1);

async fn ask(client: &Client, text: &str, n: i32) -> Result<i32, Error> {
    let statement = Statement::new(text).with_timeout(SECOND);
    let answer = client.query(statement, (n,)).await?;
    Ok(answer.first::<(i32,)>()?.expect("a row").0)
}

fn text(call: &Call) -> &str {
    match &call.request {
        Request::Query(query) => &query.text,
        _ => "",
    }
}

/// The proper answer.
fn answer(call: &Call) -> Vec<u8> {
    call.frame(ints(&[value(&call.request)], None))
}

/// The proper answer to another request.
fn on_stream(call: &Call, stream: i16) -> Vec<u8> {
    let mut frame = answer(call);
    frame[2..4].copy_from_slice(&stream.to_be_bytes());
    frame
}

/// An answer of another kind.
fn with_body(call: &Call, opcode: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = answer(call)[..4].to_vec();
    frame.push(opcode);
    frame.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(body);
    frame
}

/// Rows of two columns, the last of which ends before its second value.
fn short_row(call: &Call) -> Vec<u8> {
    let columns = vec![column("v", DataType::Int), column("w", DataType::Int)];
    let four = Some(Bytes::from_static(&[0, 0, 0, 4]));
    let page = RowsMessage::new(columns, &[vec![four.clone(), four]], None).unwrap();
    let mut frame = call.frame(Message::Result(ResultMessage::Rows(page)));
    // A length and four bytes.
    frame.truncate(frame.len() - 8);
    let body = u32::try_from(frame.len() - 9).unwrap();
    frame[5..9].copy_from_slice(&body.to_be_bytes());
    frame
}

/// A client of a server that answers `bad` as told and all else properly, and how many connections it had.
async fn client(
    mut bad: impl FnMut(&Call) -> Reply + Send + 'static,
) -> (Client, Arc<AtomicUsize>) {
    let connections = Arc::<AtomicUsize>::default();
    let seen = Arc::clone(&connections);
    let open = serve(PIPE, move |call| {
        seen.fetch_max(call.connection + 1, Ordering::Relaxed);
        match text(&call) {
            "bad" => bad(&call),
            _ => Reply::Raw(answer(&call)),
        }
    });
    (
        Client::connect_over(config(), open).await.unwrap(),
        connections,
    )
}

/// Answers on another stream, or twice.
#[test]
fn an_answer_that_nobody_asked_for_ends_the_connection_and_reaches_nobody() {
    type Bad = fn(&Call) -> Vec<u8>;
    let cases: [(&str, Bad); 4] = [
        ("twice", |call| [answer(call), answer(call)].concat()),
        ("a free stream", |call| on_stream(call, 300)),
        ("a stream that cannot be", |call| on_stream(call, 32_767)),
        ("a negative stream", |call| on_stream(call, -2)),
    ];
    for (what, bad) in cases {
        run(async {
            let (client, connections) = client(move |call| Reply::Raw(bad(call))).await;
            let others = async {
                let mut answers = Vec::new();
                for n in 100..110 {
                    answers.push((n, ask(&client, "good", n).await));
                }
                answers
            };
            let (first, others) = tokio::join!(ask(&client, "bad", 1), others);
            match (what, first) {
                ("twice", Ok(1)) => {}
                (_, Err(error)) => {
                    assert_eq!(
                        (error.kind(), error.sent()),
                        (ErrorKind::Decode, Sent::Maybe),
                        "{what}"
                    );
                }
                (_, Ok(n)) => panic!("{what}: {n}"),
            }
            for (n, answer) in others {
                assert!(
                    answer.as_ref().is_ok_and(|a| *a == n) || answer.is_err(),
                    "{what}: {answer:?}"
                );
            }
            sleep(2 * SECOND).await;
            assert_eq!(ask(&client, "good", 7).await.unwrap(), 7);
            assert_eq!(connections.load(Ordering::Relaxed), 2, "{what}");
            assert_idle(&client);
        });
    }
}

/// Many answers that never come use up the ids of a connection: it is replaced, and what it still owes comes.
#[test]
fn a_connection_that_owes_too_many_answers_is_replaced() {
    run(async {
        let (client, connections) = client(|_| Reply::Nothing).await;
        let lost: Vec<_> = (0..300)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move { ask(&client, "bad", n).await })
            })
            .collect();
        for n in 0..20 {
            assert_eq!(ask(&client, "good", n).await.unwrap(), n);
        }
        for lost in lost {
            let error = lost.await.unwrap().unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Timeout, Sent::Maybe)
            );
        }
        for n in 0..100 {
            assert_eq!(ask(&client, "good", n).await.unwrap(), n);
            sleep(SECOND / 5).await;
        }
        assert_eq!(connections.load(Ordering::Relaxed), 2);
        assert_idle(&client);
    });
}

/// Late answers free what they hold, and reach nobody.
#[test]
fn late_answers_are_swallowed() {
    run(async {
        let late = Arc::<Mutex<Vec<u8>>>::default();
        let kept = Arc::clone(&late);
        let open = serve(PIPE, move |call| {
            let mut kept = kept.lock().unwrap();
            match text(&call) {
                "bad" => {
                    kept.extend(answer(&call));
                    Reply::Nothing
                }
                _ => {
                    let mut out = std::mem::take(&mut *kept);
                    out.extend(answer(&call));
                    Reply::Raw(out)
                }
            }
        });
        let client = Client::connect_over(config(), open).await.unwrap();
        for round in 0..10 {
            let lost = (0..20).map(|n| {
                let client = client.clone();
                tokio::spawn(async move { ask(&client, "bad", 1000 + n).await })
            });
            for lost in lost.collect::<Vec<_>>() {
                assert!(lost.await.unwrap().unwrap_err().is_timeout());
            }
            assert_eq!(client.load(), (0, 20, 0));
            assert_eq!(ask(&client, "good", round).await.unwrap(), round);
            assert_idle(&client);
        }
    });
}

/// An answer whose frame is whole and whose body is not concerns its request alone.
#[test]
fn a_body_that_makes_no_sense_fails_its_request_alone() {
    type Bad = fn(&Call) -> Vec<u8>;
    let cases: [(&str, Bad); 6] = [
        ("an error without a text", |call| {
            with_body(call, 0, b"\0\0\x10\0\0\x09abc")
        }),
        ("an empty error", |call| with_body(call, 0, b"")),
        ("a result of no kind", |call| {
            with_body(call, 8, b"\0\0\0\x63")
        }),
        ("an opcode of no message", |call| with_body(call, 0x63, b"")),
        ("a message of the handshake", |call| {
            with_body(call, 3, b"\0\x01x")
        }),
        ("a row with a value too few", short_row),
    ];
    for (what, bad) in cases {
        run(async {
            let (client, connections) = client(move |call| Reply::Raw(bad(call))).await;
            let statement = Statement::new("bad").with_timeout(SECOND);
            let read = async {
                let answer = client.query(statement, (1,)).await?;
                answer.to_vec::<(i32, i32)>()
            };
            let (failed, good) = tokio::join!(read, ask(&client, "good", 5));
            let error = failed.unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Decode | ErrorKind::Unsupported),
                "{what}: {error:?}"
            );
            assert_ne!(error.sent(), Sent::No, "{what}");
            assert_eq!(good.unwrap(), 5, "{what}");
            assert_eq!(connections.load(Ordering::Relaxed), 1, "{what}");
            assert_idle(&client);
        });
    }
}
