//! Messages that end too early, go on too long, or lie: an error each, never a panic, never much memory.

mod support;

use bytes::Bytes;
use ignite_thin::codec::Version;
use ignite_thin::codec::frame::ResponseHeader;
use ignite_thin::message::{
    CacheInfo, CloseResource, ContainsKey, DestroyCache, GetOrCreateCache, RemoveKey,
};
use ignite_thin::message::{
    CacheNames, Get, GetAll, HandshakeRequest, HandshakeResponse, Op, Put, PutAll, Request,
    ScanPage, ScanQuery, Serve, SqlPage, SqlQuery, read_response,
};
use ignite_thin::{Decode, Decoder, Error, ErrorKind, Limits, Value};
use support::{LATEST, body, frames, request};

fn whole<R: Serve>(payload: &Bytes) -> Result<(), Error> {
    let mut from = Decoder::new(payload, &Limits::default());
    R::decode(&mut from)?;
    from.finish("request")
}

/// Reads the payload of any request.
fn read_request(op: Op, payload: &Bytes) -> Result<(), Error> {
    match op {
        Op::CacheGet => whole::<Get<Value, Value>>(payload),
        Op::CachePut => whole::<Put<Value, Value>>(payload),
        Op::CacheGetAll => whole::<GetAll<Vec<Value>, Value, Value>>(payload),
        Op::CachePutAll => whole::<PutAll<Vec<(Value, Value)>>>(payload),
        Op::CacheContainsKey => whole::<ContainsKey<Value>>(payload),
        Op::CacheRemoveKey => whole::<RemoveKey<Value>>(payload),
        Op::CacheGetNames => whole::<CacheNames>(payload),
        Op::CacheGetOrCreate => whole::<GetOrCreateCache<'_>>(payload),
        Op::CacheDestroy => whole::<DestroyCache>(payload),
        Op::QueryScan => whole::<ScanQuery>(payload),
        Op::QueryScanPage => whole::<ScanPage>(payload),
        Op::QuerySqlFields => whole::<SqlQuery<'_, Vec<Value>>>(payload),
        Op::QuerySqlFieldsPage => whole::<SqlPage>(payload),
        Op::ResourceClose => whole::<CloseResource>(payload),
        other => panic!("no fixture of {other:?}"),
    }
}

/// Reads a response as that of any operation, rows and all.
fn read_any_response(op: Op, body: &Bytes) -> Result<(), Error> {
    let limits = Limits::default();
    let mut from = Decoder::new(body, &limits);
    let header = ResponseHeader::decode(&mut from, LATEST)?;
    if header.error.is_some() {
        return from.finish("response");
    }
    let payload = body.slice(from.offset()..);
    let cache = CacheInfo::with_id(1);
    match op {
        Op::CacheGet => {
            read_response(&Get::<i32, Value>::new(cache, 1), &payload, &limits).map(|_| ())
        }
        Op::CacheGetAll => read_response(
            &GetAll::<[i32; 0], Value, Value>::new(cache, []),
            &payload,
            &limits,
        )
        .map(|_| ()),
        Op::CacheContainsKey => {
            read_response(&ContainsKey::new(cache, 1), &payload, &limits).map(|_| ())
        }
        Op::CacheRemoveKey => {
            read_response(&RemoveKey::new(cache, 1), &payload, &limits).map(|_| ())
        }
        Op::CacheGetNames => read_response(&CacheNames::default(), &payload, &limits).map(|_| ()),
        Op::QueryScan => {
            let cursor = read_response(&ScanQuery::new(cache, 1), &payload, &limits)?;
            rows(cursor.page.rows.saturating_mul(2), &cursor.page.values)
        }
        Op::QuerySqlFields => {
            let cursor = read_response(&SqlQuery::new("", (), 1), &payload, &limits)?;
            rows(
                cursor.page.rows.saturating_mul(cursor.columns.len()),
                &cursor.page.values,
            )
        }
        Op::QueryScanPage | Op::QuerySqlFieldsPage => {
            let page = read_response(&SqlPage::new(1, 2), &payload, &limits)?;
            rows(page.rows.saturating_mul(2), &page.values)
        }
        _ => read_response(&CloseResource::new(1), &payload, &limits),
    }
}

fn rows(values: usize, data: &Bytes) -> Result<(), Error> {
    let mut from = Decoder::new(data, &Limits::default());
    for _ in 0..values {
        Value::decode(&mut from)?;
    }
    from.finish("page")
}

/// The recorded requests, each with its operation, and the responses to them.
fn exchanges() -> Vec<(String, Op, Bytes, Bytes)> {
    let java = frames("java");
    let requests = java.iter().filter(|(name, _)| name.ends_with(".request"));
    requests
        .filter_map(|(name, frame)| {
            let (header, payload) = request(frame);
            let op = Op::from_code(header.op_code).filter(|_| name != "handshake.request")?;
            let name = name.trim_end_matches(".request");
            let answer = body(&java[&format!("{name}.response")]);
            Some((name.to_owned(), op, payload, answer))
        })
        .collect()
}

#[test]
fn every_prefix_and_every_longer_message_fails() {
    let all = exchanges();
    assert!(all.len() > 90, "{}", all.len());
    for (name, op, payload, answer) in all {
        read_request(op, &payload).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        read_any_response(op, &answer).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        for end in 0..payload.len() {
            assert!(
                read_request(op, &payload.slice(..end)).is_err(),
                "{name} request, {end}"
            );
        }
        for end in 0..answer.len() {
            assert!(
                read_any_response(op, &answer.slice(..end)).is_err(),
                "{name} answer, {end}"
            );
        }
        let longer = |bytes: &Bytes| Bytes::from([bytes.as_ref(), &[0]].concat());
        assert!(
            read_request(op, &longer(&payload)).is_err(),
            "{name} request and a byte"
        );
        assert!(
            read_any_response(op, &longer(&answer)).is_err(),
            "{name} answer and a byte"
        );
    }
}

#[test]
fn no_changed_byte_makes_a_panic() {
    for (_, op, payload, answer) in exchanges() {
        for at in 0..payload.len().max(answer.len()) {
            for bit in 0..8 {
                let flip = |bytes: &Bytes| {
                    let mut bytes = bytes.to_vec();
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << bit;
                    }
                    Bytes::from(bytes)
                };
                // Some changes give other values, which is fine; none may panic.
                let _ = read_request(op, &flip(&payload));
                let _ = read_any_response(op, &flip(&answer));
            }
        }
    }
}

#[test]
fn handshakes_that_end_early_fail() {
    let server = frames("server");
    for (name, minor) in [("1_0", 0), ("1_3", 3), ("1_4", 4), ("bit11", 7), ("1_8", 8)] {
        let asked = Version::new(1, minor, 0);
        let question = body(&server[&format!("handshake_{name}.request")]);
        let answer = body(&server[&format!("handshake_{name}.response")]);
        let limits = Limits::default();
        for end in 0..question.len() {
            let part = question.slice(..end);
            assert!(HandshakeRequest::decode(&mut Decoder::new(&part, &limits)).is_err());
        }
        for end in 0..answer.len() {
            let part = answer.slice(..end);
            assert!(HandshakeResponse::decode(&mut Decoder::new(&part, &limits), asked).is_err());
        }
        let longer = Bytes::from([answer.as_ref(), &[0]].concat());
        assert!(HandshakeResponse::decode(&mut Decoder::new(&longer, &limits), asked).is_err());
    }
}

/// Counts of 2³¹ - 1 and of 100 million in a message of a few bytes.
#[test]
fn counts_that_the_message_cannot_hold_are_refused() {
    // Each array type, collection, map, text, decimal, wrapped object: type code, what stands before the count.
    let mut heads: Vec<Vec<u8>> = [
        9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 27, 31, 34, 37,
    ]
    .iter()
    .map(|code| vec![*code])
    .collect();
    heads.extend([
        vec![23, 255, 255, 255, 255],
        vec![29, 1, 0, 0, 0],
        vec![30, 0, 0, 0, 0],
    ]);
    for head in heads {
        for count in [[0xff, 0xff, 0xff, 0x7f], [0, 0xe1, 0xf5, 0x05], [0xff; 4]] {
            let data = Bytes::from([head.as_slice(), &count, &[1; 16]].concat());
            let error = Value::decode(&mut Decoder::new(&data, &Limits::default())).unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Decode,
                "{head:?} {count:?}: {error:?}"
            );
        }
    }
    let data = Bytes::from([&[7_u8; 8][..], &[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0]].concat());
    let mut from = Decoder::new(&data, &Limits::default());
    let error = SqlQuery::new("", (), 1)
        .decode_response(&mut from)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "a count of columns");
}

#[test]
fn nesting_ends_where_the_limit_says() {
    let nest = |levels: usize| {
        let mut data: Vec<u8> = [24, 1, 0, 0, 0, 1].repeat(levels);
        data.push(101);
        Bytes::from(data)
    };
    // On a small stack, so that the limit is known to be low enough.
    let thread = std::thread::Builder::new()
        .stack_size(128 * 1024)
        .spawn(move || {
            let limits = Limits::default();
            let deepest = nest(64);
            let value = Value::decode(&mut Decoder::new(&deepest, &limits)).unwrap();
            let mut out = Vec::new();
            ignite_thin::Encode::encode(&value, &mut ignite_thin::Encoder::new(&mut out)).unwrap();
            assert_eq!(out, deepest);
            for levels in [65, 100_000] {
                let error = Value::decode(&mut Decoder::new(&nest(levels), &limits)).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Limit, "{error:?}");
            }
            let outer = Value::list([value]);
            let error =
                ignite_thin::Encode::encode(&outer, &mut ignite_thin::Encoder::new(&mut out));
            assert_eq!(
                error.unwrap_err().kind(),
                ErrorKind::Limit,
                "not written either"
            );
        });
    thread.unwrap().join().unwrap();
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    for (code, name) in [
        (102, "handle (102)"),
        (35, "Proxy (35)"),
        (254, "optimized marshaller (254)"),
        (77, "unknown type (77)"),
    ] {
        let data = Bytes::from(vec![24, 1, 0, 0, 0, 1, code, 1, 0, 0, 0, 0]);
        let error = Value::decode(&mut Decoder::new(&data, &Limits::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(name), "{error}");
        assert!(error.to_string().contains("at byte 6"), "{error}");
    }
}
