//! Bytes that others made.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bytes::Bytes;
use iotdb_thrift::message::*;
use iotdb_thrift::{Limits, Protocol};

use crate::methods::{self, Recoded};

/// A message of the official Python client; see fixtures/python_client/ORIGIN.md.
struct Line {
    method: &'static str,
    call: bool,
    full: bool,
    protocol: Protocol,
    message: Bytes,
}

impl Line {
    fn sequence_id(&self) -> i32 {
        if self.full { 70_000 } else { 0 }
    }

    fn recode(&self, message: &Bytes) -> Result<Recoded, iotdb_thrift::Error> {
        static ALL: LazyLock<Vec<methods::Entry>> = LazyLock::new(methods::all);
        let entry = ALL
            .iter()
            .find(|entry| entry.name == self.method)
            .expect("a known method");
        if self.call {
            (entry.recode_call)(message)
        } else {
            (entry.recode_reply)(message, self.sequence_id(), self.protocol)
        }
    }

    fn describe(&self) -> String {
        let (what, how) = (
            if self.call { "call" } else { "reply" },
            if self.full { "full" } else { "sparse" },
        );
        format!("{how} {what} of {} in {:?}", self.method, self.protocol)
    }
}

fn lines() -> Vec<Line> {
    include_str!("../fixtures/python_client/messages.hex")
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let [_, method, kind, variant, protocol, hex] = words[..] else {
                panic!("{line}")
            };
            Line {
                method,
                call: kind == "call",
                full: variant == "full",
                protocol: if protocol == "binary" {
                    Protocol::Binary
                } else {
                    Protocol::Compact
                },
                message: unhex(hex).into(),
            }
        })
        .collect()
}

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// A frame without its length, which must be right.
pub(crate) fn message(frame: &[u8]) -> Bytes {
    let (prefix, message) = frame.split_first_chunk::<4>().unwrap();
    assert_eq!(
        usize::try_from(u32::from_be_bytes(*prefix)).unwrap(),
        message.len()
    );
    Bytes::copy_from_slice(message)
}

#[test]
fn every_message_of_the_python_client_is_read_whole_and_written_alike() {
    for line in lines() {
        let recoded = line
            .recode(&line.message)
            .unwrap_or_else(|e| panic!("{}: {e}", line.describe()));
        assert_eq!(message(&recoded.frame), line.message, "{}", line.describe());
    }
}

/// The client gave each text the name of its field in the interface.
#[test]
fn no_text_is_taken_for_another() {
    let mut compared = BTreeSet::new();
    for line in lines() {
        let shown = line.recode(&line.message).unwrap().shown;
        for (field, rest) in shown.split(", ").filter_map(|part| part.rsplit_once(": ")) {
            let field = field.rsplit(['{', ' ']).next().unwrap();
            let text = rest.trim_start_matches("Some(").trim_start_matches('[');
            let Some(text) = text.strip_prefix('"').and_then(|t| t.split('"').next()) else {
                continue;
            };
            if text == "hidden" {
                assert_eq!(field, "password");
                continue;
            }
            // The entries of maps have it as key and value.
            let expected = field
                .trim_matches('"')
                .trim_start_matches("r#")
                .replace('_', "")
                .to_lowercase();
            assert_eq!(
                expected,
                text.replace('_', "").to_lowercase(),
                "{}",
                line.describe()
            );
            compared.insert(format!("{} {field}", line.method));
        }
    }
    assert!(
        compared.len() > 150,
        "only {} texts were compared",
        compared.len()
    );
}

#[test]
fn the_python_client_has_every_method_and_no_other() {
    let theirs: BTreeSet<&str> = lines().iter().map(|line| line.method).collect();
    let ours: BTreeSet<&str> = methods::all().iter().map(|entry| entry.name).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn no_part_of_a_message_is_a_message() {
    for line in lines() {
        for cut in 0..line.message.len() {
            let part = line.message.slice(..cut);
            assert!(
                line.recode(&part).is_err(),
                "{} cut at {cut}",
                line.describe()
            );
        }
        let longer: Bytes = [&line.message[..], &[0]].concat().into();
        let error = line.recode(&longer).err().expect("a byte too many");
        assert!(
            error
                .to_string()
                .contains("1 byte is left after the last field"),
            "{error}"
        );
    }
}

/// Whatever a damaged message decodes to, it is a result and not a panic.
#[test]
fn damaged_messages_are_survived() {
    let mut refused = 0_u32;
    for line in lines() {
        for at in 0..line.message.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = line.message.to_vec();
                damaged[at] ^= flip;
                let damaged = Bytes::from(damaged);
                // An exception instead of a reply is a valid answer.
                if line.call || damaged[3] != 3 && damaged[1] >> 5 != 3 {
                    refused += u32::from(line.recode(&damaged).is_err());
                }
            }
        }
    }
    assert!(refused > 10_000, "only {refused} were refused");
}

/// Frames made with the Python client 2.0.11 at another time and by other code than the fixtures.
#[test]
fn three_frames_byte_for_byte() {
    let mut open = TSOpenSessionReq::default();
    assert_eq!(
        open.client_protocol,
        TSProtocolVersion::IotdbServiceProtocolV3
    );
    open.zone_id = "UTC".to_owned();
    open.username = "root".to_owned();
    open.password = Some("root".to_owned());
    open.configuration = Some([("version".to_owned(), "V_1_0".to_owned())].into());
    same(
        &OpenSessionArgs::from(open),
        "00000060 80010001 0000000b 6f70656e53657373696f6e 00000000 0c0001 08000100000002 0b000200000003555443
         0b000300000004726f6f74 0b000400000004726f6f74 0d00050b0b00000001 0000000776657273696f6e 00000005565f315f30
         00 00",
        "00000036 8221000b6f70656e53657373696f6e 1c 1504 1803555443 1804726f6f74 1804726f6f74 1b0188
         0776657273696f6e 05565f315f30 00 00",
    );
    let mut tablet = TSInsertTabletReq::default();
    tablet.session_id = 1;
    tablet.prefix_path = "root.a.d".to_owned();
    tablet.measurements = vec!["s".to_owned()];
    tablet.values = unhex("00000007 00000000 01 02").into();
    tablet.timestamps = unhex("0000000000000001 0000000000000002").into();
    tablet.types = vec![1];
    tablet.size = 2;
    tablet.is_aligned = Some(false);
    same(
        &InsertTabletArgs::from(tablet),
        "00000083 80010001 0000000c 696e736572745461626c6574 00000000 0c0001 0a00010000000000000001
         0b000200000008726f6f742e612e64 0f00030b000000010000000173 0b00040000000a00000007000000000102
         0b00050000001000000000000000010000000000000002 0f0006080000000100000001 08000700000002 02000800 00 00",
        "00000047 8221000c696e736572745461626c6574 1c 1602 1808726f6f742e612e64 19180173
         180a00000007000000000102 181000000000000000010000000000000002 191502 1504 12 00 00",
    );
    let mut subscribe = TPipeSubscribeReq::default();
    subscribe.version = 1;
    subscribe.r#type = 4;
    same(
        &PipeSubscribeArgs::from(subscribe),
        "00000027 80010001 0000000d 706970655375627363726962650000 0000 0cffff 03000101 0600020004 00 00",
        "00000019 8221000d70697065537562736372696265 0c01 1301 1408 00 00",
    );
}

/// Ids 15 apart have the short form in the compact protocol, ids 16 apart the long one. From the same client.
#[test]
fn fields_far_apart() {
    let mut response = TSExecuteStatementResp::default();
    response.status.code = 200;
    response.column_index2_ts_block_column_index_list = Some(vec![0, -1]);
    for (table_model, hex) in [
        (Some(true), "0c001c15900300 f1 192500010000"),
        (None, "0c001c15900300 0922 2500010000"),
    ] {
        response.table_model = table_model;
        let mut frame = Vec::new();
        ExecuteStatementV2Args::append_reply(&response, 0, Protocol::Compact, &mut frame).unwrap();
        let head = unhex("82410012 6578656375746553746174656d656e745632");
        let expected = Bytes::from([head, unhex(hex)].concat());
        assert_eq!(message(&frame), expected);
        let limits = Limits::default();
        let got = ExecuteStatementV2Args::decode_reply(&expected, 0, Protocol::Compact, &limits);
        assert_eq!(got.unwrap().unwrap(), response);
    }
}

fn same<R: Request + PartialEq + std::fmt::Debug>(args: &R, binary: &str, compact: &str) {
    for (protocol, hex) in [(Protocol::Binary, binary), (Protocol::Compact, compact)] {
        let mut frame = Vec::new();
        args.append_call(0, protocol, &mut frame).unwrap();
        assert_eq!(frame, unhex(hex));
        let call = Call::parse(message(&frame)).unwrap();
        assert_eq!(
            (call.method(), call.sequence_id(), call.protocol()),
            (R::NAME, 0, protocol)
        );
        assert_eq!(&R::decode_call(&call, &Limits::default()).unwrap(), args);
    }
}
