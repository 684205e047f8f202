//! Each packet with the fields of each revision.

use ch_native::codec::{ChunkMode, Feature, Method, Revision};
use ch_native::message::{
    Addendum, ClientHello, ClientInfo, ClientPacket, ClientPackets, Form, HttpClient, Interface,
    Interserver, Query, QueryPacket, ServerHello, ServerPacket, TablesStatusRequest,
};
use ch_native::{Block, ErrorKind, Limits};

use crate::samples::{
    client_feed, client_packets, from_client, from_server, query, revisions, server_feed,
    server_packets, source,
};

/// A packet that is of a later time is neither written nor read; every other comes back, and each strict prefix of it
/// is waited for.
#[test]
fn packets_of_the_server_come_back_at_every_revision() {
    for revision in revisions() {
        for (packet, since) in server_packets(revision) {
            let what = format!("{packet:?} at {revision}");
            let mut bytes = Vec::new();
            let written = packet.encode(Form::new(revision, None), &mut bytes);
            if let Some(since) = since.filter(|since| !revision.has(*since)) {
                let error = written.expect_err(&what);
                assert_eq!(error.kind(), ErrorKind::Encode);
                assert!(source(&error).contains(packet.name()), "{}", source(&error));
                let mut later = Vec::new();
                let form = Form::new(Revision::new(since.since()), None);
                packet.encode(form, &mut later).unwrap();
                let error = server_feed(&mut from_server(revision, false), &later).unwrap_err();
                assert!(
                    source(&error).contains("which exists since"),
                    "{what}: {}",
                    source(&error)
                );
                continue;
            }
            written.unwrap_or_else(|e| panic!("{what}: {e:?}"));
            for cut in 0..bytes.len() {
                let mut packets = from_server(revision, false);
                let start = server_feed(&mut packets, &bytes[..cut]).unwrap();
                assert!(start.is_empty(), "{what} cut at {cut}");
                let rest = server_feed(&mut packets, &bytes[cut..]).unwrap();
                assert_eq!(rest, std::slice::from_ref(&packet), "{what} cut at {cut}");
                assert_eq!(packets.undecoded(), 0);
            }
        }
    }
}

#[test]
fn packets_of_the_client_come_back_at_every_revision() {
    for revision in revisions() {
        for (packet, since) in client_packets(revision) {
            let what = format!("{packet:?} at {revision}");
            let mut bytes = Vec::new();
            let written = packet.encode(Form::new(revision, None), &mut bytes);
            if let Some(since) = since.filter(|since| !revision.has(*since)) {
                assert_eq!(written.expect_err(&what).kind(), ErrorKind::Encode);
                let mut later = Vec::new();
                let form = Form::new(Revision::new(since.since()), None);
                packet.encode(form, &mut later).unwrap();
                let error = client_feed(&mut from_client(revision, false), &later).unwrap_err();
                assert!(
                    source(&error).contains("which exists since"),
                    "{what}: {}",
                    source(&error)
                );
                continue;
            }
            written.unwrap_or_else(|e| panic!("{what}: {e:?}"));
            for cut in 0..bytes.len() {
                let mut packets = from_client(revision, false);
                assert!(
                    client_feed(&mut packets, &bytes[..cut]).unwrap().is_empty(),
                    "{what} at {cut}"
                );
                let rest = client_feed(&mut packets, &bytes[cut..]).unwrap();
                assert_eq!(rest, std::slice::from_ref(&packet), "{what} cut at {cut}");
            }
        }
    }
}

/// Each with its fields of the revision; what an older one does not have is as if it had not been said.
#[test]
fn hellos_come_back_at_every_revision() {
    for revision in revisions() {
        let mut hello = ServerHello::new("ClickHouse", (26, 9, 2), revision);
        hello.timezone = "Europe/Berlin".to_owned();
        if revision.has(Feature::DisplayName) {
            hello.display_name = "shown".to_owned();
        }
        if !revision.has(Feature::VersionPatch) {
            hello.version.2 = 0;
        }
        if revision.has(Feature::ChunkedPackets) {
            hello.chunked = (ChunkMode::ChunkedOptional, ChunkMode::NotChunkedOptional);
        }
        if revision.has(Feature::PasswordRules) {
            hello.password_rules = vec![(".{8}".to_owned(), "too short".to_owned())];
        }
        if revision.has(Feature::Nonce) {
            hello.nonce = u64::MAX - 1;
        }
        if revision.has(Feature::VersionedParallelReplicas) {
            hello.parallel_replicas_version = 8;
        }
        if revision.has(Feature::QueryPlan) {
            hello.query_plan_version = 21;
        }
        if revision.has(Feature::VersionedClusterFunction) {
            hello.cluster_function_version = 11;
        }
        let packet = ServerPacket::Hello(hello);
        let mut bytes = Vec::new();
        packet
            .encode(Form::new(Revision::MAX, None), &mut bytes)
            .unwrap();
        for cut in 0..bytes.len() {
            let mut packets = from_server(Revision::MAX, false);
            assert!(server_feed(&mut packets, &bytes[..cut]).unwrap().is_empty());
            let rest = server_feed(&mut packets, &bytes[cut..]).unwrap();
            assert_eq!(
                rest,
                std::slice::from_ref(&packet),
                "revision {revision} cut at {cut}"
            );
        }
    }
}

#[test]
fn a_client_says_hello_in_each_of_its_ways() {
    let revision = Revision::MAX;
    let mut server = ClientHello::new(revision, "", " INTERSERVER SECRET ", "".into());
    server.interserver = None;
    let mut bytes = Vec::new();
    let form = Form::new(revision, None);
    ClientPacket::Hello(server.clone())
        .encode(form, &mut bytes)
        .unwrap();
    // As recorded from the engine: cluster and 32 bytes of salt follow the empty password.
    bytes.extend(b"\x03sec\x20");
    bytes.extend([7; 32]);
    let mut packets = ClientPackets::new(revision, Limits::default());
    packets.push(&bytes);
    let Some(ClientPacket::Hello(hello)) = packets.next_packet().unwrap() else {
        panic!("no hello");
    };
    let Interserver { cluster, salt, .. } = hello.interserver.clone().unwrap();
    assert_eq!((cluster.as_str(), salt.len()), ("sec", 32));
    let mut again = Vec::new();
    ClientPacket::Hello(hello).encode(form, &mut again).unwrap();
    assert_eq!(again, bytes);
    // Behind such a hello a question about tables begins with a hash.
    ClientPacket::Addendum(Addendum::default())
        .encode(form, &mut again)
        .unwrap();
    packets.push(&again[bytes.len()..]);
    packets.next_packet().unwrap();
    let mut request = TablesStatusRequest::new([("db", "t")]);
    request.hash = vec![9; 32];
    let mut question = Vec::new();
    ClientPacket::TablesStatus(request.clone())
        .encode(form, &mut question)
        .unwrap();
    assert_eq!(&question[..2], [5, 32]);
    packets.push(&question);
    assert_eq!(
        packets.next_packet().unwrap(),
        Some(ClientPacket::TablesStatus(request))
    );
}

#[test]
fn a_query_that_came_over_http_or_from_within_is_passed_on() {
    for revision in revisions() {
        let mut http = HttpClient::default();
        http.method = 2;
        http.user_agent = "curl".to_owned();
        if revision.has(Feature::ForwardedFor) {
            http.forwarded_for = "1.2.3.4".to_owned();
        }
        if revision.has(Feature::Referer) {
            http.referer = "r".to_owned();
        }
        for interface in [Interface::Http(http), Interface::Other(6)] {
            let mut packet = query(revision);
            packet.info.kind = 2;
            packet.info.interface = interface.clone();
            let packet = ClientPacket::Query(Box::new(packet));
            let mut bytes = Vec::new();
            let written = packet.encode(Form::new(revision, None), &mut bytes);
            if matches!(interface, Interface::Http(_)) && revision.has(Feature::HttpHandler) {
                assert!(written.is_err());
                continue;
            }
            written.unwrap();
            let read = client_feed(&mut from_client(revision, false), &bytes).unwrap();
            assert_eq!(read, [packet], "revision {revision}");
        }
        let mut nobody = query(revision);
        nobody.info.kind = 0;
        let mut bytes = Vec::new();
        let nobody = ClientPacket::Query(Box::new(nobody));
        nobody
            .encode(Form::new(revision, None), &mut bytes)
            .unwrap();
        let read = client_feed(&mut from_client(revision, false), &bytes).unwrap();
        let [ClientPacket::Query(read)] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(
            (read.info.kind, read.query.text()),
            (0, "SELECT {p:String}")
        );
    }
}

#[test]
fn external_tables_stand_between_the_query_and_the_mark() {
    let form = Form::new(Revision::MAX, Some(Method::None));
    let some = || Block::new().with("n", vec![1_u8]).unwrap();
    let none = || Block::new().with("n", Vec::<u8>::new()).unwrap();
    let query = Query::new("SELECT 1")
        .with_external_table("a", some())
        .with_external_table("a", some())
        .with_external_table("b", none());
    for compressed in [true, false] {
        let packet = QueryPacket::new(query.clone(), ClientInfo::new(Revision::MAX), compressed);
        let mut bytes = Vec::new();
        packet.encode_all(form, &mut bytes).unwrap();
        let read = client_feed(&mut from_client(Revision::MAX, false), &bytes).unwrap();
        let tables: Vec<_> = read[1..]
            .iter()
            .map(|packet| match packet {
                ClientPacket::Data { table, block } => {
                    (table.as_str(), block.rows(), block.columns().len())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(tables, [("a", 1, 1), ("a", 1, 1), ("b", 0, 1), ("", 0, 0)]);
    }
    for (name, block) in [("", some()), ("t", Block::new())] {
        let query = Query::new("SELECT 1").with_external_table(name, block);
        let packet = QueryPacket::new(query, ClientInfo::new(Revision::MAX), false);
        let error = packet.encode_all(form, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
    }
}

/// As ClickHouse 18.16.1 answers clients that announce less than it speaks.
#[test]
fn types_that_a_revision_does_not_know_are_sent_as_those_that_it_knows() {
    let texts = vec![Some("a"), None, Some("a")];
    let column = <Option<&str> as ch_native::Encode>::column(texts.clone());
    let lists = vec![vec![Some("x")], vec![], vec![None, Some("y")]];
    let arrays = <Vec<Option<&str>> as ch_native::Encode>::column(lists.clone());
    let times = ch_native::ColumnData::UInt32(vec![1, 2, 3]);
    let newest = Block::new()
        .with_typed("t", "DateTime('Europe/Berlin')".parse().unwrap(), times)
        .and_then(|b| {
            let ty = "LowCardinality(Nullable(String))".parse().unwrap();
            b.with_typed("s", ty, column)
        })
        .and_then(|b| {
            let ty = "Array(LowCardinality(Nullable(String)))".parse().unwrap();
            b.with_typed("a", ty, arrays)
        })
        .unwrap();
    // Through the wire once, so that it has dictionaries.
    let block = sent(&newest, Revision::MAX);
    let zone = "DateTime('Europe/Berlin')";
    let (low, low_array) = (
        "LowCardinality(Nullable(String))",
        "Array(LowCardinality(Nullable(String)))",
    );
    let (plain, plain_array) = ("Nullable(String)", "Array(Nullable(String))");
    for (revision, types) in [
        (54_058, ["DateTime", plain, plain_array]),
        (54_336, ["DateTime", plain, plain_array]),
        (54_337, [zone, plain, plain_array]),
        (54_404, [zone, plain, plain_array]),
        (54_405, [zone, low, low_array]),
        (54_492, [zone, low, low_array]),
    ] {
        for block in [&block, &newest, &block.clone().without_rows()] {
            let received = sent(block, Revision::new(revision));
            let names: Vec<_> = received
                .columns()
                .iter()
                .map(|c| c.data_type().to_string())
                .collect();
            assert_eq!(names, types, "revision {revision}");
            type Row<'a> = (u32, Option<&'a str>, Vec<Option<&'a str>>);
            let rows: Vec<Row<'_>> = received.typed().unwrap().map(Result::unwrap).collect();
            let expected = (1..).zip(texts.clone()).zip(lists.clone());
            let expected: Vec<Row<'_>> = expected.map(|((t, s), a)| (t, s, a)).collect();
            assert_eq!(rows, expected[..block.rows()], "revision {revision}");
        }
    }
}

/// The block as it comes out at the other end.
fn sent(block: &Block, revision: Revision) -> Block {
    let mut bytes = Vec::new();
    let packet = ServerPacket::Data(block.clone());
    packet
        .encode(Form::new(revision, None), &mut bytes)
        .unwrap();
    let mut read = server_feed(&mut from_server(revision, false), &bytes).unwrap();
    match read.pop() {
        Some(ServerPacket::Data(block)) => block,
        other => panic!("{other:?}"),
    }
}
