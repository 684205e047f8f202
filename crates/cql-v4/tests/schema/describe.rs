//! CQL text that creates again what was read.

use std::collections::BTreeMap;

use crate::{keyspace, recorded, rows};

/// The description that the server itself gave, by name, without blanks at the ends of lines and with one between words.
fn of_server() -> BTreeMap<String, String> {
    let rows = rows("describe");
    rows.to_vec::<(&str, &str, &str, &str)>()
        .unwrap()
        .into_iter()
        .map(|(_, kind, name, text)| (format!("{kind} {name}"), squeezed(text)))
        .collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn types_functions_and_indexes_are_described_as_the_server_does_it() {
    let keyspace = keyspace();
    let server = of_server();
    let mut ours = Vec::new();
    for t in keyspace.types.values() {
        let name = cql_v4::schema::quote_identifier(&t.name);
        ours.push((
            format!("type {name}"),
            t.describe()
                .replace(" (\n    ", " ( ")
                .replace("\n);", " );"),
        ));
    }
    for index in keyspace.table("main").unwrap().indexes.values() {
        ours.push((format!("index {}", index.name), index.describe()));
    }
    for f in &keyspace.functions {
        let types: Vec<String> = f
            .arguments
            .iter()
            .map(|a| {
                a.declared
                    .cql
                    .replace("frozen<tuple<int, bigint>>", "tuple<int, bigint>")
                    .replace(
                        "frozen<tuple<int, frozen<point>>>",
                        "tuple<int, frozen<point>>",
                    )
            })
            .collect();
        let name = cql_v4::schema::quote_identifier(&f.name);
        ours.push((
            format!("function {name}({})", types.join(", ")),
            f.describe(),
        ));
    }
    let aggregate = keyspace.aggregates_named("av").next().unwrap();
    ours.push(("aggregate av(int)".to_owned(), aggregate.describe()));
    assert_eq!(ours.len(), 3 + 3 + 5 + 1);
    for (name, text) in ours {
        let theirs = server
            .get(&name)
            .unwrap_or_else(|| panic!("{name} of {:?}", server.keys()));
        assert_eq!(squeezed(&text), *theirs, "{name}");
    }
}

#[test]
fn a_table_is_described_with_all_that_it_has() {
    let keyspace = keyspace();
    assert_eq!(
        keyspace.describe(),
        "CREATE KEYSPACE fxs
    WITH replication = {'class': 'org.apache.cassandra.locator.NetworkTopologyStrategy', 'datacenter1': '1'}
    AND durable_writes = false;"
    );
    let counts = keyspace.table("counts").unwrap().describe();
    assert_eq!(
        counts,
        "CREATE TABLE fxs.counts (
    k text,
    n counter,
    PRIMARY KEY ((k))
)
    WITH additional_write_policy = '99p'
    AND bloom_filter_fp_chance = 0.01
    AND caching = {'keys': 'ALL', 'rows_per_partition': 'NONE'}
    AND comment = ''
    AND compaction = {'class': 'org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy', 'max_threshold': '32', 'min_threshold': '4'}
    AND compression = {'chunk_length_in_kb': '16', 'class': 'org.apache.cassandra.io.compress.LZ4Compressor'}
    AND crc_check_chance = 1.0
    AND default_time_to_live = 0
    AND gc_grace_seconds = 864000
    AND max_index_interval = 2048
    AND memtable_flush_period_in_ms = 0
    AND min_index_interval = 128
    AND read_repair = 'BLOCKING'
    AND speculative_retry = '99p';"
    );
    let main = keyspace.table("main").unwrap().describe();
    for part in [
        "\n    \"Pk\" text,\n",
        "\n    s text static,\n",
        "\n    a frozen<a_outer>,\n",
        "\n    PRIMARY KEY ((\"Pk\", p2), c1, \"c 2\")\n)\n    WITH CLUSTERING ORDER BY (c1 DESC, \"c 2\" ASC)\n    AND ",
        "\n    AND comment = 'it''s */'\n",
        "\n    AND compression = {'enabled': 'false'}\n",
    ] {
        assert!(main.contains(part), "{part}\n{main}");
    }
    let masked = keyspace.table("masked").unwrap().describe();
    for part in [
        "m text MASKED WITH system.mask_inner(1, null),",
        "l list<int> MASKED WITH system.mask_replace([1, 2]),",
    ] {
        assert!(masked.contains(part), "{masked}");
    }
}

#[test]
fn compact_tables_are_described_as_they_were_made() {
    let keyspace = keyspace();
    let start = |name: &str| {
        let text = keyspace.table(name).unwrap().describe();
        text.split_once(" additional").unwrap().0.to_owned()
    };
    assert_eq!(
        start("compact_static"),
        "CREATE TABLE fxs.compact_static (\n    k text,\n    n int,\n    PRIMARY KEY ((k))\n)\n    WITH COMPACT STORAGE\n    AND"
    );
    assert_eq!(
        start("compact_keys"),
        "CREATE TABLE fxs.compact_keys (\n    k text,\n    c int,\n    d int,\n    PRIMARY KEY ((k), c, d)\n)\n    \
         WITH COMPACT STORAGE\n    AND CLUSTERING ORDER BY (c ASC, d ASC)\n    AND"
    );
}

#[test]
fn a_view_is_described() {
    let keyspace = keyspace();
    let text = keyspace.view("Mv").unwrap().describe();
    let start = "CREATE MATERIALIZED VIEW fxs.\"Mv\" AS
    SELECT \"c 2\", p2, \"Pk\", c1, \"select\"
    FROM fxs.main
    WHERE \"Pk\" IS NOT NULL AND p2 = 3 AND c1 IS NOT NULL AND \"c 2\" IS NOT NULL
    PRIMARY KEY ((\"c 2\", p2), \"Pk\", c1)
    WITH CLUSTERING ORDER BY (\"Pk\" ASC, c1 DESC)
    AND additional_write_policy = '99p'";
    assert!(text.starts_with(start), "{text}");
    assert!(!text.contains("default_time_to_live"), "{text}");
}

#[test]
fn statements_come_in_an_order_in_which_they_can_run() {
    let starts: Vec<String> = keyspace()
        .statements()
        .iter()
        .map(|text| {
            text.split_whitespace()
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(
        starts,
        [
            "CREATE KEYSPACE fxs",
            "CREATE TYPE fxs.point",
            "CREATE TYPE fxs.\"Na\"\"sty",
            "CREATE TYPE fxs.a_outer",
            "CREATE FUNCTION fxs.\"Fu",
            "CREATE FUNCTION fxs.fi(s",
            "CREATE FUNCTION fxs.plus1(p",
            "CREATE FUNCTION fxs.plus1(p",
            "CREATE FUNCTION fxs.st(s",
            "CREATE AGGREGATE fxs.av(int)",
            "CREATE TABLE fxs.compact_keys",
            "CREATE TABLE fxs.compact_static",
            "CREATE TABLE fxs.counts",
            "CREATE TABLE fxs.main",
            "CREATE TABLE fxs.masked",
            "CREATE INDEX i1",
            "CREATE INDEX main_l_idx",
            "CREATE CUSTOM INDEX",
            "CREATE MATERIALIZED VIEW",
        ]
    );
}

#[test]
fn what_cannot_be_created_is_a_comment() {
    let schema = recorded();
    let keyspace = schema.keyspace("system_virtual_schema").unwrap();
    assert!(keyspace.statements().is_empty());
    let text = keyspace.table("columns").unwrap().describe();
    for text in [text, keyspace.describe()] {
        assert!(text.starts_with("/* ") && text.ends_with(" */"), "{text}");
        assert_eq!(text.matches("*/").count(), 1, "{text}");
    }
}
