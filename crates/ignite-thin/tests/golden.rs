//! Bytes of the official Java client and of a real server: they are read, and written again they are the same.

mod support;

use std::fmt::Debug;

use bytes::Bytes;
use ignite_thin::codec::frame::write_frame;
use ignite_thin::message::{
    CacheInfo, CacheNames, CloseResource, ContainsKey, DestroyCache, Get, GetAll, GetOrCreateCache,
    Put, PutAll, RemoveKey, ScanPage, ScanQuery, Serve, SqlCursor, SqlPage, SqlQuery,
    StatementKind, read_response,
};
use ignite_thin::object::Header;
use ignite_thin::{
    BinaryObject, CollectionKind, Date, Decimal, Decode, Decoder, Encode, Encoder, ErrorKind,
    Limits, MapKind, Time, Timestamp, Uuid, Value,
};
use support::{LATEST, frames, request, response};

const UUID: Uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);

/// 3.14159, which lints take for a careless pi.
const DOUBLE: f64 = 314_159.0 / 100_000.0;

/// What the Java program put, by the name of its fixture.
fn values() -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::String(text.into());
    vec![
        ("byte", Value::Byte(-7)),
        ("short", Value::Short(-300)),
        ("int", Value::Int(123_456_789)),
        ("long", Value::Long(-1_234_567_890_123)),
        ("float", Value::Float(-1.5)),
        ("double", Value::Double(DOUBLE)),
        ("char", Value::Char(0x20ac)),
        ("bool", Value::Bool(true)),
        ("string", text("aé€\u{1f600}")),
        ("empty_string", text("")),
        ("uuid", Value::Uuid(UUID)),
        ("date", Value::Date(Date::from_millis(1_600_000_000_123))),
        (
            "timestamp",
            Value::Timestamp(Timestamp::new(1_600_000_000_123, 456_789).unwrap()),
        ),
        (
            "timestamp_1969",
            Value::Timestamp(Timestamp::new(-1, 999_999).unwrap()),
        ),
        ("time", Value::Time(Time::from_millis(12_345_678))),
        ("decimal", Value::Decimal(Decimal::new(-1234, 2))),
        ("decimal_zero", Value::Decimal(Decimal::new(0, 0))),
        ("decimal_128", Value::Decimal(Decimal::new(128, 0))),
        ("decimal_neg128", Value::Decimal(Decimal::new(-128, 0))),
        ("decimal_negscale", Value::Decimal(Decimal::new(12, -5))),
    ]
}

/// The same for what holds other values.
fn composite_values() -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::String(text.into());
    let list = |kind, items: &[Value]| Value::Collection {
        kind,
        items: items.to_vec(),
    };
    vec![
        ("byte_array", Value::Bytes(Bytes::from_static(&[1, 255, 3]))),
        ("short_array", Value::ShortArray(vec![1, -2])),
        ("int_array", Value::IntArray(vec![1, -2, 3])),
        ("long_array", Value::LongArray(vec![1 << 40, 3])),
        ("float_array", Value::FloatArray(vec![1.5, -2.0])),
        ("double_array", Value::DoubleArray(vec![0.1])),
        ("char_array", Value::CharArray(vec![0x61, 0x20ac])),
        ("bool_array", Value::BoolArray(vec![true, false])),
        (
            "string_array",
            Value::StringArray(vec![Some("a".into()), None, Some("b".into())]),
        ),
        ("uuid_array", Value::UuidArray(vec![Some(UUID), None])),
        (
            "date_array",
            Value::DateArray(vec![Some(Date::from_millis(5))]),
        ),
        (
            "timestamp_array",
            Value::TimestampArray(vec![Timestamp::new(7, 0)]),
        ),
        (
            "time_array",
            Value::TimeArray(vec![Some(Time::from_millis(9))]),
        ),
        (
            "decimal_array",
            Value::DecimalArray(vec![Some(Decimal::new(15, 1))]),
        ),
        (
            "object_array",
            Value::ObjectArray {
                type_id: -1,
                class_name: None,
                items: vec![Value::Int(1), text("x"), Value::Null],
            },
        ),
        (
            "list",
            Value::list([Value::Int(1), text("two"), Value::Null, Value::Long(3)]),
        ),
        (
            "linked_list",
            list(CollectionKind::LinkedList, &[Value::Int(1)]),
        ),
        ("set", list(CollectionKind::HashSet, &[Value::Int(5)])),
        (
            "nested_list",
            Value::list([Value::list([Value::Int(1)]), Value::list([])]),
        ),
        (
            "map",
            Value::Map {
                kind: MapKind::LinkedHashMap,
                entries: vec![(Value::Int(1), text("one")), (text("k"), Value::Null)],
            },
        ),
    ]
}

fn encode(value: &impl Encode) -> Vec<u8> {
    let mut out = Vec::new();
    value.encode(&mut Encoder::new(&mut out)).unwrap();
    out
}

/// Reads a request and writes it again: the same bytes.
fn same_request<R: Serve + Debug>(name: &str, frame: &Bytes) -> R {
    let (header, payload) = request(frame);
    assert_eq!(header.op_code, R::OP.code(), "{name}");
    let mut from = Decoder::new(&payload, &Limits::default());
    let decoded = R::decode(&mut from).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    from.finish("request").unwrap();
    let mut again = Vec::new();
    ignite_thin::message::write_request(&decoded, header.request_id, &mut again).unwrap();
    assert_eq!(again, frame[..], "{name}");
    decoded
}

/// Reads a response to `request` and writes it again: the same bytes.
fn same_response<R: Serve>(name: &str, request: &R, frame: &Bytes) -> R::Response {
    let (header, payload) = response(frame, LATEST);
    assert_eq!(header.error, None, "{name}");
    let decoded = read_response(request, &payload, &Limits::default())
        .unwrap_or_else(|e| panic!("{name}: {e:?}"));
    let mut again = Vec::new();
    write_frame(&mut again, |to| {
        header.encode(to, LATEST)?;
        request.encode_response(&decoded, to)
    })
    .unwrap();
    assert_eq!(again, frame[..], "{name}");
    decoded
}

#[test]
fn values_of_the_java_client_are_read_and_written_byte_for_byte() {
    let frames = frames("java");
    for (name, value) in values().into_iter().chain(composite_values()) {
        let put: Put<Value, Value> = same_request(name, &frames[&format!("put.{name}.request")]);
        assert_eq!(put.cache, CacheInfo::named("golden"));
        assert_eq!((&put.key, &put.value), (&Value::Int(1), &value), "{name}");
        let get: Get<Value, Value> = same_request(name, &frames[&format!("get.{name}.request")]);
        let got = same_response(name, &get, &frames[&format!("get.{name}.response")]);
        assert_eq!(got, Some(value), "{name}");
    }
}

#[test]
fn big_decimals_keep_every_digit() {
    let frames = frames("java");
    let put: Put<Value, Value> = same_request("decimal_big", &frames["put.decimal_big.request"]);
    let Value::Decimal(decimal) = put.value else {
        panic!("{:?}", put.value)
    };
    assert_eq!(
        (decimal.scale(), decimal.is_negative(), decimal.unscaled()),
        (1, false, None)
    );
    // 1234567890 … 0.5 × 10, as python's int(...).to_bytes gives it.
    let digits = "c4ad9230ef592fd4e87b4c6a2b7a2d0e1d801f6fe40e766c39";
    assert_eq!(decimal.magnitude(), wire_core::hex::parse(digits).unwrap());
}

#[test]
fn typed_values_have_the_bytes_of_the_java_client() {
    let frames = frames("java");
    let stored = |name: &str| {
        let (_, payload) = response(&frames[&format!("get.{name}.response")], LATEST);
        payload
    };
    fn check<T: Encode + Decode + PartialEq + Debug>(stored: &Bytes, value: T) {
        assert_eq!(encode(&value), stored[..], "{value:?}");
        let mut from = Decoder::new(stored, &Limits::default());
        assert_eq!(T::decode(&mut from).unwrap(), value);
        from.finish("value").unwrap();
        // A value of another type is refused without reading on.
        let other = Bytes::from(encode(&Value::Null));
        let error = T::decode(&mut Decoder::new(&other, &Limits::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type, "{error}");
    }
    check(&stored("byte"), -7_i8);
    check(&stored("short"), -300_i16);
    check(&stored("int"), 123_456_789_i32);
    check(&stored("long"), -1_234_567_890_123_i64);
    check(&stored("float"), -1.5_f32);
    check(&stored("double"), DOUBLE);
    check(&stored("char"), '€');
    check(&stored("bool"), true);
    check(&stored("string"), "aé€\u{1f600}".to_owned());
    check(&stored("uuid"), UUID);
    check(&stored("date"), Date::from_millis(1_600_000_000_123));
    check(
        &stored("timestamp"),
        Timestamp::new(1_600_000_000_123, 456_789).unwrap(),
    );
    check(&stored("time"), Time::from_millis(12_345_678));
    check(&stored("decimal"), Decimal::new(-1234, 2));
    check(&stored("byte_array"), vec![1_u8, 255, 3]);
    check(&stored("byte_array"), Bytes::from_static(&[1, 255, 3]));
    check(&stored("short_array"), vec![1_i16, -2]);
    check(&stored("int_array"), vec![1_i32, -2, 3]);
    check(&stored("long_array"), vec![1_i64 << 40, 3]);
    check(&stored("float_array"), vec![1.5_f32, -2.0]);
    check(&stored("double_array"), vec![0.1_f64]);
    check(&stored("char_array"), vec![0x61_u16, 0x20ac]);
    check(&stored("bool_array"), vec![true, false]);
    check(
        &stored("string_array"),
        vec![Some("a".to_owned()), None, Some("b".to_owned())],
    );
    check(&stored("uuid_array"), vec![Some(UUID), None]);
    check(&stored("date_array"), vec![Date::from_millis(5)]);
    check(
        &stored("timestamp_array"),
        vec![Timestamp::new(7, 0).unwrap()],
    );
    check(&stored("time_array"), vec![Time::from_millis(9)]);
    check(&stored("decimal_array"), vec![Decimal::new(15, 1)]);
}

#[test]
fn objects_and_enums_are_read_in_the_forms_that_the_server_gives_them() {
    let frames = frames("java");
    let value = |name: &str| {
        let (_, payload) = response(&frames[&format!("get.{name}.response")], LATEST);
        let value = Value::decode(&mut Decoder::new(&payload, &Limits::default())).unwrap();
        (value, payload)
    };
    let (object, payload) = value("object");
    let Value::Object(object) = object else {
        panic!("{object:?}")
    };
    assert_eq!(
        object.as_bytes().as_ptr(),
        payload[5..].as_ptr(),
        "no copy out of the envelope"
    );
    let header = Header::of(&object).unwrap();
    assert_eq!(header.type_id, ignite_thin::object::type_id("my.T"));
    assert_eq!(
        encode(&object),
        object.as_bytes()[..],
        "written bare, as the fact is"
    );

    let (list, _) = value("list_of_objects");
    assert_eq!(list, Value::list([Value::Object(object), Value::Int(1)]));

    let (constant, payload) = value("enum");
    let Value::Enum {
        type_id, ordinal, ..
    } = &constant
    else {
        panic!("{constant:?}")
    };
    assert_eq!(
        (*type_id, *ordinal),
        (ignite_thin::object::type_id("Rec$Color"), 1)
    );
    assert_eq!(encode(&constant), payload[..]);
}

#[test]
fn requests_about_caches_and_entries_are_the_java_clients() {
    let frames = frames("java");
    let request = |name: &str| frames[&format!("{name}.request")].clone();
    let answer = |name: &str| frames[&format!("{name}.response")].clone();

    let create: GetOrCreateCache<'_> = same_request("create", &request("get_or_create"));
    assert_eq!(create.name, "golden");
    same_response("create", &create, &answer("get_or_create"));

    let get: Get<i32, String> = same_request("miss", &request("get.miss"));
    assert_eq!(same_response("miss", &get, &answer("get.miss")), None);

    let contains: ContainsKey<i32> = same_request("contains", &request("contains.yes"));
    assert!(same_response(
        "contains",
        &contains,
        &answer("contains.yes")
    ));
    assert!(!same_response(
        "contains",
        &contains,
        &answer("contains.no")
    ));

    let remove: RemoveKey<i32> = same_request("remove", &request("remove.yes"));
    assert!(same_response("remove", &remove, &answer("remove.yes")));
    assert!(!same_response("remove", &remove, &answer("remove.no")));

    let entries: Vec<(i32, String)> = [(1, "a"), (2, "b"), (3, "c")]
        .map(|(k, v)| (k, v.to_owned()))
        .to_vec();
    let put_all: PutAll<Vec<(i32, String)>> = same_request("put_all", &request("put_all"));
    assert_eq!(put_all.entries, entries);
    let get_all: GetAll<Vec<i32>, i32, String> = same_request("get_all", &request("get_all"));
    assert_eq!(get_all.keys, [1, 2, 3, 4]);
    assert_eq!(
        same_response("get_all", &get_all, &answer("get_all")),
        entries
    );

    let names: CacheNames = same_request("names", &request("names"));
    assert_eq!(same_response("names", &names, &answer("names")), ["golden"]);

    let destroy: DestroyCache = same_request("destroy", &request("destroy"));
    assert_eq!(destroy.cache, CacheInfo::named("golden"));
    same_response("destroy", &destroy, &answer("destroy"));
}

#[test]
fn scans_go_page_by_page() {
    let frames = frames("java");
    let scan: ScanQuery = same_request("scan", &frames["scan.request"]);
    assert_eq!(
        (scan.page_size, scan.partition, scan.local),
        (2, None, false)
    );
    let cursor = same_response("scan", &scan, &frames["scan.response"]);
    assert_eq!(
        (cursor.id, cursor.page.rows, cursor.page.more),
        (1, 2, true)
    );
    let next: ScanPage = same_request("page", &frames["scan.2.request"]);
    assert_eq!(next.cursor, cursor.id);
    let page = same_response("page", &next, &frames["scan.2.response"]);
    assert_eq!((page.rows, page.more), (1, false));
    let close: CloseResource = same_request("close", &frames["scan_close.2.request"]);
    assert_eq!(close.id, 2);
    same_response("close", &close, &frames["scan_close.2.response"]);
}

#[test]
fn statements_answer_columns_and_pages() {
    let java = frames("java");
    let server = frames("server");
    let query: SqlQuery<'_, Vec<Value>> = same_request("args", &server["sql.args.request"]);
    assert_eq!(query.sql, "SELECT ?, ?");
    assert_eq!(query.args, [Value::Int(5), Value::String("x".into())]);
    let answer = same_response("args", &query, &server["sql.args.response"]);
    assert_eq!(answer.columns, ["?1", "?2"]);
    assert_eq!((answer.page.rows, answer.page.more), (1, false));

    let first = same_response("select", &query, &java["sql_select.response"]);
    assert_eq!(first.columns, ["ID", "NAME"]);
    assert!(first.page.more);
    let next: SqlPage = same_request("page", &java["sql_select.2.request"]);
    assert_eq!(next.cursor, first.id);
    let next = SqlPage::new(first.id, first.columns.len());
    let last = same_response("page", &next, &java["sql_select.2.response"]);
    assert_eq!((last.rows, last.more), (1, false));

    let mismatch: SqlQuery<'_, Vec<Value>> =
        same_request("mismatch", &server["sql.kind_mismatch.request"]);
    assert_eq!(mismatch.kind, StatementKind::Update);
}

#[test]
fn sql_types_arrive_as_the_documented_values() {
    let java = frames("java");
    let query = SqlQuery::new("", Vec::<Value>::new(), 1);
    let SqlCursor { columns, page, .. } =
        same_response("types", &query, &java["sql_types.response"]);
    let mut from = Decoder::new(&page.values, &Limits::default());
    let row: Vec<Value> = columns
        .iter()
        .map(|_| Value::decode(&mut from).unwrap())
        .collect();
    from.finish("row").unwrap();
    assert_eq!(
        row,
        [
            Value::Byte(1),
            Value::Short(2),
            Value::Int(3),
            Value::Long(4),
            Value::Float(1.5),
            Value::Double(2.5),
            Value::Bool(true),
            Value::String("text".into()),
            Value::Uuid(UUID),
            // 2020-01-02 in UTC, the server's time zone.
            Value::Date(Date::from_millis(1_577_923_200_000)),
            Value::Bytes(Bytes::from_static(&[1, 2, 255])),
            Value::Decimal(Decimal::new(1234, 2)),
            Value::Timestamp(Timestamp::new(1_577_934_245_123, 456_789).unwrap()),
            Value::Time(Time::from_millis(3_723_000)),
            Value::Null,
        ]
    );
}

#[test]
fn a_bare_object_is_what_the_older_clients_send() {
    // The same object without its envelope, as in the protocol's documentation of a put from other clients.
    let bare = "67012b00b2583300eb4791cd26000000e605152224000000030500000009020000006869181d";
    let bytes = Bytes::from(wire_core::hex::parse(bare).unwrap());
    let object = BinaryObject::decode(&mut Decoder::new(&bytes, &Limits::default())).unwrap();
    assert_eq!(object, BinaryObject::from_bytes(bytes).unwrap());
}
