//! Settings in the form of servers and clients from before 2020.

use ch_native::codec::Revision;
use ch_native::message::{
    ClientInfo, ClientPacket, Form, Query, QueryPacket, Setting, SettingKind, SettingValue,
};
use ch_native::{Error, ErrorKind};

use crate::samples::{client_feed, from_client, source};

const OLD: Revision = Revision::new(54_428);

/// The list of settings of a query as it travels, without the end of the list.
fn list(query: Query) -> Result<Vec<u8>, Error> {
    let packet = |query| {
        let mut out = Vec::new();
        let packet = QueryPacket::new(query, ClientInfo::new(OLD), false);
        ClientPacket::Query(Box::new(packet)).encode(Form::new(OLD, None), &mut out)?;
        Ok::<_, Error>(out)
    };
    let without = packet(Query::new("SELECT 1"))?;
    let with = packet(query)?;
    let same = without
        .iter()
        .zip(&with)
        .take_while(|(a, b)| a == b)
        .count();
    Ok(with[same..with.len() - (without.len() - same)].to_vec())
}

fn named(name: &str, value: &[u8]) -> Vec<u8> {
    let len = u8::try_from(name.len()).unwrap();
    [&[len][..], name.as_bytes(), value].concat()
}

fn q() -> Query {
    Query::new("SELECT 1")
}

/// Values of settings as the engine sends them to servers from before 2020 (`max_threads`, `totals_auto_threshold`), and
/// as ClickHouse 18.16.1 read them: five as a signed number is ten.
#[test]
fn settings_of_old_servers_have_the_form_of_their_type() {
    let cases = [
        (
            q().with_setting("max_threads", 4),
            named("max_threads", &[4]),
        ),
        (
            q().with_setting("max_threads", "300"),
            named("max_threads", &[0xac, 2]),
        ),
        (q().with_setting("extremes", true), named("extremes", &[1])),
        (
            q().with_setting("extremes", "true"),
            named("extremes", &[1]),
        ),
        (
            q().with_setting("network_zstd_compression_level", 5),
            named("network_zstd_compression_level", &[10]),
        ),
        (
            q().with_setting("distributed_ddl_task_timeout", "-1"),
            named("distributed_ddl_task_timeout", &[1]),
        ),
        (
            q().with_setting("totals_auto_threshold", 0.75),
            named("totals_auto_threshold", b"\x040.75"),
        ),
        (
            q().with_setting("totals_auto_threshold", 1),
            named("totals_auto_threshold", b"\x011"),
        ),
        (
            q().with_setting("read_overflow_mode", "break"),
            named("read_overflow_mode", b"\x05break"),
        ),
        (
            q().with_setting("unheard_of", -2),
            named("unheard_of", &[3]),
        ),
        (
            q().with_setting("unheard_of", 1.0),
            named("unheard_of", b"\x031.0"),
        ),
        (
            q().with_setting_kind("unheard_of", 2, SettingKind::Text),
            named("unheard_of", b"\x012"),
        ),
    ];
    for (query, bytes) in cases {
        let what = format!("{:?}", query.settings());
        assert_eq!(list(query).unwrap(), bytes, "{what}");
    }
}

#[test]
fn what_an_old_server_cannot_take_is_refused() {
    for (query, text) in [
        (
            q().with_setting_kind("x", "many", SettingKind::Unsigned),
            "setting x: has a value that is no unsigned number",
        ),
        (
            q().with_setting_kind("x", "many", SettingKind::Signed),
            "no signed number",
        ),
        (q().with_setting("", 1), "has no name"),
        (
            q().with_settings([Setting::custom("custom_a", 1)]),
            "custom setting",
        ),
        (q().with_parameter("p", 1), "parameter p"),
    ] {
        let error = list(query).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        assert!(source(&error).contains(text), "{}", source(&error));
        assert!(!source(&error).contains("many"), "{}", source(&error));
    }
}

/// What nobody knows the type of is told from what stands behind it, unless the server's author knows better.
#[test]
fn settings_of_old_clients_are_read_by_their_names() {
    let query = Query::new("SELECT 1")
        .with_setting("load_balancing", "random")
        .with_setting_kind("own_text", "abc", SettingKind::Text)
        .with_setting_kind("other_text", "1", SettingKind::Text)
        .with_setting("max_threads", 4)
        .with_setting_kind("own_signed", -3, SettingKind::Signed)
        .with_setting("large", u64::MAX)
        .with_setting_kind(
            "last_text",
            "unavailable_or_table_missing",
            SettingKind::Text,
        );
    let mut bytes = Vec::new();
    let packet = QueryPacket::new(query, ClientInfo::new(OLD), false);
    ClientPacket::Query(Box::new(packet))
        .encode(Form::new(OLD, None), &mut bytes)
        .unwrap();
    let mut packets = from_client(OLD, false).with_setting_kind("own_signed", SettingKind::Signed);
    let read = client_feed(&mut packets, &bytes).unwrap();
    let [ClientPacket::Query(read)] = read.as_slice() else {
        panic!("{read:?}");
    };
    let values: Vec<_> = read
        .query
        .settings()
        .iter()
        .map(|s| s.value.clone())
        .collect();
    let text = |t: &str| SettingValue::Text(t.to_owned());
    let expected = [
        text("random"),
        text("abc"),
        text("1"),
        SettingValue::UInt(4),
        SettingValue::Int(-3),
        SettingValue::UInt(u64::MAX),
        text("unavailable_or_table_missing"),
    ];
    assert_eq!(values, expected);
}

/// A value whose first letter, taken for the length of a name, would have more bytes to come than the packet has.
#[test]
fn a_setting_that_could_go_on_is_not_waited_for() {
    let text = "z".repeat(20);
    let query = Query::new("SELECT 1").with_setting_kind("own_text", text, SettingKind::Text);
    let mut bytes = Vec::new();
    let packet = QueryPacket::new(query, ClientInfo::new(OLD), false);
    let packet = ClientPacket::Query(Box::new(packet));
    packet.encode(Form::new(OLD, None), &mut bytes).unwrap();
    for cut in 0..bytes.len() {
        let mut packets = from_client(OLD, false);
        assert!(client_feed(&mut packets, &bytes[..cut]).unwrap().is_empty());
        let read = client_feed(&mut packets, &bytes[cut..]).unwrap();
        assert_eq!(read.len(), 1, "cut at {cut}");
    }
}
