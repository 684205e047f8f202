//! Rows of other servers, and rows that no server should send.

use bytes::Bytes;
use cql_v4::Rows;
use cql_v4::message::{Column, RowsMessage};
use cql_v4::schema::{Keyspace, Schema, SchemaFilter, SchemaReader, SchemaTable, ServerKind};
use cql_v4::types::DataType;

/// A page of texts, numbers and nulls: a column is an int if its name begins with `#`, a set of one text if with `{`, a
/// map of one text to itself if with `=`.
fn page(names: &[&str], rows: &[&[Option<&str>]]) -> Rows {
    let columns: Vec<Column> = names
        .iter()
        .map(|name| {
            let data_type = match name.as_bytes()[0] {
                b'#' => DataType::Int,
                b'{' => DataType::Set(Box::new(DataType::Text)),
                b'=' => DataType::Map(Box::new((DataType::Text, DataType::Text))),
                _ => DataType::Text,
            };
            let name = name.trim_start_matches(['#', '{', '=']);
            Column::new("system_schema", "t", name, data_type)
        })
        .collect();
    let cell = |(name, text): (&&str, &Option<&str>)| {
        let text = (*text)?;
        let length = i32::try_from(text.len()).unwrap().to_be_bytes();
        Some(Bytes::from(match name.as_bytes()[0] {
            b'#' => text.parse::<i32>().unwrap().to_be_bytes().to_vec(),
            b'{' => [&1_i32.to_be_bytes()[..], &length, text.as_bytes()].concat(),
            b'=' => [
                &1_i32.to_be_bytes()[..],
                &length,
                text.as_bytes(),
                &length,
                text.as_bytes(),
            ]
            .concat(),
            _ => text.as_bytes().to_vec(),
        }))
    };
    let rows: Vec<Vec<Option<Bytes>>> = rows
        .iter()
        .map(|row| names.iter().zip(*row).map(cell).collect())
        .collect();
    RowsMessage::new(columns, &rows, None)
        .unwrap()
        .try_into()
        .unwrap()
}

const COLUMNS: [&str; 7] = [
    "keyspace_name",
    "table_name",
    "column_name",
    "kind",
    "#position",
    "clustering_order",
    "type",
];

fn read(pages: &[(SchemaTable, Rows)]) -> Schema {
    let mut reader = SchemaReader::new(SchemaFilter::new(), ServerKind::Scylla);
    for (table, page) in pages {
        reader.rows(*table, page).unwrap();
    }
    reader.finish()
}

fn simple(extra: Vec<(SchemaTable, Rows)>) -> Keyspace {
    let mut pages = vec![
        (
            SchemaTable::Keyspaces,
            page(&["keyspace_name"], &[&[Some("k")]]),
        ),
        (
            SchemaTable::Tables,
            page(
                &["keyspace_name", "table_name", "{flags"],
                &[
                    &[Some("k"), Some("t"), Some("compound")],
                    &[Some("k"), Some("gone"), None],
                ],
            ),
        ),
        (
            SchemaTable::Columns,
            page(
                &COLUMNS,
                &[
                    &[
                        Some("k"),
                        Some("t"),
                        Some("v"),
                        Some("strange"),
                        Some("-1"),
                        None,
                        Some("future<int>"),
                    ],
                    &[
                        Some("k"),
                        Some("t"),
                        Some("c"),
                        Some("clustering"),
                        Some("0"),
                        Some("DESC"),
                        Some("int"),
                    ],
                    &[
                        Some("k"),
                        Some("t"),
                        Some("p"),
                        Some("partition_key"),
                        Some("0"),
                        Some("none"),
                        Some("int"),
                    ],
                    &[
                        Some("k"),
                        Some("t"),
                        None,
                        Some("regular"),
                        Some("-1"),
                        Some("none"),
                        Some("int"),
                    ],
                    &[
                        Some("k"),
                        Some("t"),
                        Some("no type"),
                        Some("regular"),
                        Some("-1"),
                        Some("none"),
                        None,
                    ],
                    &[
                        Some("k"),
                        Some("nowhere"),
                        Some("p"),
                        Some("partition_key"),
                        Some("0"),
                        Some("none"),
                        Some("int"),
                    ],
                ],
            ),
        ),
    ];
    pages.extend(extra);
    Keyspace::clone(read(&pages).keyspace("k").unwrap())
}

#[test]
fn nulls_and_strangers_are_tolerated() {
    let keyspace = simple(vec![]);
    assert!(keyspace.durable_writes && keyspace.replication.is_empty());
    let tables: Vec<&String> = keyspace.tables.keys().collect();
    assert_eq!(
        tables,
        ["t"],
        "one had no columns any more, one has only columns"
    );
    let table = keyspace.table("t").unwrap();
    let names: Vec<&str> = table.columns.iter().map(|c| &*c.name).collect();
    assert_eq!(names, ["p", "c", "v"]);
    let unknown = &table.column("v").unwrap().declared;
    assert_eq!(unknown.data_type, DataType::Custom("future<int>".into()));
    assert!(
        table.describe().contains("\n    v 'future<int>',\n"),
        "{}",
        table.describe()
    );
    assert!(table.describe().contains("CLUSTERING ORDER BY (c DESC)"));
}

#[test]
fn rows_of_no_keyspace_are_left_out() {
    let lost = page(
        &["keyspace_name", "table_name"],
        &[&[Some("other"), Some("t")], &[None, Some("t")]],
    );
    let schema = read(&[
        (SchemaTable::Tables, lost.clone()),
        (SchemaTable::Keyspaces, page(&["something"], &[&[None]])),
    ]);
    assert_eq!(schema.keyspaces().len(), 0);
    // Where every column that matters is of the wrong type, there is nothing to read either.
    let wrong = page(
        &["#keyspace_name", "#replication"],
        &[&[Some("1"), Some("2")]],
    );
    assert_eq!(
        read(&[(SchemaTable::Keyspaces, wrong)]).keyspaces().len(),
        0
    );
}

#[test]
fn what_scylla_adds_is_read() {
    let tablets = |n: Option<&str>| {
        let page = page(&["keyspace_name", "#initial_tablets"], &[&[Some("k"), n]]);
        simple(vec![(SchemaTable::ScyllaKeyspaces, page)])
    };
    assert_eq!(tablets(None).tablets, None);
    assert_eq!(tablets(Some("0")).tablets, Some(0));
    assert!(
        tablets(Some("0"))
            .describe()
            .ends_with("AND tablets = {'enabled': true};")
    );
    assert!(
        tablets(Some("8"))
            .describe()
            .ends_with("AND tablets = {'enabled': true, 'initial': 8};")
    );
    let partitioner = "com.scylladb.dht.CDCPartitioner";
    let page = page(
        &["keyspace_name", "table_name", "partitioner", "=cdc"],
        &[
            &[Some("k"), Some("t"), Some(partitioner), Some("enabled")],
            &[Some("k"), Some("other"), None, None],
        ],
    );
    let keyspace = simple(vec![(SchemaTable::ScyllaTables, page)]);
    assert_eq!(
        keyspace.table("t").unwrap().partitioner.as_deref(),
        Some(partitioner)
    );
    let text = keyspace.table("t").unwrap().describe();
    assert!(text.contains("AND cdc = {'enabled': 'enabled'}"), "{text}");
}

/// ScyllaDB makes the log of a table by itself.
#[test]
fn logs_of_tables_are_not_described() {
    let names = ["t", "t_scylla_cdc_log", "u_scylla_cdc_log"];
    let row = |name| [Some("k"), Some(name), Some("compound")];
    let rows = names.map(row);
    let rows: Vec<&[Option<&str>]> = rows.iter().map(|row| &row[..]).collect();
    let tables = page(&["keyspace_name", "table_name", "{flags"], &rows);
    let row = |name| {
        [
            Some("k"),
            Some(name),
            Some("p"),
            Some("partition_key"),
            Some("0"),
            None,
            Some("int"),
        ]
    };
    let columns = page(&COLUMNS, &[&row(names[1]), &row(names[2])]);
    let keyspace = simple(vec![
        (SchemaTable::Tables, tables),
        (SchemaTable::Columns, columns),
    ]);
    assert_eq!(keyspace.tables.len(), 3);
    let statements = keyspace.statements();
    let described = names.map(|name| {
        statements
            .iter()
            .any(|s| s.contains(&format!("TABLE k.{name} (")))
    });
    assert_eq!(described, [true, false, true], "{statements:#?}");
}

/// ScyllaDB keeps the rows of an index in a materialized view, which comes back by itself.
#[test]
fn views_of_indexes_are_not_described() {
    let indexes = page(
        &["keyspace_name", "table_name", "index_name", "kind"],
        &[&[Some("k"), Some("t"), Some("i"), Some("COMPOSITES")]],
    );
    let names = [
        "keyspace_name",
        "view_name",
        "base_table_name",
        "where_clause",
    ];
    let views = page(
        &names,
        &[
            &[Some("k"), Some("i_index"), Some("t"), Some("v IS NOT NULL")],
            &[Some("k"), Some("j_index"), Some("t"), Some("v IS NOT NULL")],
        ],
    );
    let row = |view| {
        [
            Some("k"),
            Some(view),
            Some("p"),
            Some("partition_key"),
            Some("0"),
            None,
            Some("int"),
        ]
    };
    let columns = page(&COLUMNS, &[&row("i_index"), &row("j_index")]);
    let keyspace = simple(vec![
        (SchemaTable::Indexes, indexes),
        (SchemaTable::Views, views),
        (SchemaTable::Columns, columns),
    ]);
    assert_eq!(keyspace.views.len(), 2);
    let statements = keyspace.statements();
    let described = |name: &str| {
        statements
            .iter()
            .any(|s| s.contains(&format!("VIEW k.{name} AS")))
    };
    assert!(
        described("j_index") && !described("i_index"),
        "{statements:#?}"
    );
}

#[test]
fn a_snapshot_changes_where_it_is_told_to() {
    let of = |names: &[&str]| {
        let rows: Vec<[Option<&str>; 1]> = names.iter().map(|name| [Some(*name)]).collect();
        let rows: Vec<&[Option<&str>]> = rows.iter().map(|row| &row[..]).collect();
        read(&[(SchemaTable::Keyspaces, page(&["keyspace_name"], &rows))])
    };
    let old = of(&["a", "b", "c"]);
    let new = old.replacing(["b", "c", "d"], &of(&["b", "d", "e"]));
    let names: Vec<&str> = new.keyspaces().map(|k| &*k.name).collect();
    assert_eq!(names, ["a", "b", "d"]);
    assert!(std::sync::Arc::ptr_eq(
        new.keyspace("a").unwrap(),
        old.keyspace("a").unwrap()
    ));
    assert_eq!(old.keyspaces().len(), 3);
}
