//! Connections that break, stall and lie.

use std::sync::Arc;
use std::time::Duration;

use iotdb_thrift::{Client, Error, ErrorKind, Sent};
use tokio::io::AsyncWriteExt;
use wire_testkit::{ChoppedIo, Chops, Fault, block_on};

use crate::server::{Model, canary, config, some_tablet};

/// Everything that a session does, as far as it comes.
async fn session(model: &Arc<Model>, read: Chops, write: Chops) -> Result<(), Error> {
    let served = Arc::clone(model);
    // Only the first connection breaks.
    let broken = std::sync::Mutex::new(Some((read, write)));
    let open = move || {
        let (read, write) = broken
            .lock()
            .unwrap()
            .take()
            .unwrap_or_else(|| (Chops::none(), Chops::none()));
        ChoppedIo::new(served.dial(), read, write)
    };
    let client = Client::connect_over(config(), open).await?;
    let done = async {
        client.insert_tablet(&some_tablet(4)).await?;
        let mut stream = client.query_stream("pages 2").await?;
        while stream.try_next().await?.is_some() {}
        client.execute("echo 1").await
    };
    let done = done.await;
    if done.is_err() {
        // Whatever happened: the next request opens a new connection, and gets its own answer.
        canary(&client, 77).await;
    }
    done
}

/// Bytes that a whole session takes in each direction.
fn lengths() -> (u64, u64) {
    block_on(async {
        let model = Model::new("2.0.10");
        let counted = Arc::new(std::sync::Mutex::new((0_u64, 0_u64)));
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (mut near_read, mut near_write) = tokio::io::split(theirs);
        let (mut far_read, mut far_write) = tokio::io::split(model.dial());
        let sums = Arc::clone(&counted);
        tokio::spawn(async move {
            let n = tokio::io::copy(&mut near_read, &mut far_write)
                .await
                .unwrap_or(0);
            far_write.shutdown().await.unwrap();
            sums.lock().unwrap().1 = n;
        });
        let sums = Arc::clone(&counted);
        tokio::spawn(async move {
            let n = tokio::io::copy(&mut far_read, &mut near_write)
                .await
                .unwrap_or(0);
            sums.lock().unwrap().0 = n;
        });
        let ours = std::sync::Mutex::new(Some(ours));
        let client = Client::connect_over(config(), move || ours.lock().unwrap().take().unwrap())
            .await
            .unwrap();
        client.insert_tablet(&some_tablet(4)).await.unwrap();
        client.query("pages 2").await.unwrap();
        client.execute("echo 1").await.unwrap();
        client.close().await;
        drop(client);
        tokio::time::sleep(Duration::from_secs(10)).await;
        *counted.lock().unwrap()
    })
}

#[test]
fn reads_and_writes_that_end_at_every_byte_give_one_typed_error() {
    let (read, written) = lengths();
    assert!(read > 500 && written > 500, "{read} {written}");
    for fault in [Fault::Zero, Fault::Reset] {
        let reads = (0..read).map(|at| (Chops::none().then(at, fault), Chops::none()));
        let writes = (0..written).map(|at| (Chops::none(), Chops::none().then(at, fault)));
        for (at, (read, write)) in reads.chain(writes).enumerate() {
            let model = Model::new("2.0.10");
            match block_on(session(&model, read, write)) {
                // The last bytes belong to the logout.
                Ok(()) => {}
                Err(error) => assert!(
                    matches!(
                        error.kind(),
                        ErrorKind::Io | ErrorKind::Closed | ErrorKind::Connect
                    ),
                    "{fault:?} at {at}: {error:?}"
                ),
            }
        }
    }
}

#[test]
fn a_server_that_dies_in_the_middle_of_a_result_gives_what_came_and_one_error() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let mut stream = client.query_stream("pages 5").await.unwrap();
        let killer = client.clone();
        let killed = tokio::spawn(async move { killer.execute("die 20").await });
        let error = killed.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Io, Sent::Maybe));
        assert_eq!(
            error.to_string(),
            "executeStatementV2 `die 20`: the server closed the connection in the middle of a message, 20 bytes of \
             which had arrived"
        );
        for _ in 0..3 {
            assert!(stream.try_next().await.unwrap().is_some());
        }
        let error = stream.try_next().await.unwrap_err();
        assert!(error.is_closed(), "{error:?}");
        assert!(stream.try_next().await.unwrap().is_none());
        drop(stream);
        canary(&client, 1).await;
        assert_eq!(model.connections(), 2);
    });
}

#[test]
fn a_timeout_closes_the_connection_and_the_next_request_logs_in_again() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model
            .client(config().with_request_timeout(Duration::from_secs(3)))
            .await
            .unwrap();
        let began = tokio::time::Instant::now();
        let error = client.execute("hang").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        assert_eq!(
            error.to_string(),
            "executeStatementV2 `hang`: no answer within 3000 ms"
        );
        let took = began.elapsed();
        assert!(
            took >= Duration::from_secs(3) && took < Duration::from_millis(3_100),
            "{took:?}"
        );
        canary(&client, 1).await;
        assert_eq!((model.connections(), model.count("openSession")), (2, 2));
    });
}

#[test]
fn answers_out_of_step_close_the_connection() {
    for (statement, expected) in [
        (
            "stray",
            "answer.method: is closeSession, but the oldest request without an answer is executeStatementV2",
        ),
        ("late", "which is not the next one"),
    ] {
        block_on(async {
            let model = Model::new("2.0.10");
            let client = model.client(config()).await.unwrap();
            let (error, behind) = tokio::join!(client.execute(statement), client.query("echo 5"));
            let error = error.unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Decode, Sent::Maybe),
                "{error:?}"
            );
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains(expected), "{source}");
            assert!(behind.is_err(), "whose answer might be anybody's");
            canary(&client, 1).await;
            assert_eq!(model.connections(), 2);
        });
    }
}

#[test]
fn a_frame_above_the_limit_is_refused_before_it_comes() {
    block_on(async {
        let model = Model::new("2.0.10");
        let client = model.client(config()).await.unwrap();
        let error = client.execute("huge").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            source.contains("536870912 is more than the limit max_frame_bytes of 67108864"),
            "{source}"
        );
        canary(&client, 1).await;
    });
}

/// A connection that turns out to be broken when the next request is to be written: nothing of it has left, so it is
/// made again, and nobody notices. One byte later it may have been carried out, and is not repeated.
#[test]
fn a_request_of_which_not_a_byte_left_is_made_again() {
    let mut repeated = Vec::new();
    let mut refused = Vec::new();
    for at in 0..400 {
        let model = Model::new("2.0.10");
        let result = block_on(async {
            let served = Arc::clone(&model);
            let write = Chops::none().then(at, Fault::Reset);
            let broken = std::sync::Mutex::new(Some(write));
            let open = move || {
                let write = broken.lock().unwrap().take().unwrap_or_else(Chops::none);
                ChoppedIo::new(served.dial(), Chops::none(), write)
            };
            let client = Client::connect_over(config(), open).await?;
            client.ping().await
        });
        match result {
            Ok(()) if model.connections() == 2 => repeated.push(at),
            Err(error) if error.sent() == Sent::Maybe => refused.push(at),
            Ok(()) | Err(_) => {}
        }
    }
    let [after_login] = repeated[..] else {
        panic!("repeated when broken at {repeated:?}");
    };
    assert_eq!(refused.first(), Some(&(after_login + 1)));
}
