//! Bytes that mean harm, and bytes that are merely wrong: each gives one typed error that says where.

use bytes::Bytes;
use iotdb_thrift::message::*;
use iotdb_thrift::{Error, ErrorKind, Limits, Protocol};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::golden::{message, unhex};

const PROTOCOLS: [Protocol; 2] = [Protocol::Binary, Protocol::Compact];

/// The bytes of a reply to `requestStatementId` or another method up to its result struct.
fn reply_head(method: &str, protocol: Protocol) -> Vec<u8> {
    let len = u8::try_from(method.len()).unwrap();
    let mut head = match protocol {
        Protocol::Binary => vec![0x80, 1, 0, 2, 0, 0, 0, len],
        _ => vec![0x82, 0x41, 0, len],
    };
    head.extend_from_slice(method.as_bytes());
    if protocol == Protocol::Binary {
        head.extend_from_slice(&[0; 4]);
    }
    head
}

/// A reply of `insertTablet` (a status) with these bytes in hexadecimal after its head.
fn status(protocol: Protocol, hex: &str) -> Result<TSStatus, Error> {
    let mut bytes = reply_head("insertTablet", protocol);
    bytes.extend(unhex(hex));
    decode_status(bytes, protocol, &Limits::default())
}

fn decode_status(bytes: Vec<u8>, protocol: Protocol, limits: &Limits) -> Result<TSStatus, Error> {
    let answer = InsertTabletArgs::decode_reply(&bytes.into(), 0, protocol, limits)?;
    Ok(answer.expect("no exception"))
}

#[track_caller]
fn refused(result: Result<TSStatus, Error>, kind: ErrorKind, text: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, text));
}

#[test]
fn errors_name_the_whole_path() {
    // A reply's struct, success, sub-status: list of 2, the second lacks its code.
    refused(
        status(
            Protocol::Binary,
            "0c0000 080001000000c8 0f00030c00000002 080001000000c800 0b00020000000141 00 00 00 00",
        ),
        ErrorKind::Decode,
        "insertTablet.success.subStatus[1].code: is missing, and TSStatus requires it (at byte 59)",
    );
    refused(
        status(
            Protocol::Compact,
            "0c00 159003 292c 15900300 180141 00 00 00",
        ),
        ErrorKind::Decode,
        "insertTablet.success.subStatus[1].code: is missing, and TSStatus requires it (at byte 31)",
    );
    refused(
        status(
            Protocol::Binary,
            "0c0000 0c0004 0b000100000002ff41 00 00 00",
        ),
        ErrorKind::Decode,
        "insertTablet.success.redirectNode.ip: is not UTF-8 after 0 bytes (at byte 37)",
    );
}

/// Protocol, what follows the head of a reply, and what is said about it.
const IMPOSSIBLE: &[(Protocol, &str, &str)] = &[
    (
        Protocol::Binary,
        "0c0000 0b0002ffffffff",
        "message: is a negative count",
    ),
    (
        Protocol::Binary,
        "0c0000 0b00027fffffff",
        "message: needs 2147483647 bytes but 0 are left",
    ),
    (
        Protocol::Binary,
        "0c0000 0f00030cffffffff",
        "subStatus: is a negative count",
    ),
    (
        Protocol::Binary,
        "0c0000 0f00030c7fffffff00",
        "subStatus: needs 17179869176 bytes but 1 is left",
    ),
    (
        Protocol::Binary,
        "0c0000 0f00030800000001",
        "subStatus: is a list of I32, not of Struct",
    ),
    (
        Protocol::Binary,
        "0c0000 0f00630c7fffffff00",
        "unknown field: needs 2147483647 bytes but 1 is left",
    ),
    (
        Protocol::Binary,
        "0c0000 0d00630b0b7fffffff00",
        "unknown field: needs 17179869176 bytes but 1 is left",
    ),
    (
        Protocol::Binary,
        "0c0000 0b0063ffffffff",
        "unknown field: is a negative count",
    ),
    (
        Protocol::Binary,
        "0c0000 07000100000001",
        "field type: names type 7, which the binary protocol does not have",
    ),
    (
        Protocol::Binary,
        "0c0000 02000502",
        "needRetry: is 2, not a boolean (0 or 1)",
    ),
    (
        Protocol::Compact,
        "0c00 28ffffffffffffffffff01",
        "message: needs 18446744073709551615 bytes but 0 are left",
    ),
    (
        Protocol::Compact,
        "0c00 28ffffffffffffffffff02",
        "message: is a varint of more than 64 bits",
    ),
    (
        Protocol::Compact,
        "0c00 288000",
        "message: is an overlong varint",
    ),
    (
        Protocol::Compact,
        "0c00 39fcffffffff0f00",
        "subStatus: needs 12884901885 bytes but 1 is left",
    ),
    (
        Protocol::Compact,
        "0c00 39fcffffffffffffffffff01",
        "subStatus: is a count of more than 63 bits",
    ),
    (
        Protocol::Compact,
        "0c00 158080808010",
        "code: is 2147483648, which 32 bits cannot hold",
    ),
    (
        Protocol::Compact,
        "0c00 15808080808080808080808080",
        "code: is a varint of more than 64 bits",
    ),
    (
        Protocol::Compact,
        "0c00 1d00",
        "field type: names type 13, which the compact protocol does not have",
    ),
    (
        Protocol::Compact,
        "0c00 f580",
        "unknown field: needs 1 bytes but 0 are left",
    ),
    (
        Protocol::Compact,
        "0c00 05feff03 00 1500",
        "field id: is more than 16 bits can say",
    ),
];

#[test]
fn lengths_and_counts_that_cannot_be() {
    for (protocol, hex, expected) in IMPOSSIBLE {
        let error = status(*protocol, hex).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("insertTablet.success.{expected} (at byte ")),
            "{text}"
        );
    }
}

#[test]
fn maps_that_cannot_be() {
    for (protocol, hex, expected) in [
        (
            Protocol::Binary,
            "0c0000 0d00040b0b7fffffff00",
            "needs 17179869176 bytes but 1 is left",
        ),
        (
            Protocol::Binary,
            "0c0000 0d00040b0b0000000100000000",
            "needs 8 bytes but 4 are left",
        ),
        (
            Protocol::Binary,
            "0c0000 0d00040b08000000010000000000000000",
            "is a map of Binary to I32, not of Binary to Binary",
        ),
        (
            Protocol::Compact,
            "0c00 4b ffffffff07 88 00",
            "needs 4294967294 bytes but 1 is left",
        ),
        (
            Protocol::Compact,
            "0c00 4b ffffffffffffffffff01 88 00",
            "is a count of more than 63 bits",
        ),
    ] {
        let mut bytes = reply_head("openSession", protocol);
        bytes.extend(unhex(hex));
        let limits = Limits::default();
        let error = OpenSessionArgs::decode_reply(&bytes.into(), 0, protocol, &limits).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("openSession.success.configuration: {expected}")),
            "{text}"
        );
    }
}

#[test]
fn unknown_fields_and_known_ones_of_another_type_are_passed_over() {
    // id 2 as a double, id 6 as a list of sets of booleans, id 99 as a map of text that is not UTF-8 to structs.
    let binary = "0c0000 080001000000c8 0400023ff0000000000000 0f00060e000000010200000002 0100
                  0d00630b0c00000001 00000002ff00 03000105 06000100ff 00 00 00";
    // "02000000020100" above: one set of two booleans; the struct of the map has a field twice.
    let got = status(Protocol::Binary, binary).unwrap();
    let mut expected = TSStatus::default();
    expected.code = 200;
    assert_eq!(got, expected);
    let compact =
        "0c00 159003 17000000000000f03f 491a 31 010200 0bc601 01 8c 02ff00 130514fe03 00 00 00";
    assert_eq!(status(Protocol::Compact, compact).unwrap(), expected);
}

#[test]
fn a_reply_must_be_the_reply_to_this_call() {
    for protocol in PROTOCOLS {
        let mut reply = Vec::new();
        RequestStatementIdArgs::append_reply(&5, 7, protocol, &mut reply).unwrap();
        let reply = message(&reply);
        let limits = Limits::default();
        let decode = |id| RequestStatementIdArgs::decode_reply(&reply, id, protocol, &limits);
        assert_eq!(decode(7).unwrap(), Ok(5));
        let text = decode(8).unwrap_err().to_string();
        assert_eq!(
            text,
            "requestStatementId.sequence_id: is 7, but the call had 8 (at byte 0)"
        );
        let text = GetTimeZoneArgs::decode_reply(&reply, 7, protocol, &limits)
            .unwrap_err()
            .to_string();
        let expected = "getTimeZone.method: is \"requestStatementId\": the reply belongs to another call (at byte 0)";
        assert_eq!(text, expected);
        let mut call = Vec::new();
        RequestStatementIdArgs::default()
            .append_call(7, protocol, &mut call)
            .unwrap();
        let text = RequestStatementIdArgs::decode_reply(&message(&call), 7, protocol, &limits);
        assert_eq!(
            text.unwrap_err().to_string(),
            "requestStatementId.type: is Call, not a reply (at byte 0)"
        );
        assert!(
            Call::parse(reply.clone())
                .unwrap_err()
                .to_string()
                .contains("is Reply, not a call")
        );
        let call = Call::parse(message(&call)).unwrap();
        let error = GetTimeZoneArgs::decode_call(&call, &limits).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misuse);
    }
}

#[test]
fn a_reply_without_a_result_is_an_error() {
    for protocol in PROTOCOLS {
        refused(
            status(protocol, "00"),
            ErrorKind::Decode,
            match protocol {
                Protocol::Binary => {
                    "insertTablet.success: is missing, and a reply requires it (at byte 25)"
                }
                _ => "insertTablet.success: is missing, and a reply requires it (at byte 17)",
            },
        );
    }
}

#[test]
fn the_other_protocol_is_recognized() {
    for (sent, expected) in [
        (Protocol::Compact, Protocol::Binary),
        (Protocol::Binary, Protocol::Compact),
    ] {
        let mut reply = Vec::new();
        RequestStatementIdArgs::append_reply(&5, 7, sent, &mut reply).unwrap();
        let error =
            RequestStatementIdArgs::decode_reply(&message(&reply), 7, expected, &Limits::default())
                .unwrap_err();
        let name = if sent == Protocol::Binary {
            "binary"
        } else {
            "compact"
        };
        let hint = format!("these are the first bytes of the {name} protocol");
        assert!(error.to_string().contains(&hint), "{error}");
    }
    let error = Call::parse(Bytes::from_static(b"GET / HTTP/1.1")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("call.version: is 0x4745, not 0x8001"),
        "{error}"
    );
}

#[test]
fn exceptions_come_back_as_such() {
    for protocol in PROTOCOLS {
        let mut call = Vec::new();
        ShowConfigurationArgs::default()
            .append_call(-1, protocol, &mut call)
            .unwrap();
        let call = Call::parse(message(&call)).unwrap();
        assert_eq!(call.sequence_id(), -1);
        let exception = TApplicationException::new(
            TApplicationExceptionType::UnknownMethod,
            "Invalid method name: 'showConfiguration'",
        );
        let mut reply = Vec::new();
        call.append_exception(&exception, &mut reply).unwrap();
        let answer =
            ShowConfigurationArgs::decode_reply(&message(&reply), -1, protocol, &Limits::default());
        let got = answer.unwrap().unwrap_err();
        assert!(got.is_unknown_method());
        assert_eq!(got, exception);
        let text = "Invalid method name: 'showConfiguration' (UnknownMethod)";
        assert_eq!(got.to_string(), text);
    }
}

/// Runs on 128 KiB, the stack that limits are chosen for; code that is not optimized needs more of it.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let stack = if cfg!(debug_assertions) { 512 } else { 128 } * 1024;
    let thread = std::thread::Builder::new().stack_size(stack).spawn(test);
    thread.unwrap().join().unwrap();
}

/// A list that opens a struct that opens a list, a million times: one to eight bytes a level.
#[test]
fn a_million_levels_are_refused_on_a_small_stack() {
    const LEVELS: usize = 1_000_000;
    on_a_small_stack(|| {
        for (protocol, start, levels) in [
            (
                Protocol::Binary,
                "0c0000",
                [
                    ("", "0f00030c00000001"),
                    ("", "0c0063"),
                    ("0f0063", "0f00000001"),
                ],
            ),
            (
                Protocol::Compact,
                "0c00",
                [("", "391c"), ("", "dc"), ("d9", "19")],
            ),
        ] {
            for ((first, level), place) in
                levels.into_iter().zip(["subStatus", "unknown", "unknown"])
            {
                let mut bytes = reply_head("insertTablet", protocol);
                bytes.extend(unhex(start));
                bytes.extend(unhex(first));
                bytes.extend(unhex(level).repeat(LEVELS));
                bytes.resize(bytes.len() + LEVELS, 0);
                let error = decode_status(bytes, protocol, &Limits::default()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Limit);
                let text = error.to_string();
                assert!(
                    text.contains("65 is more than the limit depth of 64"),
                    "{text}"
                );
                assert!(
                    text.starts_with("insertTablet.success.") && text.contains(place),
                    "{text}"
                );
            }
        }
    });
}

/// The deepest status that is allowed; each level is a struct and a list.
fn deep(levels: usize) -> TSStatus {
    let mut status = TSStatus::default();
    for _ in 0..levels {
        let mut outer = TSStatus::default();
        outer.sub_status = Some(vec![status]);
        status = outer;
    }
    status
}

#[test]
fn what_can_be_written_can_be_read() {
    // The reply's own struct and the status are two of the 64 levels.
    on_a_small_stack(|| {
        for protocol in PROTOCOLS {
            let mut reply = Vec::new();
            InsertTabletArgs::append_reply(&deep(31), 0, protocol, &mut reply).unwrap();
            let message = message(&reply).to_vec();
            let got = decode_status(message, protocol, &Limits::default()).unwrap();
            assert_eq!(got.clone(), deep(31));
            assert!(format!("{got:#?}").len() > 31 * 100);
        }
    });
    for protocol in PROTOCOLS {
        let mut reply = vec![7];
        let error = InsertTabletArgs::append_reply(&deep(32), 0, protocol, &mut reply).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        let text = error.to_string();
        assert!(
            text.starts_with("insertTablet.success.subStatus[0].subStatus[0]."),
            "{text}"
        );
        assert!(text.ends_with(": nests more than 64 levels deep"), "{text}");
        assert_eq!(reply, [7], "nothing is left behind");
        let mut limits = Limits::default();
        limits.max_depth = 3;
        let mut reply = Vec::new();
        InsertTabletArgs::append_reply(&deep(1), 0, protocol, &mut reply).unwrap();
        let error = decode_status(message(&reply).to_vec(), protocol, &limits).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("4 is more than the limit depth of 3"),
            "{error}"
        );
    }
}

/// A status of four bytes takes more than a hundred in memory.
#[test]
fn memory_is_bounded_whatever_the_bytes_say() {
    let count = 200_000;
    let mut status = TSStatus::default();
    status.sub_status = Some(vec![TSStatus::default(); count]);
    let mut reply = Vec::new();
    InsertTabletArgs::append_reply(&status, 0, Protocol::Compact, &mut reply).unwrap();
    assert!(reply.len() < 4 * count);
    let mut limits = Limits::default();
    limits.max_decoded_bytes = 1024 * 1024;
    let error = decode_status(message(&reply).to_vec(), Protocol::Compact, &limits).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(
        error
            .to_string()
            .starts_with("insertTablet.success.subStatus: "),
        "{error}"
    );
    limits.max_decoded_bytes = count * size_of::<TSStatus>();
    decode_status(message(&reply).to_vec(), Protocol::Compact, &limits).unwrap();
}

/// Servers up to 1.1 have three of the properties under other ids, and others under these ids.
#[test]
fn properties_of_old_servers() {
    let mut bytes = reply_head("getProperties", Protocol::Binary);
    bytes.extend(unhex(
        "0c0000 0b000100000005312e312e30 0f00020b00000000 0b0003000000026d73 08000400000007 0b000500000001 4b
         0b000600000001 42 08000700000003 08000800000004 0800090a000000 02000a01 0b000b00000003616263 00 00",
    ));
    let got =
        GetPropertiesArgs::decode_reply(&bytes.into(), 0, Protocol::Binary, &Limits::default());
    let got = got.unwrap().unwrap();
    assert_eq!(
        (got.version.as_str(), got.timestamp_precision.as_str()),
        ("1.1.0", "ms")
    );
    assert_eq!(
        (got.max_concurrent_client_num, got.thrift_max_frame_size),
        (Some(7), Some(0x0a00_0000))
    );
    assert_eq!(
        (got.is_read_only, got.build_info.as_deref(), got.logo),
        (Some(true), Some("abc"), None)
    );
}

proptest! {
    /// Any bytes behind a good head are an answer or an error, never a panic. Few values, so that many are types,
    /// counts and ids.
    #[test]
    fn any_bytes_are_survived(bytes in vec(prop_oneof![0..16_u8, any::<u8>()], 0..120)) {
        for protocol in PROTOCOLS {
            let mut status = reply_head("insertTablet", protocol);
            status.extend(&bytes);
            let _ = decode_status(status, protocol, &Limits::default());
            let mut result = reply_head("executeStatementV2", protocol);
            result.extend([12, 0, 0].iter().take(if protocol == Protocol::Binary { 3 } else { 2 }));
            result.extend(&bytes);
            let limits = Limits::default();
            let _ = ExecuteStatementV2Args::decode_reply(&result.into(), 0, protocol, &limits);
        }
        let _ = Call::parse(bytes.into());
    }
}
