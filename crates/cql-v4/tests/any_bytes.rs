//! Messages of any content: events go there and back, and no bytes whatever make a decoder panic.

mod support;

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use cql_v4::codec::{Dialect, SegmentDecoder};
use cql_v4::message::{
    Call, Event, Message, Register, Request, Response, SchemaChange, StatusChange, TopologyChange,
};
use cql_v4::{Compression, Limits, Version};
use proptest::collection::vec;
use proptest::prelude::*;

fn dialect() -> impl Strategy<Value = Dialect> {
    let version = prop_oneof![Just(Version::V3), Just(Version::V4), Just(Version::V5)];
    (version, any::<bool>(), any::<u32>(), any::<i32>()).prop_map(|(version, ids, mark, code)| {
        let dialect = Dialect::new(version)
            .with_lwt_mark(mark)
            .with_rate_limit_code(code);
        match ids {
            true => dialect.with_result_metadata_ids(),
            false => dialect,
        }
    })
}

fn event() -> impl Strategy<Value = Event> {
    let address = (any::<IpAddr>(), any::<u16>()).prop_map(|(ip, port)| SocketAddr::new(ip, port));
    let names = || vec(".{0,6}", 0..4);
    let topology = prop_oneof![
        Just(TopologyChange::NewNode),
        Just(TopologyChange::RemovedNode),
        Just(TopologyChange::MovedNode),
        "[a-z]{0,6}".prop_map(TopologyChange::Other),
    ];
    let status = prop_oneof![
        Just(StatusChange::Up),
        Just(StatusChange::Down),
        "[a-z]{0,6}".prop_map(StatusChange::Other),
    ];
    let of_function = prop_oneof![Just("FUNCTION"), Just("AGGREGATE")];
    prop_oneof![
        (topology, address.clone())
            .prop_map(|(change, address)| Event::TopologyChange { change, address }),
        (status, address).prop_map(|(change, address)| Event::StatusChange { change, address }),
        ("[A-Z]{0,6}", of_function, ".{0,6}", ".{0,6}", names()).prop_map(
            |(change, target, keyspace, name, arguments)| {
                let mut change = SchemaChange::new(&change, target, &keyspace, &name);
                change.arguments = arguments;
                Event::SchemaChange(Box::new(change))
            }
        ),
        (".{0,6}", names(), names()).prop_map(|(change, connection_ids, host_ids)| {
            Event::ClientRoutesChange {
                change,
                connection_ids,
                host_ids,
            }
        }),
        ("[a-z]{0,6}", vec(any::<u8>(), 0..10)).prop_map(|(kind, body)| Event::Other {
            kind,
            body: body.into()
        }),
    ]
}

proptest! {
    #[test]
    fn events_survive(event in event(), dialect in dialect()) {
        let mut bytes = Vec::new();
        Response::from(Message::Event(event.clone())).encode(dialect, None, -1, &mut bytes).unwrap();
        let frame = support::frame(&bytes);
        let read = Response::decode(&frame.header, &frame.body, dialect, &Limits::DEFAULT).unwrap();
        let Message::Event(read) = read.message else { panic!() };
        prop_assert_eq!(read, event);
    }

    #[test]
    fn registrations_survive(events in vec(".{0,10}", 0..5), dialect in dialect()) {
        let call = Call::from(Request::Register(Register { events }));
        let mut bytes = Vec::new();
        call.encode(dialect, None, 1, &mut bytes).unwrap();
        let frame = support::frame(&bytes);
        prop_assert_eq!(Call::decode(dialect, &frame.header, &frame.body).unwrap(), call);
    }

    #[test]
    fn no_body_is_a_panic(opcode in 0..20_u8, flags in any::<u8>(), kind in 0..7_u8, body in vec(any::<u8>(), 0..60), dialect in dialect()) {
        let header = [0x80 | dialect.version().number(), flags & !1, 0, 1, opcode];
        // Small numbers are what most messages begin with.
        for body in [body.clone(), [&[0, 0, 0, kind][..], &body].concat()] {
            let frame = support::with_body(&header, &body);
            let _ = Response::decode(&frame.header, &frame.body, dialect, &Limits::DEFAULT);
            let _ = Call::decode(dialect, &frame.header, &frame.body);
        }
    }

    #[test]
    fn no_segment_is_a_panic(bytes in vec(any::<u8>(), 0..300), compression in 0..=Compression::ALL.len(), step in 1..20_usize) {
        let mut decoder = SegmentDecoder::new(Compression::ALL.get(compression).copied(), Limits::DEFAULT);
        for part in Bytes::from(bytes).chunks(step) {
            decoder.feed(part);
            if decoder.next_frame().is_err() {
                break;
            }
        }
    }
}
