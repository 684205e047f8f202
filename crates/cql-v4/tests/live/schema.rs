//! The schema of a real server, read and created again; names that need quotes; versions; traces.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cql_v4::schema::{
    Keyspace, MaterializedView, Schema, SchemaFilter, SchemaReader, SchemaVersions, ServerKind,
    Table, Trace, quote_identifier,
};
use cql_v4::types::{DataType, Value};
use cql_v4::{Client, Consistency, ErrorCode, ErrorKind, Statement};

use crate::{client, config, run};

/// Reads as a client does, in pages of `page_size` rows.
async fn read(client: &Client, filter: &SchemaFilter, page_size: u32) -> Schema {
    let mut reader = SchemaReader::new(filter.clone(), ServerKind::Cassandra);
    for query in reader.queries() {
        let mut statement = Statement::new(&*query.text).with_page_size(page_size);
        loop {
            let result = match client.query(statement.clone(), &query.values[..]).await {
                Ok(result) => result,
                Err(error) if SchemaReader::tolerates(query.table, &error) => break,
                Err(error) => panic!("{}: {error}", query.text),
            };
            reader.rows(query.table, result.rows().unwrap()).unwrap();
            match result.paging_state() {
                Some(state) => statement = statement.with_paging_state(state.clone()),
                None => break,
            }
        }
    }
    reader.finish()
}

async fn read_keyspace(client: &Client, name: &str) -> Keyspace {
    let schema = read(client, &SchemaFilter::new().with_only([name]), 5000).await;
    Keyspace::clone(schema.keyspace(name).unwrap())
}

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

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_is_created_again_from_its_description() {
    let client = client("live_schema").await;
    for statement in RICH {
        run(&client, statement).await;
    }
    let schema = read_keyspace(&client, "live_schema").await;
    check_rich(&schema);
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
    assert_eq!(column("v").data_type.to_string(), "vector<float, 3>");
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

/// The types of the schema are those that the server itself gives with results.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_types_are_those_of_results() {
    let client = Client::connect(config()).await.unwrap();
    let schema = read(&client, &SchemaFilter::new().with_virtual(true), 5000).await;
    let mut compared = 0;
    for keyspace in schema.keyspaces() {
        for table in keyspace.tables.values() {
            compared += compare_columns(&client, keyspace, table).await;
        }
    }
    assert!(compared > 300, "{compared} columns");
}

async fn compare_columns(client: &Client, keyspace: &Keyspace, table: &Table) -> usize {
    let name = |name: &str| quote_identifier(name).into_owned();
    let text = format!(
        "SELECT * FROM {}.{}",
        name(&keyspace.name),
        name(&table.name)
    );
    let prepared = match client.prepare(text).await {
        Ok(prepared) => prepared,
        // Another test may have dropped it; live tests run one at a time, but not the servers' own work.
        Err(error) => panic!("{}.{}: {error}", keyspace.name, table.name),
    };
    let columns = prepared.columns().unwrap();
    let of_server: BTreeMap<&str, &DataType> =
        columns.iter().map(|c| (c.name(), c.data_type())).collect();
    let of_schema: BTreeMap<&str, &DataType> = table
        .columns
        .iter()
        .map(|c| (&*c.name, &c.declared.data_type))
        .collect();
    assert_eq!(of_schema, of_server, "{}.{}", keyspace.name, table.name);
    of_schema.len()
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_is_the_same_in_pages_of_any_size_and_filtered() {
    let client = Client::connect(config()).await.unwrap();
    let all = SchemaFilter::new().with_virtual(true);
    let whole = read(&client, &all, 5000).await;
    assert_eq!(read(&client, &all, 37).await, whole);
    assert!(whole.keyspace("system_views").unwrap().is_virtual);
    assert!(whole.table("system_views", "clients").unwrap().is_virtual);
    assert!(whole.table("system", "local").is_some());

    let some = read(
        &client,
        &all.clone().with_only(["system", "system_views", "nope"]),
        5000,
    )
    .await;
    let names: Vec<&str> = some.keyspaces().map(|k| &*k.name).collect();
    assert_eq!(names, ["system", "system_views"]);
    assert_eq!(some.keyspace("system"), whole.keyspace("system"));
    assert_eq!(
        some.keyspace("system_views"),
        whole.keyspace("system_views")
    );
    let except = read(&client, &SchemaFilter::new().with_except(["system"]), 5000).await;
    assert!(except.keyspace("system").is_none() && except.keyspace("system_auth").is_some());
    let alone = read(
        &client,
        &SchemaFilter::new().with_keyspaces_alone(true),
        5000,
    )
    .await;
    let auth = alone.keyspace("system_auth").unwrap();
    assert!(auth.tables.is_empty() && !auth.replication.is_empty());
    assert_eq!(whole.replacing(["system", "nope"], &some), whole);
}

/// Words of the grammar of CQL. Whether one may stand as a name without quotes, the server decides in this test.
const WORDS: &str = "access add aggregate all allow alter and any apply as asc ascii authorize authorizedby batch begin \
    between bigint blob boolean by called cast cidr cidrs clustering column columnfamily columns compact contains copy \
    cosntraint count counter create custom datacenters date decimal default delete desc describe distinct double drop \
    duration entries execute exists filtering finalfunc float from frozen full function functions generated grant group \
    hashed if in index indexes infinity initcond inet input insert int internals into is json key keys keyspace keyspaces \
    language like limit list login map masked materialized mbean mbeans modify nan nologin norecursive nosuperuser not \
    null of on only options or order partition password per permission permissions primary rename replace returns \
    revoke role roles schema select select_mask set sfunc smallint static storage stype superuser table tables text time \
    timestamp timeuuid tinyint to token trigger truncate ttl tuple type types unlogged unmask unset update use user \
    users using uuid value values varchar varint vector view where with writetime maxwritetime";

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_names_of_every_kind_survive_quoting() {
    let client = client("live_names").await;
    let mut names: BTreeSet<String> = WORDS.split_whitespace().map(str::to_owned).collect();
    names.extend(
        [
            "A",
            "a b",
            "a\"b",
            "\"",
            "\"\"",
            "'",
            "a;b--",
            "/* x */",
            "$$",
            "é☃",
            "1",
            "_x",
            "a.b",
            "a\nb",
            "\t",
            "[applied]",
            "\\",
        ]
        .map(str::to_owned),
    );
    // As columns and fields, all at once; the words that are not quoted are among them.
    let columns: Vec<String> = names
        .iter()
        .map(|n| format!("{} int", quote_identifier(n)))
        .collect();
    let columns = columns.join(", ");
    run(
        &client,
        &format!("CREATE TABLE t (the_key int PRIMARY KEY, {columns})"),
    )
    .await;
    run(&client, &format!("CREATE TYPE u ({columns})")).await;
    for (i, name) in ["A b", "select", "a\"b;", "é'"].into_iter().enumerate() {
        let name = quote_identifier(name);
        run(&client, &format!("CREATE TYPE {name} (x int)")).await;
        run(
            &client,
            &format!("CREATE TABLE t{i} (k int PRIMARY KEY, v list<frozen<{name}>>)"),
        )
        .await;
        let body = "LANGUAGE java AS 'return 1;'";
        run(
            &client,
            &format!(
                "CREATE FUNCTION {name}(\"Quoted\" int) CALLED ON NULL INPUT RETURNS int {body}"
            ),
        )
        .await;
    }
    let keyspace = read_keyspace(&client, "live_names").await;
    let table = keyspace.table("t").unwrap();
    let read: BTreeSet<String> = table
        .other_columns()
        .iter()
        .map(|c| c.name.clone())
        .collect();
    assert_eq!(read, names);
    let fields: BTreeSet<String> = keyspace
        .user_type("u")
        .unwrap()
        .fields
        .iter()
        .map(|f| f.name.clone())
        .collect();
    assert_eq!(fields, names);
    for (i, name) in ["A b", "select", "a\"b;", "é'"].into_iter().enumerate() {
        let table = keyspace.table(&format!("t{i}")).unwrap();
        let expected = DataType::Udt(Arc::clone(&keyspace.user_type(name).unwrap().data_type));
        assert_eq!(
            table.column("v").unwrap().declared.data_type,
            DataType::List(Box::new(expected))
        );
        assert_eq!(
            keyspace.functions_named(name).next().unwrap().arguments[0].name,
            "Quoted"
        );
    }
    // Names in statements, each of them alone: what is written under a name is read under it.
    for (i, name) in names.iter().enumerate() {
        let quoted = quote_identifier(name);
        let value = i32::try_from(i).unwrap();
        let insert = format!("INSERT INTO t (the_key, {quoted}) VALUES (?, ?)");
        client.query(insert, (value, value)).await.unwrap();
        let select = format!("SELECT {quoted} FROM t WHERE the_key = ?");
        let result = client.query(select, (value,)).await.unwrap();
        assert_eq!(result.rows().unwrap().columns()[0].name(), name);
        assert_eq!(result.first::<(i32,)>().unwrap(), Some((value,)));
    }
    run(&client, "DROP KEYSPACE live_names").await;
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_versions_agree_after_a_change() {
    let client = client("live_versions").await;
    let read = async || {
        let local = client.query(SchemaVersions::LOCAL, ()).await.unwrap();
        let peers = client.query(SchemaVersions::PEERS, ()).await.unwrap();
        SchemaVersions::read(local.rows().unwrap(), peers.rows().unwrap()).unwrap()
    };
    let before = read().await;
    assert!(before.agree(|_| true));
    run(&client, "CREATE TABLE t (k int PRIMARY KEY)").await;
    let after = read().await;
    assert!(after.agree(|_| true) && after.local() != before.local());
    client
        .query(SchemaVersions::PEERS_BEFORE_V2, ())
        .await
        .unwrap();
    run(&client, "DROP KEYSPACE live_versions").await;
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_missing_tables_are_tolerated_and_others_are_not() {
    let client = Client::connect(config()).await.unwrap();
    let reader = SchemaReader::new(SchemaFilter::new(), ServerKind::Scylla);
    let mut refused = 0;
    for query in reader.queries() {
        if let Err(error) = client.query(&*query.text, &query.values[..]).await {
            assert_eq!(error.kind(), ErrorKind::Server);
            assert_eq!(error.server().unwrap().code, ErrorCode::INVALID);
            assert!(
                SchemaReader::tolerates(query.table, &error),
                "{}",
                query.text
            );
            assert!(!SchemaReader::tolerates(
                cql_v4::schema::SchemaTable::Columns,
                &error
            ));
            refused += 1;
        }
    }
    assert_eq!(refused, 2, "what only ScyllaDB has");
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_room_reads_traces() {
    let client = Client::connect(config()).await.unwrap();
    let text = "SELECT cluster_name FROM system.local WHERE key = 'local'";
    let result = client
        .query(Statement::new(text).with_tracing(), ())
        .await
        .unwrap();
    let id = result.tracing_id().unwrap();
    let one = |text| Statement::new(text).with_consistency(Consistency::One);
    let mut trace = None;
    // It is written behind the answer; each round asks the server once.
    for _ in 0..10_000 {
        let session = client.query(one(Trace::SESSION), (id,)).await.unwrap();
        trace = Trace::read(id, session.rows().unwrap())
            .unwrap()
            .filter(Trace::is_complete);
        if trace.is_some() {
            break;
        }
    }
    let mut trace = trace.expect("the trace was never complete");
    let events = client.query(one(Trace::EVENTS), (id,)).await.unwrap();
    trace.add_events(events.rows().unwrap()).unwrap();
    assert_eq!(trace.command.as_deref(), Some("QUERY"));
    assert_eq!(trace.parameters["query"], text);
    assert!(trace.coordinator.is_some() && trace.started_at.is_some());
    assert!(!trace.events.is_empty());
    assert!(
        trace
            .events
            .iter()
            .all(|e| e.activity.is_some() && e.source == trace.coordinator)
    );
}
