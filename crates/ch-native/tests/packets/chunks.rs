//! Packets in chunks.

use ch_native::codec::{Method, Revision};
use ch_native::message::{ClientHello, ClientPacket, Form, ServerPacket};
use ch_native::{Error, ErrorKind};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::samples::{
    client_feed, client_packets, from_client, from_server, server_feed, server_packets, source,
};

/// Everything that comes of `bytes` that arrive cut at `cuts`.
fn feed<P>(
    bytes: &[u8],
    cuts: &[usize],
    mut push: impl FnMut(&[u8]) -> Result<Vec<P>, Error>,
) -> Result<Vec<P>, Error> {
    let mut all = Vec::new();
    let mut from = 0;
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        all.extend(push(&bytes[from..cut])?);
        from = cut;
    }
    Ok(all)
}

/// Cuts `bytes`, which are whole packets that end at `ends`, into chunks at `cuts`; some ends are left out, so that
/// packets share a sequence of chunks.
fn in_chunks(bytes: &[u8], ends: &[usize], cuts: &[usize], shared: &[bool]) -> Vec<u8> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % bytes.len()).collect();
    places.extend(ends);
    places.sort_unstable();
    places.dedup();
    let mut out = Vec::new();
    let mut from = 0;
    for place in places.into_iter().filter(|place| *place > 0) {
        let chunk = &bytes[from..place];
        out.extend(u32::try_from(chunk.len()).unwrap().to_le_bytes());
        out.extend(chunk);
        from = place;
        let end = ends.iter().position(|end| *end == place);
        let is_last = place == bytes.len();
        if end.is_some_and(|end| is_last || !shared[end % shared.len()]) {
            out.extend([0; 4]);
        }
    }
    out
}

/// The packets one behind the other, and where each ends.
fn joined<P>(packets: &[P], encode: impl Fn(&P, &mut Vec<u8>)) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = Vec::new();
    let mut ends = Vec::new();
    for packet in packets {
        encode(packet, &mut bytes);
        ends.push(bytes.len());
    }
    (bytes, ends)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// However packets are cut into chunks, and however those arrive, the same packets come out.
    #[test]
    fn any_chunks_give_the_same_packets(
        cuts in vec(any::<usize>(), 0..12),
        shared in vec(any::<bool>(), 1..5),
        arrival in vec(any::<usize>(), 0..12),
    ) {
        let revision = Revision::MAX;
        let form = Form::new(revision, None);
        let packets: Vec<_> = server_packets(revision).into_iter().map(|(p, _)| p).collect();
        let (bytes, ends) = joined(&packets, |p, out| p.encode(form, out).unwrap());
        let stream = in_chunks(&bytes, &ends, &cuts, &shared);
        let mut at: Vec<usize> = arrival.iter().map(|a| a % stream.len()).collect();
        at.sort_unstable();
        let mut decoder = from_server(revision, true);
        let read = feed(&stream, &at, |part| server_feed(&mut decoder, part)).unwrap();
        prop_assert_eq!(read, packets);
        prop_assert_eq!(decoder.undecoded(), 0);

        let packets: Vec<_> = client_packets(revision).into_iter().map(|(p, _)| p).collect();
        let (bytes, ends) = joined(&packets, |p, out| p.encode(form, out).unwrap());
        let stream = in_chunks(&bytes, &ends, &cuts, &shared);
        let mut at: Vec<usize> = arrival.iter().map(|a| a % stream.len()).collect();
        at.sort_unstable();
        let mut decoder = from_client(revision, true);
        let read = feed(&stream, &at, |part| client_feed(&mut decoder, part)).unwrap();
        prop_assert_eq!(read, packets);
    }

    /// Nothing that arrives where chunks are expected makes it panic.
    #[test]
    fn any_bytes_are_survived_as_chunks(bytes in vec(any::<u8>(), 0..200), small in vec(0_u8..20, 0..200)) {
        for bytes in [bytes, small] {
            drop(server_feed(&mut from_server(Revision::MAX, true), &bytes));
            drop(client_feed(&mut from_client(Revision::MAX, true), &bytes));
        }
    }
}

/// What is written in chunks is what is read from them, compressed too.
#[test]
fn written_chunks_are_read() {
    let form = Form::new(Revision::MAX, Some(Method::None)).with_chunked(true);
    for (packet, _) in server_packets(Revision::MAX) {
        if matches!(packet, ServerPacket::SshChallenge(_)) {
            continue;
        }
        let mut bytes = Vec::new();
        packet.encode(form, &mut bytes).unwrap();
        for cut in 0..=bytes.len() {
            let mut packets = from_server(Revision::MAX, true);
            packets.set_compressed(true);
            let mut read = server_feed(&mut packets, &bytes[..cut]).unwrap();
            read.extend(server_feed(&mut packets, &bytes[cut..]).unwrap());
            assert_eq!(read, std::slice::from_ref(&packet), "cut at {cut}");
        }
    }
    let mut ping = Vec::new();
    ClientPacket::Ping.encode(form, &mut ping).unwrap();
    assert_eq!(
        ping,
        [1, 0, 0, 0, 4, 0, 0, 0, 0],
        "as the protocol's documents give it"
    );
    let mut hello = Vec::new();
    let packet = ClientPacket::Hello(ClientHello::new(Revision::MAX, "", "u", "".into()));
    packet.encode(form, &mut hello).unwrap();
    assert_eq!(hello[0], 0, "a hello is never chunked");
}

#[test]
fn an_end_in_the_middle_of_a_packet_and_one_of_nothing_are_refused() {
    let cases = [
        // Progress, of which one byte is there.
        (vec![1, 0, 0, 0, 3, 0, 0, 0, 0], "in the middle of a packet"),
        // A code that is not complete.
        (
            vec![1, 0, 0, 0, 0x80, 0, 0, 0, 0],
            "in the middle of a packet",
        ),
        (vec![0, 0, 0, 0], "no chunk came"),
        (vec![1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0], "no chunk came"),
    ];
    for (bytes, text) in cases {
        let error = server_feed(&mut from_server(Revision::MAX, true), &bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(source(&error).contains(text), "{}", source(&error));
    }
    // A chunk that says it is huge asks for nothing.
    let huge = [0xff, 0xff, 0xff, 0xff, 4];
    let read = server_feed(&mut from_server(Revision::MAX, true), &huge).unwrap();
    assert_eq!(read, [ServerPacket::Pong]);
}
