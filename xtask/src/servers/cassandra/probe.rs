//! Asking a node whether it answers, and whether it sees the others.

use anyhow::{Context as _, Result, bail};

use crate::kind::Endpoint;
use crate::servers::wire::Wire;

/// Opcodes of the native protocol, version 4.
const ERROR: u8 = 0x00;
const STARTUP: u8 = 0x01;
const READY: u8 = 0x02;
const AUTHENTICATE: u8 = 0x03;
const OPTIONS: u8 = 0x05;
const SUPPORTED: u8 = 0x06;
const QUERY: u8 = 0x07;
const RESULT: u8 = 0x08;
const AUTH_RESPONSE: u8 = 0x0F;
const AUTH_SUCCESS: u8 = 0x10;

/// Consistency levels.
const ONE: u8 = 1;
const ALL: u8 = 5;

/// A probe's conversation.
pub(super) struct Session {
    wire: Wire,
}

impl Session {
    pub(super) fn open(wire: Wire, endpoint: &Endpoint) -> Result<Self> {
        let mut session = Self { wire };
        session.log_in(endpoint)?;
        Ok(session)
    }

    /// Whether this node knows every other one and takes them for alive; one alone needs nobody to take a write.
    pub(super) fn sees_all(&mut self, nodes: u16) -> Result<()> {
        if nodes == 1 {
            return Ok(());
        }
        let others = self.count("SELECT count(*) FROM system.peers_v2", ONE)?;
        if others + 1 < i64::from(nodes) {
            bail!("the node knows {others} other node(s)");
        }
        // It knows a node a moment before it takes it for alive. Of this table each node has all rows, so a read of it
        // at ALL succeeds when a write to any replica of any table does.
        self.count("SELECT count(*) FROM system_auth.roles", ALL)
            .map(drop)
    }

    /// OPTIONS, STARTUP and, if asked, the password.
    fn log_in(&mut self, endpoint: &Endpoint) -> Result<()> {
        self.ask(OPTIONS, &[], SUPPORTED)?;
        let startup = b"\x00\x01\x00\x0bCQL_VERSION\x00\x053.0.0";
        let (opcode, body) = self.exchange(STARTUP, startup)?;
        match opcode {
            READY => Ok(()),
            AUTHENTICATE => {
                let (user, password) = endpoint
                    .login
                    .as_ref()
                    .context("the server wants a password")?;
                let token = format!("\0{user}\0{password}");
                let mut body = u32::try_from(token.len())?.to_be_bytes().to_vec();
                body.extend(token.as_bytes());
                self.ask(AUTH_RESPONSE, &body, AUTH_SUCCESS).map(drop)
            }
            _ => Err(refusal(opcode, &body)),
        }
    }

    /// The one number that a query counts.
    fn count(&mut self, query: &str, consistency: u8) -> Result<i64> {
        let mut body = u32::try_from(query.len())?.to_be_bytes().to_vec();
        body.extend(query.as_bytes());
        // No flags.
        body.extend([0, consistency, 0]);
        let answer = self.ask(QUERY, &body, RESULT)?;
        // One row of one bigint stands at the end of the body.
        let last = answer
            .last_chunk::<8>()
            .context("a RESULT that is too short")?;
        Ok(i64::from_be_bytes(*last))
    }

    fn ask(&mut self, opcode: u8, body: &[u8], wanted: u8) -> Result<Vec<u8>> {
        let (opcode, body) = self.exchange(opcode, body)?;
        if opcode == wanted {
            Ok(body)
        } else {
            Err(refusal(opcode, &body))
        }
    }

    /// Header: version, flags, stream (2), opcode, length (4).
    fn exchange(&mut self, opcode: u8, body: &[u8]) -> Result<(u8, Vec<u8>)> {
        let mut frame = vec![4, 0, 0, 0, opcode];
        frame.extend(u32::try_from(body.len())?.to_be_bytes());
        frame.extend(body);
        self.wire.send(&frame)?;
        let header: [u8; 9] = self.wire.array()?;
        let [version, _, _, _, opcode, length @ ..] = header;
        if version & 0x80 == 0 {
            bail!("{version:#04x} does not start a CQL answer: this is no CQL port");
        }
        let length = usize::try_from(u32::from_be_bytes(length))?;
        Ok((opcode, self.wire.receive(length)?))
    }
}

/// The message of an ERROR, or the opcode of something unexpected.
fn refusal(opcode: u8, body: &[u8]) -> anyhow::Error {
    let text = String::from_utf8_lossy(body.get(6..).unwrap_or_default()).into_owned();
    if opcode == ERROR {
        anyhow::anyhow!("the server says: {text}")
    } else {
        anyhow::anyhow!("unexpected opcode {opcode}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::servers::wire::tests::scripted;

    #[test]
    fn a_probe_logs_in_and_counts() {
        // Answers of Cassandra 5.0.9, SUPPORTED and the rows' metadata shortened.
        let mut answers = b"\x84\x00\x00\x00\x06\x00\x00\x00\x02\x00\x00".to_vec();
        answers.extend(b"\x84\x00\x00\x00\x03\x00\x00\x00\x03\x00\x01A");
        answers.extend(b"\x84\x00\x00\x00\x10\x00\x00\x00\x04\xff\xff\xff\xff");
        answers.extend(
            b"\x84\x00\x00\x00\x08\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x02",
        );
        let (wire, sent) = scripted(&answers);
        let endpoint = Endpoint::local(Kind::Cassandra, 9042).with_login("u", "p");
        let mut session = Session::open(wire, &endpoint).unwrap();
        assert_eq!(session.count("x", ONE).unwrap(), 2);
        let sent = sent.lock().unwrap();
        assert!(
            sent.starts_with(b"\x04\x00\x00\x00\x05\x00\x00\x00\x00"),
            "OPTIONS comes first"
        );
        assert!(
            sent.windows(8)
                .any(|bytes| bytes == b"\x00\x00\x00\x04\x00u\x00p"),
            "then the password"
        );
    }

    #[test]
    fn a_node_is_ready_when_it_takes_all_others_for_alive() {
        // Answers of node 2 of 3 in Cassandra 5.0.9: two peers, then the same read refused and done; metadata left out.
        let peers =
            b"\x84\x00\x00\x00\x08\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x02";
        let refused = [
            b"\x84\x00\x00\x00\x00\x00\x00\x00\x34\x00\x00\x10\x00\x00\x24".as_slice(),
            b"Cannot achieve consistency level ALL\x00\x05\x00\x00\x00\x03\x00\x00\x00\x01",
        ]
        .concat();
        let done =
            b"\x84\x00\x00\x00\x08\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01";
        let ask = |answers: &[&[u8]], nodes| {
            let (wire, sent) = scripted(&answers.concat());
            let result = Session { wire }.sees_all(nodes);
            (result, sent.lock().unwrap().clone())
        };
        let (result, sent) = ask(&[peers, done], 3);
        result.unwrap();
        assert!(
            sent.ends_with(b"SELECT count(*) FROM system_auth.roles\x00\x05\x00"),
            "at ALL"
        );
        let (result, _) = ask(&[peers, &refused], 3);
        let error = result.unwrap_err().to_string();
        assert!(error.contains("consistency level ALL"), "{error}");
        let (result, _) = ask(&[done], 3);
        assert_eq!(
            result.unwrap_err().to_string(),
            "the node knows 1 other node(s)"
        );
        let (result, sent) = ask(&[], 1);
        result.unwrap();
        assert_eq!(sent, b"", "one alone is not asked");
    }

    #[test]
    fn an_error_is_shown_as_the_server_worded_it() {
        let (wire, _) =
            scripted(b"\x84\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x01\x00\x00\x03bad");
        let error = Session { wire }.ask(OPTIONS, &[], SUPPORTED).unwrap_err();
        assert_eq!(error.to_string(), "the server says: bad");
    }
}
