//! Peers, pipes and callers at their worst.

use std::time::Duration;

use crate::toy::*;
use tokio::io::AsyncWriteExt;
use wire_core::machine::Cause;
use wire_testkit::{ChoppedIo, Chops, block_on};

/// Bytes trickle in until tokio makes the driver yield, in the very turn in which the timer is armed first.
#[test]
fn a_deadline_holds_although_the_driver_used_up_its_turn() {
    block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let answer = frame(0, true, &[7; 1000]);
        theirs.write_all(&answer[..500]).await.unwrap();
        let io = ChoppedIo::new(ours, Chops::every(1), Chops::none());
        let handle = connect(io, Shape::ById);
        let exchange = begin(&handle, b"x").await.unwrap();
        let answered = tokio::time::timeout(TIMEOUT * 2, exchange.answer()).await;
        let failure = answered.expect("a hang").unwrap_err();
        assert!(matches!(failure.cause, Cause::Timeout(TIMEOUT)));
    });
}
