//! Inputs of the fuzz targets, out of what servers and clients have sent.

use wire_core::testing::{fixture, fixtures};
use wire_testkit::fuzz::Seed;

/// Names of classes and types as servers write them, and some that they do not.
const CLASSES: [&str; 6] = [
    "org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType , 3)",
    "org.apache.cassandra.db.marshal.MapType(org.apache.cassandra.db.marshal.UTF8Type,org.apache.cassandra.db.marshal.Int32Type)",
    "org.apache.cassandra.db.marshal.UserType(ks,706f696e74,78:org.apache.cassandra.db.marshal.Int32Type)",
    "org.apache.cassandra.db.marshal.DynamicCompositeType(s=>org.apache.cassandra.db.marshal.UTF8Type)",
    "ListType(SetType(TupleType(a:Int32Type,FrozenType(DateType))))",
    "org.example.Unknown(a,(b)",
];
const TEXTS: [&str; 6] = [
    "map<text, frozen<list<frozen<point>>>>",
    "frozen<\"My \"\"type\">",
    "vector<frozen<point>, 2>",
    "'org.apache.cassandra.db.marshal.FloatType'",
    "tuple<int, set<varchar>>",
    "list<",
];

/// Tables of the schema, in the order in which they are asked for.
const SCHEMA: [&str; 12] = [
    "keyspaces",
    "tables",
    "columns",
    "types",
    "views",
    "indexes",
    "functions",
    "aggregates",
    "column_masks",
    "virtual_keyspaces",
    "virtual_tables",
    "virtual_columns",
];

/// The inputs that a target begins with, each with its name.
pub(super) fn seeds(target: &str) -> Vec<Seed> {
    let named = |texts: &[&str]| {
        let numbered = texts.iter().enumerate();
        numbered
            .map(|(i, text)| (i.to_string(), text.as_bytes().to_vec()))
            .collect()
    };
    let mut seeds: Vec<_> = match target {
        "class_name" => named(&CLASSES),
        "type_text" => named(&TEXTS),
        "connection" => vec![
            (
                "opened".to_owned(),
                conversation(0, &["supported_v4", "ready_v4"]),
            ),
            (
                "older".to_owned(),
                conversation(0, &["error_version", "ready_v3"]),
            ),
            (
                "lz4".to_owned(),
                conversation(4, &["supported_v4", "ready_lz4"]),
            ),
            (
                "v5".to_owned(),
                conversation(2, &["supported_v4", "v5_ready"]),
            ),
        ],
        "schema" => SCHEMA.iter().map(|name| schema(name)).collect(),
        _ => fixtures("")
            .into_iter()
            .chain(fixtures("messages"))
            .flat_map(|(name, bytes)| of_fixture(target, name, &bytes))
            .collect(),
    };
    // What was found once.
    let found = fixtures("fuzz").into_iter();
    seeds.extend(found.filter(|(name, _)| name.split('-').next() == Some(target)));
    seeds
}

/// A fixture as input of this target, if it is one.
fn of_fixture(target: &str, name: String, bytes: &[u8]) -> Option<Seed> {
    let [version, flags, _, _, opcode, ..] = *bytes else {
        return None;
    };
    let body = bytes.get(9..)?;
    let is_v5 = name.contains("v5_");
    let is_plain = flags & 1 == 0 && !is_v5;
    let is_response = version & 0x80 != 0;
    let is_rows = is_plain && name.starts_with("rows_");
    let dialect = if version & 0x7f == 3 { 1 } else { 0 };
    let with = |prefix: &[u8], rest: &[u8]| Some((name.clone(), [prefix, rest].concat()));
    match target {
        "frames" if !is_v5 => with(&[2], bytes),
        "segments" if is_v5 => with(&[2 | u8::from(name.contains("lz4")), 6], bytes),
        "segments" if is_plain => {
            let length = u16::try_from(bytes.len()).ok()?.to_be_bytes();
            with(&[0, 40, 1, length[0], length[1]], bytes)
        }
        "decompress" if !is_v5 && flags & 1 == 1 => {
            with(&[u8::from(name.contains("snappy"))], body)
        }
        "response" if is_plain && is_response => with(&[dialect, flags, opcode], body),
        "request" if is_plain && !is_response => with(&[dialect, flags, opcode], body),
        "metadata" if is_rows => with(&[dialect, flags], body),
        "rows" if is_rows => with(&[u8::try_from(name.len() % 8).ok()?], body.get(8..)?),
        "discovery" if name.starts_with("rows_system") => {
            let table = if name.contains("local") {
                0
            } else {
                1 + u8::from(name.contains("keyspaces"))
            };
            with(&[table], body)
        }
        _ => None,
    }
}

/// A page of the keyspaces, and one of this table.
fn schema(name: &str) -> Seed {
    let mut input = vec![0];
    for page in ["keyspaces", name] {
        let table = SCHEMA.iter().position(|known| *known == page).unwrap();
        let body = &fixture(&format!("schema/{page}"))[9..];
        // What does not fit ends early, as anything may.
        let body = &body[..body.len().min(usize::from(u16::MAX))];
        input.push(u8::try_from(table).unwrap());
        input.extend_from_slice(&u16::try_from(body.len()).unwrap().to_be_bytes());
        input.extend_from_slice(body);
    }
    (name.to_owned(), input)
}

/// A handshake that is answered with these, a request, and its answer.
fn conversation(wishes: u8, answers: &[&str]) -> Vec<u8> {
    let mut input = vec![wishes];
    for answer in answers {
        for piece in fixture(answer).chunks(200) {
            input.extend([0, u8::try_from(piece.len()).unwrap_or(0)]);
            input.extend_from_slice(piece);
        }
    }
    // A request, its answer on stream 1, a look at it, and half a second.
    input.extend([2, 6, 3 << 3 | 1, 2, 0, 4, 1 << 3 | 5]);
    // One that is given up before its answer comes.
    input.extend([2, 3, 3 << 3 | 1, 8, 4, 0, 0, 0, 1]);
    input
}
