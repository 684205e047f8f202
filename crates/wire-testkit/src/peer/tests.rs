use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use super::*;
use crate::block_on;

/// The text of the panic of a conversation.
fn failure<C: Future, P: Future>(
    client: impl FnOnce(DuplexStream) -> C,
    script: impl FnOnce(Peer) -> P,
) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| block_on(converse(client, script))));
    *panic
        .err()
        .expect("the script let it pass")
        .downcast::<String>()
        .unwrap()
}

#[test]
fn a_script_expects_takes_and_parses() {
    let lines = block_on(converse(
        |mut io| async move {
            io.write_all(b"helloABone\ntwo\n").await.unwrap();
            let mut answer = String::new();
            io.read_to_string(&mut answer).await.unwrap();
            answer
        },
        |mut peer| async move {
            peer.expect(b"hello").await;
            assert_eq!(peer.take(2).await, b"AB");
            let line = |bytes: &[u8]| {
                let end = bytes.iter().position(|&b| b == b'\n')?;
                Some((bytes[..end].to_vec(), end + 1))
            };
            assert_eq!(peer.parse(line).await, b"one");
            assert_eq!(peer.parse(line).await, b"two");
            peer.send(b"good ").await;
            peer.send_in_pieces(b"bye", 1).await;
            peer.close().await;
            peer.expect_end().await;
        },
    ));
    assert_eq!(lines, "good bye");
}

#[test]
fn other_bytes_fail_and_name_the_line_of_the_script() {
    let text = failure(
        |mut io| async move { io.write_all(b"hallo").await },
        |mut peer| async move { peer.expect(b"hello").await },
    );
    assert!(text.contains("peer/tests.rs:"), "{text}");
    assert!(
        text.contains("byte 1 differs") && text.contains("\"hallo\""),
        "{text}"
    );
}

#[test]
fn an_early_end_and_a_late_byte_fail() {
    let text = failure(
        |mut io| async move { io.write_all(b"he").await },
        |mut peer| async move { peer.expect(b"hello").await },
    );
    assert!(
        text.contains("the stream ended before the expected bytes; last came [68, 65]"),
        "{text}"
    );
    let text = failure(
        |mut io| async move { io.write_all(b"x").await },
        |mut peer| async move { peer.expect_end().await },
    );
    assert!(
        text.contains("instead of the end came [78] \"x\""),
        "{text}"
    );
}

/// No real time passes: the clock is paused.
#[test]
fn a_client_that_hangs_fails() {
    let text = failure(
        |io| async move {
            let _kept = io;
            std::future::pending::<()>().await;
        },
        |mut peer| async move { peer.take(1).await },
    );
    assert!(
        text.contains("the expected number of bytes did not come; last came nothing"),
        "{text}"
    );
    let text = failure(
        |io| async move {
            let _kept = io;
            std::future::pending::<()>().await;
        },
        |mut peer| async move { peer.send(&[0; IN_FLIGHT + 1]).await },
    );
    assert!(text.contains("the client reads nothing"), "{text}");
}

#[test]
fn a_returned_peer_stalls_and_a_dropped_one_resets() {
    let read = |mut io: DuplexStream| async move {
        tokio::time::timeout(Duration::from_secs(5), io.read_u8())
            .await
            .map_err(|_| "stalled")
    };
    assert_eq!(
        block_on(converse(read, |peer| async { peer })).unwrap_err(),
        "stalled"
    );
    let end = block_on(converse(read, |_peer| async {}));
    assert_eq!(
        end.unwrap().unwrap_err().kind(),
        std::io::ErrorKind::UnexpectedEof
    );
}

#[test]
fn a_script_in_a_task_is_waited_for() {
    block_on(async {
        let (mut io, script) = spawn(|mut peer| async move { peer.take(2).await });
        io.write_all(b"hi").await.unwrap();
        assert_eq!(script.done().await, b"hi");
    });
}

#[test]
#[should_panic(expected = "byte 0 differs")]
fn the_panic_of_a_script_in_a_task_fails_the_test() {
    block_on(async {
        let (mut io, script) = spawn(|mut peer| async move { peer.expect(b"a").await });
        io.write_all(b"b").await.unwrap();
        script.done().await;
    });
}

#[test]
#[should_panic(expected = "was not waited for")]
fn a_script_that_nobody_waits_for_fails_the_test() {
    block_on(async {
        let _ = spawn(|peer| async { peer });
    });
}
