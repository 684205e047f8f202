//! Servers in memory: just enough of each protocol to answer the workloads, written from the specifications and not
//! with the crates that are measured. They allocate nothing, so that only the client's allocations are counted.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::memory::Memory;

/// Bytes of the value that every read gives.
pub const VALUE: usize = 100;

/// A stream to a server in memory.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// A Cassandra node of protocol v4: one table with one blob column, every row of which is the same.
pub fn cassandra() -> impl Stream {
    Memory::new(|requests: &[u8], answers: &mut Vec<u8>| {
        split(
            requests,
            |frame| Some(9 + be_u32(frame.get(5..9)?)),
            |frame| {
                let start = answers.len();
                let opcode = match frame[4] {
                    OPTIONS => SUPPORTED,
                    STARTUP => READY,
                    _ => RESULT,
                };
                answers.extend_from_slice(&[0x84, 0, frame[2], frame[3], opcode, 0, 0, 0, 0]);
                match frame[4] {
                    OPTIONS => answers.extend_from_slice(&[0, 0]),
                    STARTUP => {}
                    PREPARE => cql_prepared(answers),
                    // EXECUTE: the id with its length, the consistency, the flags.
                    _ => cql_rows(
                        answers,
                        frame[9 + 2 + usize::from(frame[10]) + 2] & SKIP_METADATA != 0,
                    ),
                }
                let body = (answers.len() - start - 9) as u32;
                answers[start + 5..start + 9].copy_from_slice(&body.to_be_bytes());
            },
        )
    })
}

const STARTUP: u8 = 0x01;
const READY: u8 = 0x02;
const OPTIONS: u8 = 0x05;
const SUPPORTED: u8 = 0x06;
const RESULT: u8 = 0x08;
const PREPARE: u8 = 0x09;
/// Flag of EXECUTE: the client has the columns from PREPARE.
const SKIP_METADATA: u8 = 0x02;
/// Keyspace `k`, table `t`, column `c` of type blob, once for all columns.
const CQL_COLUMN: [u8; 11] = [0, 1, b'k', 0, 1, b't', 0, 1, b'c', 0, 3];

/// A statement with one marker, which is no partition key, and one column.
fn cql_prepared(answers: &mut Vec<u8>) {
    answers.extend_from_slice(&[0, 0, 0, 4, 0, 2, 7, 7]);
    answers.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
    answers.extend_from_slice(&CQL_COLUMN);
    answers.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1]);
    answers.extend_from_slice(&CQL_COLUMN);
}

/// One row.
fn cql_rows(answers: &mut Vec<u8>, skip_metadata: bool) {
    answers.extend_from_slice(&[0, 0, 0, 2]);
    if skip_metadata {
        answers.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 1]);
    } else {
        answers.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1]);
        answers.extend_from_slice(&CQL_COLUMN);
    }
    answers.extend_from_slice(&[0, 0, 0, 1]);
    answers.extend_from_slice(&(VALUE as u32).to_be_bytes());
    answers.extend_from_slice(&[7; VALUE]);
}

/// An Ignite node of protocol 1.7 without features: every key has the same byte array.
pub fn ignite() -> impl Stream {
    let mut greeted = false;
    Memory::new(move |requests: &[u8], answers: &mut Vec<u8>| {
        split(
            requests,
            |frame| Some(4 + le_u32(frame.get(..4)?)),
            |frame| {
                if !std::mem::replace(&mut greeted, true) {
                    // Accepted; no feature bits; no node id.
                    answers.extend_from_slice(&[7, 0, 0, 0, 1, 12, 0, 0, 0, 0, 101]);
                    return;
                }
                let is_get = frame[4..6] == GET.to_le_bytes();
                let body = if is_get { 10 + 5 + VALUE } else { 10 };
                answers.extend_from_slice(&(body as u32).to_le_bytes());
                answers.extend_from_slice(&frame[6..14]);
                answers.extend_from_slice(&[0, 0]);
                if is_get {
                    answers.push(12);
                    answers.extend_from_slice(&(VALUE as u32).to_le_bytes());
                    answers.extend_from_slice(&[7; VALUE]);
                }
            },
        )
    })
}

const GET: i16 = 1000;

/// Calls `answer` for each complete request; returns their bytes.
fn split(
    requests: &[u8],
    len: impl Fn(&[u8]) -> Option<usize>,
    mut answer: impl FnMut(&[u8]),
) -> usize {
    let mut taken = 0;
    while let Some(frame) = len(&requests[taken..]).and_then(|len| requests.get(taken..taken + len))
    {
        answer(frame);
        taken += frame.len();
    }
    taken
}

fn be_u32(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte))
}

fn le_u32(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rev()
        .fold(0, |n, byte| n << 8 | usize::from(*byte))
}
