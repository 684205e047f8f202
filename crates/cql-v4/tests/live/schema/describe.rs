//! Everything that a keyspace can have, created again from its description.

use std::collections::BTreeSet;
use std::sync::Arc;

use cql_v4::Client;
use cql_v4::schema::{Keyspace, MaterializedView};
use cql_v4::types::{DataType, Value};

use super::read_keyspace;
use crate::{client, is_5_or_later, run};

/// The same without what differs each time it is created.
fn without_ids(mut keyspace: Keyspace) -> Keyspace {
    for table in keyspace.tables.values_mut() {
        Arc::make_mut(table).id = None;
    }
    for view in keyspace.views.values_mut() {
        Arc::<MaterializedView>::make_mut(view).table.id = None;
    }
    keyspace
}

/// One of everything that a keyspace can have, with names and texts that need quotes.
const RICH: [&str; 34] = [
    "CREATE TYPE point (x int, y double)",
    r#"CREATE TYPE "Na""sty T" (x int, "select" frozen<list<frozen<point>>>, "e'>, <;$é
" text)"#,
    r#"CREATE TYPE a_outer (n frozen<"Na""sty T">, v vector<frozen<point>, 2>, m frozen<map<frozen<point>, frozen<tuple<int, frozen<point>>>>>)"#,
    "CREATE FUNCTION plus1(p int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS 'return p + 1; // it''s $$'",
    r#"CREATE FUNCTION "Fu N"("P" list<int>, q point, r tuple<int, point>, s map<text, frozen<list<frozen<point>>>>, v vector<int, 2>) CALLED ON NULL INPUT RETURNS point LANGUAGE java AS $$return null; $$"#,
    "CREATE FUNCTION plus1(p bigint) CALLED ON NULL INPUT RETURNS bigint LANGUAGE java AS 'return p;'",
    "CREATE FUNCTION nothing() CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1; //$'",
    r#"CREATE FUNCTION "Mask"(t text, n int) CALLED ON NULL INPUT RETURNS text LANGUAGE java AS 'return "x";'"#,
    "CREATE FUNCTION st(s tuple<int, bigint>, v int) CALLED ON NULL INPUT RETURNS tuple<int, bigint> LANGUAGE java AS 'return s;'",
    "CREATE FUNCTION fi(s tuple<int, bigint>) CALLED ON NULL INPUT RETURNS double LANGUAGE java AS 'return 1.0;'",
    "CREATE FUNCTION st2(s map<text, text>, v text) CALLED ON NULL INPUT RETURNS map<text, text> LANGUAGE java AS 'return s;'",
    "CREATE AGGREGATE av(int) SFUNC st STYPE tuple<int, bigint> FINALFUNC fi INITCOND (0, 0)",
    r#"CREATE AGGREGATE "Av"(text) SFUNC st2 STYPE map<text, text> INITCOND {'a': 'b'}"#,
    r#"CREATE TABLE main ("Pk" text, p2 int, c1 timeuuid, "c 2" date, s text static, "select" int, a frozen<a_outer>, u point, l list<frozen<point>>, fs frozen<set<int>>, m map<text, int>, m2 map<text, int>, fm frozen<map<text, text>>, v vector<float, 3>, du duration, va varint, t tuple<int, frozen<list<text>>>, cu 'org.apache.cassandra.db.marshal.DynamicCompositeType(s=>org.apache.cassandra.db.marshal.UTF8Type)', "we""i'r;d
col" int, PRIMARY KEY (("Pk", p2), c1, "c 2")) WITH CLUSTERING ORDER BY (c1 DESC, "c 2" ASC) AND comment = 'it''s; $$ "q" */' AND gc_grace_seconds = 100 AND compaction = {'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': '10'} AND compression = {'enabled': 'false'} AND caching = {'keys': 'NONE', 'rows_per_partition': '10'} AND default_time_to_live = 5 AND speculative_retry = '50MS' AND bloom_filter_fp_chance = 0.1 AND crc_check_chance = 1e-7 AND read_repair = 'NONE' AND memtable_flush_period_in_ms = 100000 AND allow_auto_snapshot = false AND cdc = true"#,
    "CREATE TABLE counts (k text PRIMARY KEY, n counter)",
    r#"CREATE TABLE "Tab" (k text PRIMARY KEY, n int)"#,
    "CREATE TABLE masked (k text PRIMARY KEY, n text MASKED WITH DEFAULT, m text MASKED WITH mask_inner(1, null), o int MASKED WITH mask_replace(-7), p text MASKED WITH mask_replace('its'), q text)",
    r#"CREATE TABLE masked2 (k int, c text, s text STATIC MASKED WITH mask_null(), o text MASKED WITH "Mask"(3), d date MASKED WITH mask_replace('2020-01-01'), l list<int> MASKED WITH mask_replace([1, 2]), b blob MASKED WITH mask_replace(0x00ff), t tuple<int, text, date> MASKED WITH mask_replace((1, 'it', '1969-12-31')), u uuid MASKED WITH mask_replace(50554d6e-29bb-11e5-b345-feff819cdc9f), i inet MASKED WITH mask_replace('::1'), w map<text, double> MASKED WITH mask_replace({'a': 1.5, 'b': -Infinity}), PRIMARY KEY (k, c))"#,
    r#"CREATE TABLE reverse (k int, c frozen<list<int>>, d frozen<"Na""sty T">, PRIMARY KEY (k, c, d)) WITH CLUSTERING ORDER BY (c DESC, d DESC)"#,
    "CREATE TABLE compact_static (k text PRIMARY KEY, n int, m int) WITH COMPACT STORAGE",
    "CREATE TABLE compact_dense (k text, c int, m int, PRIMARY KEY (k, c)) WITH COMPACT STORAGE AND CLUSTERING ORDER BY (c DESC)",
    "CREATE TABLE compact_keys (k text, c int, d int, PRIMARY KEY (k, c, d)) WITH COMPACT STORAGE",
    r#"CREATE INDEX i1 ON main ("select")"#,
    "CREATE INDEX ON main (values(l))",
    "CREATE INDEX km ON main (keys(m))",
    "CREATE INDEX vm ON main (values(m))",
    "CREATE INDEX em ON main (entries(m2))",
    "CREATE INDEX ff ON main (full(fs))",
    "CREATE INDEX \"Weird\" ON main (\"we\"\"i'r;d\ncol\")",
    "CREATE INDEX sai1 ON main (v) USING 'sai' WITH OPTIONS = {'similarity_function': 'euclidean'}",
    "CREATE CUSTOM INDEX sai2 ON masked (q) USING 'StorageAttachedIndex' WITH OPTIONS = {'case_sensitive': 'false'}",
    "CREATE CUSTOM INDEX sasi ON masked (p) USING 'org.apache.cassandra.index.sasi.SASIIndex' WITH OPTIONS = {'mode': 'CONTAINS'}",
    r#"CREATE MATERIALIZED VIEW mv AS SELECT * FROM "Tab" WHERE n IS NOT NULL AND k IS NOT NULL PRIMARY KEY (n, k) WITH comment = 'it''s'"#,
    r#"CREATE MATERIALIZED VIEW "Mv2" AS SELECT "Pk", p2, c1, "c 2", "select" FROM main WHERE "Pk" IS NOT NULL AND p2 IS NOT NULL AND c1 IS NOT NULL AND "c 2" > '2020-01-01' AND p2 = 3 PRIMARY KEY (("c 2", p2), "Pk", c1) WITH CLUSTERING ORDER BY ("Pk" ASC, c1 DESC)"#,
];

/// What only Cassandra 5.0 knows, in the statements that have more than that.
const ONLY_IN_5: [&str; 4] = [
    "v vector<frozen<point>, 2>, ",
    ", v vector<int, 2>",
    "v vector<float, 3>, ",
    " AND allow_auto_snapshot = false",
];

/// As much of it as the server can have.
fn statements(is_5_or_later: bool) -> Vec<String> {
    let mut statements: Vec<String> = RICH.map(str::to_owned).to_vec();
    if !is_5_or_later {
        statements.retain(|text| !text.contains("masked") && !text.contains("'sai'"));
        for text in &mut statements {
            for part in ONLY_IN_5 {
                *text = text.replace(part, "");
            }
        }
    }
    statements
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_is_created_again_from_its_description() {
    let client = client("live_schema").await;
    let is_5_or_later = is_5_or_later(
        &client,
        "vectors, masks, storage-attached indexes, an option",
    )
    .await;
    for statement in statements(is_5_or_later) {
        run(&client, &statement).await;
    }
    let schema = read_keyspace(&client, "live_schema").await;
    check_rich(&schema);
    if is_5_or_later {
        check_rich_of_5(&schema);
    }
    let servers_own = describe(&client, "live_schema").await;
    let schema = without_ids(schema);

    let statements = schema.statements();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for statement in &statements {
        names.extend(statement.lines().next());
    }
    assert_eq!(names.len(), statements.len(), "each object once");
    assert_eq!(statements.len(), servers_own.len());
    recreate(&client, &statements).await;
    let again = without_ids(read_keyspace(&client, "live_schema").await);
    assert_eq!(again, schema);

    // The server's own description means the same, where it can be run at all.
    let servers_own: Vec<String> = servers_own
        .into_iter()
        .map(|(name, text)| match &*name {
            // In comments, since the server says it cannot be made, although it can.
            compact if compact.starts_with("compact_") => schema.tables[compact].describe(),
            // A body with the quotation signs in it, and a name without its quotes.
            "plus1(int)" => schema.functions_named("plus1").last().unwrap().describe(),
            "nothing()" => schema.functions_named("nothing").last().unwrap().describe(),
            "masked2" => schema.tables["masked2"].describe(),
            _ => text,
        })
        .collect();
    recreate(&client, &servers_own).await;
    let again = without_ids(read_keyspace(&client, "live_schema").await);
    assert_eq!(again, schema);
    run(&client, "DROP KEYSPACE live_schema").await;
}

async fn recreate(client: &Client, statements: &[String]) {
    run(client, "DROP KEYSPACE live_schema").await;
    for statement in statements {
        run(client, statement).await;
    }
}

/// Names and statements of the server's own description.
async fn describe(client: &Client, keyspace: &str) -> Vec<(String, String)> {
    let result = client
        .query(format!("DESCRIBE KEYSPACE {keyspace}"), ())
        .await
        .unwrap();
    let rows = result.to_vec::<(String, String, String, String)>().unwrap();
    rows.into_iter()
        .map(|(_, _, name, statement)| (name, statement))
        .collect()
}

fn check_rich(keyspace: &Keyspace) {
    assert!(keyspace.durable_writes);
    assert_eq!(keyspace.replication["replication_factor"], "1");
    let order: Vec<&str> = keyspace.types_in_order().map(|t| &*t.name).collect();
    assert_eq!(order, ["point", "Na\"sty T", "a_outer"]);
    let main = keyspace.table("main").unwrap();
    let names = |columns: &[cql_v4::schema::Column]| {
        columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(main.partition_key()), ["Pk", "p2"]);
    assert_eq!(names(main.clustering_key()), ["c1", "c 2"]);
    assert_eq!(main.other_columns().len(), main.columns.len() - 4);
    assert!(main.id.is_some());
    assert_eq!(main.options["gc_grace_seconds"], Value::Int(100));
    assert_eq!(main.options["crc_check_chance"], Value::Double(1e-7));
    let column = |name: &str| &main.column(name).unwrap().declared;
    assert_eq!(column("t").data_type.to_string(), "tuple<int, list<text>>");
    assert!(matches!(column("cu").data_type, DataType::Custom(_)));
    assert!(column("fs").is_frozen() && !column("m").is_frozen() && column("t").is_frozen());
    let DataType::Udt(outer) = &column("a").data_type else {
        panic!("{main:?}");
    };
    assert!(
        outer
            .fields
            .iter()
            .all(|f| !matches!(f.data_type, DataType::Custom(_)))
    );
    assert_eq!(keyspace.functions_named("plus1").count(), 2);
}

fn check_rich_of_5(keyspace: &Keyspace) {
    let vector = keyspace.table("main").unwrap().column("v").unwrap();
    assert_eq!(vector.declared.data_type.to_string(), "vector<float, 3>");
    assert_eq!(
        keyspace
            .table("masked2")
            .unwrap()
            .columns
            .iter()
            .filter(|c| c.mask.is_some())
            .count(),
        9
    );
}
