//! What is refused: packets for others, and counts that lie.

use ch_native::ErrorKind;
use ch_native::codec::Revision;
use ch_native::message::{Form, ServerHello, ServerPacket};

use crate::samples::{client_feed, from_client, from_server, server_feed, source};

/// Codes of servers that work together, and codes of nobody.
#[test]
fn what_is_not_for_us_is_refused_by_name() {
    for (code, text) in [
        (15_u8, "MergeTreeAllRangesAnnouncement"),
        (16, "MergeTreeReadTaskRequest"),
    ] {
        let error = server_feed(&mut from_server(Revision::MAX, false), &[code]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(source(&error).contains(text), "{}", source(&error));
    }
    for (code, text) in [
        (10_u8, "MergeTreeReadTaskResponse"),
        (13, "QueryPlan"),
        (14, "MergeTreeAllRangesAnnouncementResponse"),
    ] {
        let error = client_feed(&mut from_client(Revision::MAX, false), &[code]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(source(&error).contains(text), "{}", source(&error));
    }
    for code in [20_u8, 72, 127] {
        let error = server_feed(&mut from_server(Revision::MAX, false), &[code]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(
            source(&error).contains(&format!("code {code}")),
            "{}",
            source(&error)
        );
        let error = client_feed(&mut from_client(Revision::MAX, false), &[code]).unwrap_err();
        assert!(
            source(&error).contains(&format!("code {code}")),
            "{}",
            source(&error)
        );
    }
    // A read task as the engine writes it when it may use version 10: a path and eight zeros.
    let mut bytes = b"\x09\x0a\x04/a/b".to_vec();
    bytes.extend([0; 8]);
    let error = client_feed(&mut from_client(Revision::MAX, false), &bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(source(&error).contains("version 10"), "{}", source(&error));
}

/// Lists that say they are long and are not; none may ask for memory.
#[test]
fn counts_that_lie_are_refused_or_waited_for() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    let with = |code: u8| [&[code][..], &huge].concat();
    for code in [9_u8, 12] {
        let error = server_feed(&mut from_server(Revision::MAX, false), &with(code)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{code}");
    }
    for code in [5_u8, 8] {
        let error = client_feed(&mut from_client(Revision::MAX, false), &with(code)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{code}");
    }
    // A challenge, an exception's name, a time zone.
    for bytes in [with(18), [&[2, 0, 0, 0, 0][..], &huge].concat(), with(17)] {
        let error = server_feed(&mut from_server(Revision::MAX, false), &bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{bytes:?}");
    }
}

/// The server's own limits (`DBMS_MAX_HELLO_STRING_SIZE`, `DBMS_MAX_PASSWORD_COMPLEXITY_RULES`), and a word that nobody
/// knows.
#[test]
fn a_hello_is_bounded() {
    let hello = || ServerHello::new("ClickHouse", (26, 9, 2), Revision::MAX);
    let written = |hello: ServerHello| {
        let mut bytes = Vec::new();
        let form = Form::new(Revision::MAX, None);
        ServerPacket::Hello(hello).encode(form, &mut bytes).unwrap();
        bytes
    };
    let read = |bytes: &[u8]| server_feed(&mut from_server(Revision::MAX, false), bytes);
    let mut long = hello();
    long.display_name = "x".repeat(4096);
    assert_eq!(read(&written(long.clone())).unwrap().len(), 1);
    long.display_name.push('x');
    assert_eq!(read(&written(long)).unwrap_err().kind(), ErrorKind::Limit);
    let mut strict = hello();
    strict.password_rules = vec![(String::new(), String::new()); 256];
    assert_eq!(read(&written(strict.clone())).unwrap().len(), 1);
    strict.password_rules.push((String::new(), String::new()));
    assert_eq!(read(&written(strict)).unwrap_err().kind(), ErrorKind::Limit);
    let mut bytes = written(hello());
    let at = bytes.windows(10).position(|w| w == b"notchunked").unwrap();
    bytes[at + 9] = b'X';
    let error = read(&bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(source(&error).contains("notchunkeX"), "{}", source(&error));
}
