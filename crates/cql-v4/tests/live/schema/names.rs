//! Names that need quotes, and those that do not.

use std::collections::BTreeSet;
use std::sync::Arc;

use cql_v4::Client;
use cql_v4::schema::{Keyspace, quote_identifier};
use cql_v4::types::DataType;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::read_keyspace;
use crate::{client, run};

/// Words of the grammar of CQL. Whether one may stand as a name without quotes, the server decides in this test.
const WORDS: &str = "access add aggregate all allow alter and any apply as asc ascii authorize authorizedby batch begin \
    between bigint blob boolean by called cast cidr cidrs clustering column columnfamily columns compact contains copy \
    constraint count counter create custom datacenters date decimal default delete desc describe distinct double drop \
    duration entries execute exists filtering finalfunc float from frozen full function functions generated grant group \
    hashed if in index indexes infinity initcond inet input insert int internals into is json key keys keyspace keyspaces \
    language like limit list login map masked materialized mbean mbeans modify nan nologin norecursive nosuperuser not \
    null of on only options or order partition password per permission permissions primary rename replace returns \
    revoke role roles schema select select_mask set sfunc smallint static storage stype superuser table tables text time \
    timestamp timeuuid tinyint to token trigger truncate ttl tuple type types unlogged unmask unset update use user \
    users using uuid value values varchar varint vector view where with writetime maxwritetime";

/// What no word of a program looks like.
const NASTY: [&str; 17] = [
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
];

/// Names of types and functions.
const OBJECTS: [&str; 4] = ["A b", "select", "a\"b;", "é'"];

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_names_of_every_kind_survive_quoting() {
    let client = client("live_names").await;
    let random = random_names();
    let names = WORDS.split_whitespace().chain(NASTY);
    let names: BTreeSet<&str> = names.chain(random.iter().map(String::as_str)).collect();
    // All at once; the words that are not quoted are among them.
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
    for (i, name) in OBJECTS.into_iter().enumerate() {
        create_objects(&client, i, &quote_identifier(name)).await;
    }
    let keyspace = read_keyspace(&client, "live_names").await;
    let table = keyspace.table("t").unwrap();
    let read: BTreeSet<&str> = table.other_columns().iter().map(|c| &*c.name).collect();
    assert_eq!(read, names);
    let fields = &keyspace.user_type("u").unwrap().fields;
    let read: BTreeSet<&str> = fields.iter().map(|f| &*f.name).collect();
    assert_eq!(read, names);
    for (i, name) in OBJECTS.into_iter().enumerate() {
        check_objects(&keyspace, i, name);
    }
    for (i, name) in (0..).zip(&names) {
        write_and_read(&client, name, i).await;
    }
    run(&client, "DROP KEYSPACE live_names").await;
}

/// Names of any characters, the same in each run.
fn random_names() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = prop_oneof![
        "\\PC{1,12}",
        "[\"'$;a-zA-Z0-9_ \\\\/*-]{1,12}",
        "(?s:.){1,6}"
    ];
    let name = |_| strategy.new_tree(&mut runner).unwrap().current();
    (0..64).map(name).collect()
}

async fn create_objects(client: &Client, i: usize, name: &str) {
    run(client, &format!("CREATE TYPE {name} (x int)")).await;
    run(
        client,
        &format!("CREATE TABLE t{i} (k int PRIMARY KEY, v list<frozen<{name}>>)"),
    )
    .await;
    let signature = format!("{name}(\"Quoted\" int) CALLED ON NULL INPUT RETURNS int");
    run(
        client,
        &format!("CREATE FUNCTION {signature} LANGUAGE java AS 'return 1;'"),
    )
    .await;
}

fn check_objects(keyspace: &Keyspace, i: usize, name: &str) {
    let table = keyspace.table(&format!("t{i}")).unwrap();
    let element = DataType::Udt(Arc::clone(&keyspace.user_type(name).unwrap().data_type));
    let declared = &table.column("v").unwrap().declared;
    assert_eq!(declared.data_type, DataType::List(Box::new(element)));
    let function = keyspace.functions_named(name).next().unwrap();
    assert_eq!(function.arguments[0].name, "Quoted");
}

/// What is written under a name is read under it.
async fn write_and_read(client: &Client, name: &str, value: i32) {
    let quoted = quote_identifier(name);
    let insert = format!("INSERT INTO t (the_key, {quoted}) VALUES (?, ?)");
    client.query(insert, (value, value)).await.unwrap();
    let select = format!("SELECT {quoted} FROM t WHERE the_key = ?");
    let result = client.query(select, (value,)).await.unwrap();
    assert_eq!(result.rows().unwrap().columns()[0].name(), name);
    assert_eq!(result.first::<(i32,)>().unwrap(), Some((value,)));
}
