//! Prepared statements, batches and streams of pages, against a server in memory.
#![cfg(feature = "client")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cql_v4::message::{BatchKind, Message, PreparedMessage, Request, ResultMessage, StatementRef};
use cql_v4::types::DataType;
use cql_v4::{Batch, Client, ErrorCode, ErrorDetail, ErrorKind, Sent, ServerError, Statement};
use support::server::{
    Call, PIPE, Reply, assert_idle, client, column, config, echo, ints, prepared, refuse, run,
    serve, value, void,
};

fn unprepared(id: &'static [u8]) -> Message {
    let error = ServerError::new(ErrorCode::UNPREPARED, "Prepared query not found");
    // Built from bytes, since only a server makes such a detail.
    let mut body = 0x2500_i32.to_be_bytes().to_vec();
    body.extend_from_slice(b"\0\x02no\0");
    body.push(u8::try_from(id.len()).unwrap());
    body.extend_from_slice(id);
    let frame = support::with_body(&[0x84, 0, 0, 1, 0], &body);
    match support::decode(&frame, None).unwrap().0.message {
        Message::Error(read) => {
            let ErrorDetail::Unprepared { .. } = &read.detail else {
                panic!("{read:?}")
            };
            Message::Error(Box::new(error.with_detail(read.detail)))
        }
        other => panic!("{other:?}"),
    }
}

/// A server that forgets what was prepared `times` times, and gives these ids in turn.
fn forgetful(
    mut times: usize,
    ids: &'static [&'static [u8]],
) -> (impl FnMut(Call) -> Reply, Arc<AtomicUsize>) {
    let prepares = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&prepares);
    let handler = move |call: Call| match &call.request {
        Request::Prepare(_) => {
            let n = count.fetch_add(1, Ordering::Relaxed);
            Reply::Send(prepared(ids[n.min(ids.len() - 1)], true))
        }
        Request::Batch(batch) => {
            let id = batch.statements.iter().find_map(|s| match &s.statement {
                StatementRef::Prepared(id) => Some(id.clone()),
                StatementRef::Text(_) => None,
            });
            assert_eq!(id.unwrap(), ids[0]);
            if times > 0 {
                times -= 1;
                return Reply::Send(unprepared(ids[0]));
            }
            Reply::Send(void())
        }
        request => {
            if times > 0 {
                times -= 1;
                return Reply::Send(unprepared(ids[0]));
            }
            Reply::Send(ints(&[value(request)], None))
        }
    };
    (handler, prepares)
}

#[test]
fn a_forgotten_statement_is_prepared_again_once() {
    run(async {
        let (handler, prepares) = forgetful(1, &[b"id"]);
        let client = client(handler).await;
        let statement = client.prepare("SELECT ?").await.unwrap();
        let result = client.execute(&statement, (4,)).await.unwrap();
        assert_eq!(result.first::<(i32,)>().unwrap(), Some((4,)));
        assert_eq!(prepares.load(Ordering::Relaxed), 2);
        assert_idle(&client);
    });
    run(async {
        let (handler, prepares) = forgetful(9, &[b"id"]);
        let client = client(handler).await;
        let statement = client.prepare("SELECT ?").await.unwrap();
        let error = client.execute(&statement, (4,)).await.unwrap_err();
        assert!(
            error.to_string().contains("forgot the statement again"),
            "{error}"
        );
        assert_eq!(prepares.load(Ordering::Relaxed), 2, "no endless loop");
    });
    run(async {
        let (handler, _) = forgetful(1, &[b"id", b"other"]);
        let client = client(handler).await;
        let statement = client.prepare("SELECT ?").await.unwrap();
        let error = client.execute(&statement, (4,)).await.unwrap_err();
        assert!(
            error.to_string().contains("does it name its keyspace?"),
            "{error}"
        );
    });
}

#[test]
fn a_batch_prepares_again_what_was_forgotten() {
    run(async {
        let (handler, prepares) = forgetful(1, &[b"id"]);
        let client = client(handler).await;
        let statement = client.prepare("INSERT ?").await.unwrap();
        let mut batch = Batch::new(BatchKind::Logged);
        batch.add(&statement, (1,)).unwrap();
        batch.add_text("INSERT 2", ()).unwrap();
        let error = batch.add(&statement, ("text",)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        assert_eq!(batch.len(), 2);
        client.batch(&batch).await.unwrap();
        assert_eq!(prepares.load(Ordering::Relaxed), 2);
    });
    run(async {
        let (handler, _) = forgetful(99, &[b"id"]);
        let client = client(handler).await;
        let statement = client.prepare("INSERT ?").await.unwrap();
        let mut batch = Batch::new(BatchKind::Logged);
        batch.add(&statement, (1,)).unwrap();
        let error = client.batch(&batch).await.unwrap_err();
        assert!(
            error.to_string().contains("forgot the statement again"),
            "{error}"
        );
    });
}

#[test]
fn values_of_a_wrong_type_are_not_sent() {
    run(async {
        let seen = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        let client = client(move |call| {
            count.fetch_add(1, Ordering::Relaxed);
            echo(call)
        })
        .await;
        let statement = client
            .prepare("SELECT v FROM ks.t WHERE k = ?")
            .await
            .unwrap();
        let before = seen.load(Ordering::Relaxed);
        let error = client.execute(&statement, ("one",)).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Type, Sent::No));
        assert_eq!(
            error.to_string(),
            "execute `SELECT v FROM ks.t WHERE k = ?`: value 0 `k`: a str cannot be bound to type int; nothing was sent"
        );
        assert!(client.execute(&statement, ()).await.is_err());
        assert!(client.execute(&statement, (1, 2)).await.is_err());
        assert_eq!(seen.load(Ordering::Relaxed), before);
        assert_idle(&client);
        // And a result of another type than was asked for leaves the client usable.
        let result = client.execute(&statement, (1,)).await.unwrap();
        let error = result.first::<(String,)>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        assert!(
            error.to_string().contains("column 0 `v` is of type int"),
            "{error}"
        );
        assert!(
            result
                .first::<(i32, i32)>()
                .unwrap_err()
                .to_string()
                .contains("has 1 columns (v int)")
        );
    });
}

/// Pages by paging state: 1, 2 | nothing | 3, and how often each was asked for.
fn pages(asked: Arc<AtomicUsize>) -> impl FnMut(Call) -> Reply {
    move |call| {
        let (Request::Query(cql_v4::message::Query { params, .. })
        | Request::Execute(cql_v4::message::Execute { params, .. })) = &call.request
        else {
            return echo(call);
        };
        asked.fetch_add(1, Ordering::Relaxed);
        assert_eq!(params.page_size, Some(2));
        Reply::Send(match params.paging_state.as_deref() {
            None => ints(&[1, 2], Some(b"two")),
            Some(b"two") => ints(&[], Some(b"three")),
            Some(b"three") => ints(&[3], None),
            Some(b"bad") => refuse(
                ErrorCode::PROTOCOL_ERROR,
                "Invalid value for the paging state",
            ),
            other => panic!("{other:?}"),
        })
    }
}

#[test]
fn a_stream_goes_over_all_pages_and_one_page_ahead() {
    run(async {
        let asked = Arc::new(AtomicUsize::new(0));
        let open = serve(PIPE, pages(Arc::clone(&asked)));
        let client = Client::connect_over(config().with_page_size(2), open)
            .await
            .unwrap();
        let statement = client
            .prepare("SELECT v FROM ks.t WHERE k = ?")
            .await
            .unwrap();
        let mut rows = client
            .execute_stream::<(i32,), _>(&statement, (0,))
            .unwrap();
        assert_eq!(
            asked.load(Ordering::Relaxed),
            0,
            "nothing before it is polled"
        );
        assert_eq!(rows.try_next().await.unwrap(), Some((1,)));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(
            asked.load(Ordering::Relaxed),
            2,
            "one page ahead, and no more"
        );
        assert_eq!(rows.try_next().await.unwrap(), Some((2,)));
        assert_eq!(rows.try_next().await.unwrap(), Some((3,)));
        assert_eq!(rows.try_next().await.unwrap(), None);
        assert_eq!(rows.try_next().await.unwrap(), None);
        assert_eq!(asked.load(Ordering::Relaxed), 3);

        // By hand, from where a page ended.
        let first = client.query("SELECT v", ()).await.unwrap();
        let state = first.paging_state().unwrap().clone();
        let next = client
            .query(Statement::new("SELECT v").with_paging_state(state), ())
            .await
            .unwrap();
        assert!(next.rows().unwrap().is_empty() && next.paging_state().is_some());

        // Dropped in the middle: the page that was being fetched is given up.
        let mut rows = client.query_stream::<(i32,), _>("SELECT v", ()).unwrap();
        rows.try_next().await.unwrap();
        drop(rows);
        client.ping().await.unwrap();
        client.ping().await.unwrap();
        assert_idle(&client);
    });
}

#[test]
fn a_stream_ends_with_its_first_error() {
    run(async {
        let open = serve(PIPE, pages(Arc::default()));
        let client = Client::connect_over(config().with_page_size(2), open)
            .await
            .unwrap();
        let bad = Statement::new("SELECT v").with_paging_state(&b"bad"[..]);
        let mut rows = client.query_stream::<(i32,), _>(bad, ()).unwrap();
        let error = rows.try_next().await.unwrap_err();
        assert_eq!(error.server().unwrap().code, ErrorCode::PROTOCOL_ERROR);
        assert_eq!(rows.try_next().await.unwrap(), None);
        let mut rows = client.query_stream::<(String,), _>("SELECT v", ()).unwrap();
        assert_eq!(rows.try_next().await.unwrap_err().kind(), ErrorKind::Type);
        assert_eq!(rows.try_next().await.unwrap(), None);
    });
}

/// The values of a batch were encoded for an int; after ALTER TABLE the server wants a text, and would take the bytes.
#[test]
fn a_batch_is_not_sent_again_to_a_table_that_was_altered() {
    run(async {
        let (mut prepares, mut batches) = (0, 0);
        let batch_count = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&batch_count);
        let client = client(move |call| match &call.request {
            Request::Prepare(_) => {
                prepares += 1;
                let data_type = if prepares == 1 {
                    DataType::Int
                } else {
                    DataType::Text
                };
                let markers = vec![column("k", data_type)];
                let message = PreparedMessage::new(&b"id"[..], markers, None);
                Reply::Send(Message::Result(ResultMessage::Prepared(Box::new(message))))
            }
            _ => {
                batches += 1;
                count.store(batches, Ordering::Relaxed);
                Reply::Send(unprepared(b"id"))
            }
        })
        .await;
        let statement = client.prepare("INSERT ?").await.unwrap();
        let mut batch = Batch::new(BatchKind::Unlogged);
        batch.add(&statement, (1,)).unwrap();
        let error = client.batch(&batch).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        assert!(
            error.to_string().contains("the table was altered"),
            "{error}"
        );
        assert_eq!(batch_count.load(Ordering::Relaxed), 1);
    });
}
