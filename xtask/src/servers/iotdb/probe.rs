//! What an IoTDB is asked before it counts as ready.
//!
//! `openSession` alone tells too little. The DataNode opens its client port before the ConfigNode has had its first
//! heartbeat, and until then every write that needs a new region fails with status 1003, `NO_ENOUGH_DATANODE`. So a
//! server that xtask has started must also take a write that needs a schema region and a data region.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::thrift::{Call, check};
use crate::kind::Endpoint;
use crate::servers::wire::Wire;

/// A database that the probe makes and removes.
const DATABASE: &str = "root.xtask";
const DEVICE: &str = "root.xtask.probe";

/// The server knows the session by the connection, and does not look at the number in a request.
const SESSION: i64 = 0;

/// How long the first write of a server's life may take. With two busy cores it took up to six seconds; and a probe that
/// gave up on it would leave it to end later, when the database has been removed.
pub(super) const FIRST_WRITE: Duration = Duration::from_secs(60);

/// A connection that has logged in.
pub(super) struct Session {
    wire: Wire,
    compact: bool,
}

impl Session {
    pub(super) fn open(wire: Wire, endpoint: &Endpoint, compact: bool) -> Result<Self> {
        let (user, password) = endpoint
            .login
            .as_ref()
            .context("IoTDB needs a user and a password in the URL")?;
        let mut session = Self { wire, compact };
        session.ask("openSession", open_session(compact, user, password)?, true)?;
        Ok(session)
    }

    /// Writes one value into a database that this makes, and removes the database.
    pub(super) fn write(&mut self) -> Result<()> {
        let call = insert_string_record(self.compact)?;
        self.ask("insertStringRecord", call, false)?;
        let call = delete_storage_groups(self.compact)?;
        self.ask("deleteStorageGroups", call, false)
    }

    /// Calls a method and looks at the status that it returns, or with `inside` the one within what it returns.
    fn ask(&mut self, method: &str, call: Call, inside: bool) -> Result<()> {
        let mut exchange = |frame: &[u8]| {
            self.wire.send(frame)?;
            let length = usize::try_from(u32::from_be_bytes(self.wire.array()?))?;
            self.wire.receive(length)
        };
        let answer = exchange(&call.frame()?).with_context(|| format!("{method} has no answer"))?;
        check(&answer, self.compact, method, inside)
    }
}

/// Field 1 is the request; of it: 1 protocol version (2 stands for `IOTDB_SERVICE_PROTOCOL_V3`), 2 time zone, 3 user,
/// 4 password.
fn open_session(compact: bool, user: &str, password: &str) -> Result<Call> {
    let mut call = Call::new(compact, "openSession")?;
    call.begin(1);
    call.i32(1, 2);
    for (id, text) in [(2, "UTC"), (3, user), (4, password)] {
        call.text(id, text)?;
    }
    call.end();
    call.end();
    Ok(call)
}

/// Field 1 is the request; of it: 1 session, 2 device, 3 measurements, 4 values, 5 time.
fn insert_string_record(compact: bool) -> Result<Call> {
    let mut call = Call::new(compact, "insertStringRecord")?;
    call.begin(1);
    call.i64(1, SESSION);
    call.text(2, DEVICE)?;
    call.list_of_one(3, "written")?;
    call.list_of_one(4, "true")?;
    call.i64(5, 1);
    call.end();
    call.end();
    Ok(call)
}

/// Fields: 1 session, 2 databases.
fn delete_storage_groups(compact: bool) -> Result<Call> {
    let mut call = Call::new(compact, "deleteStorageGroups")?;
    call.i64(1, SESSION);
    call.list_of_one(2, DATABASE)?;
    call.end();
    Ok(call)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::servers::wire::tests::scripted;

    /// Calls as Apache's Python library encodes them: openSession, insertStringRecord, deleteStorageGroups.
    const BINARY_CALLS: [&str; 3] = [
        "800100010000000b6f70656e53657373696f6e000000000c0001080001000000020b0002000000035554430b000300000004726f6f740b00\
         0400000004726f6f740000",
        "8001000100000012696e73657274537472696e675265636f7264000000000c00010a000100000000000000000b000200000010726f6f742e\
         787461736b2e70726f62650f00030b00000001000000077772697474656e0f00040b0000000100000004747275650a000500000000000000\
         010000",
        "800100010000001364656c65746553746f7261676547726f757073000000000a000100000000000000000f00020b000000010000000a726f\
         6f742e787461736b00",
    ];
    const COMPACT_CALLS: [&str; 3] = [
        "8221000b6f70656e53657373696f6e1c150418035554431804726f6f741804726f6f740000",
        "82210012696e73657274537472696e675265636f72641c16001810726f6f742e787461736b2e70726f62651918077772697474656e191804\
         7472756516020000",
        "8221001364656c65746553746f7261676547726f757073160019180a726f6f742e787461736b00",
    ];

    /// What IoTDB 2.0.10 answered to them.
    const BINARY_ANSWERS: [&str; 3] = [
        "800100020000000b6f70656e53657373696f6e000000000c00000c0001080001000000c80b0002000000124c6f67696e2073756363657373\
         66756c6c7900080002000000020a000300000000000000010d00040b0b000000010000001374696d657374616d705f707265636973696f6e\
         000000026d730000",
        "8001000200000012696e73657274537472696e675265636f7264000000000c0000080001000000c80b0002000000000000",
        "800100020000001364656c65746553746f7261676547726f757073000000000c0000080001000000c80b0002000000000000",
    ];
    const COMPACT_ANSWERS: [&str; 3] = [
        "8241000b6f70656e53657373696f6e0c001c15900318124c6f67696e207375636365737366756c6c7900150416021b01881374696d657374\
         616d705f707265636973696f6e026d730000",
        "82410012696e73657274537472696e675265636f72640c0015900318000000",
        "8241001364656c65746553746f7261676547726f7570730c0015900318000000",
    ];

    fn frames(messages: &[&str]) -> Vec<u8> {
        let mut frames = Vec::new();
        for hex in messages {
            let digits: Vec<u8> = hex
                .chars()
                .map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap())
                .collect();
            frames.extend(u32::try_from(digits.len() / 2).unwrap().to_be_bytes());
            frames.extend(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]));
        }
        frames
    }

    fn probe(answers: &[&str], compact: bool) -> (Result<()>, Vec<u8>) {
        let endpoint = Endpoint::local(Kind::Iotdb, 6667).with_login("root", "root");
        let (wire, sent) = scripted(&frames(answers));
        let result =
            Session::open(wire, &endpoint, compact).and_then(|mut session| session.write());
        let sent = sent.lock().unwrap().clone();
        (result, sent)
    }

    #[test]
    fn a_server_that_takes_a_write_is_ready_and_keeps_nothing() {
        let (result, sent) = probe(&BINARY_ANSWERS, false);
        result.unwrap();
        assert_eq!(sent, frames(&BINARY_CALLS));

        let (result, sent) = probe(&COMPACT_ANSWERS, true);
        result.unwrap();
        assert_eq!(sent, frames(&COMPACT_CALLS));
    }

    #[test]
    fn a_refused_write_is_told_as_the_server_words_it() {
        // By a server with fewer DataNodes than copies; the text is shortened.
        let refusal = "8001000200000012696e73657274537472696e675265636f7264000000000c0000080001000003eb0b00020000001644617461\
                       4e6f6465206973206e6f7420656e6f756768020005010000";
        let (result, _) = probe(&[BINARY_ANSWERS[0], refusal], false);
        assert_eq!(
            result.unwrap_err().to_string(),
            "insertStringRecord is refused with status 1003: DataNode is not enough"
        );
    }

    #[test]
    fn what_is_not_removed_is_an_error() {
        // After another client had removed the database.
        let refusal = "8241001364656c65746553746f7261676547726f7570730c0015f807182050617468205b726f6f742e787461736b5d20646f65\
                       73206e6f742065786973740000";
        let (result, _) = probe(&[COMPACT_ANSWERS[0], COMPACT_ANSWERS[1], refusal], true);
        assert_eq!(
            result.unwrap_err().to_string(),
            "deleteStorageGroups is refused with status 508: Path [root.xtask] does not exist"
        );
    }

    #[test]
    fn a_refused_log_in_is_told_as_the_server_words_it() {
        let refusal = "8241000b6f70656e53657373696f6e0c001c15c20c181641757468656e7469636174696f6e206661696c65642e001504160\
                       11b01881374696d657374616d705f707265636973696f6e026d730000";
        let (result, sent) = probe(&[refusal], true);
        assert_eq!(
            result.unwrap_err().to_string(),
            "openSession is refused with status 801: Authentication failed."
        );
        assert_eq!(sent, frames(&COMPACT_CALLS[..1]), "nothing is written");
    }

    #[test]
    fn an_exception_a_stranger_and_a_broken_answer_are_not_ready() {
        // The first in the form that Thrift gives to exceptions: 1 message, 2 kind.
        for (answer, what) in [
            (
                "800100030000000b6f70656e53657373696f6e000000000b000100000025496e7465726e616c206572726f722070726f6365\
                 7373696e67206f70656e53657373696f6e0800020000000600",
                "openSession failed in the server: Internal error processing openSession",
            ),
            (
                "485454502f312e3120343030",
                "the answer to openSession is none of IoTDB",
            ),
            (&BINARY_ANSWERS[0][..68], "an answer that is too short"),
        ] {
            let (result, _) = probe(&[answer], false);
            assert_eq!(result.unwrap_err().to_string(), what);
        }
    }
}
