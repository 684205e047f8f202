//! What is read.

use cql_v4::schema::{ClusteringOrder, ColumnKind, SchemaFilter, SchemaReader, ServerKind};
use cql_v4::types::{DataType, Value};
use wire_core::testing::fixture;

use crate::{filter, keyspace, name, recorded, rows, rows_of};

#[test]
fn the_queries_are_those_whose_answers_were_recorded() {
    let reader = SchemaReader::new(filter(), ServerKind::Cassandra);
    let queries = reader.queries();
    assert_eq!(queries.len(), 12);
    let origin = include_str!("../fixtures/schema/ORIGIN.md");
    for query in queries {
        let line = format!(
            "- `{}.hex`: RESULT Rows v4: `{}` with",
            name(query.table),
            query.text
        );
        assert!(origin.contains(&line), "{line}");
        let names = ["fxs", "system_virtual_schema"].map(Value::from);
        assert_eq!(query.values, [Value::List(names.to_vec())]);
    }
}

#[test]
fn a_filter_asks_for_what_is_wanted() {
    let texts = |filter: SchemaFilter, kind| -> Vec<String> {
        let queries = SchemaReader::new(filter, kind).queries();
        assert!(
            queries
                .iter()
                .all(|q| q.values.len() == usize::from(q.text.contains('?')))
        );
        queries.into_iter().map(|q| q.text).collect()
    };
    let all = texts(SchemaFilter::new(), ServerKind::Cassandra);
    assert_eq!(all.len(), 9);
    assert!(
        all.contains(&"SELECT * FROM system_schema.tables".to_owned()),
        "{all:?}"
    );
    let alone = SchemaFilter::new().with_keyspaces_alone(true);
    assert_eq!(
        texts(alone.clone(), ServerKind::Cassandra),
        ["SELECT * FROM system_schema.keyspaces"]
    );
    assert_eq!(
        texts(alone.with_only(["a"]), ServerKind::Scylla),
        [
            "SELECT * FROM system_schema.keyspaces WHERE keyspace_name IN ?",
            "SELECT * FROM system_schema.scylla_keyspaces WHERE keyspace_name IN ?"
        ]
    );
    let scylla = texts(SchemaFilter::new().with_virtual(true), ServerKind::Scylla);
    assert_eq!(scylla.len(), 10);
    let some = SchemaFilter::new()
        .with_only(["a", "b"])
        .with_except(["b", "c"]);
    assert!(some.admits("a") && !some.admits("b") && !some.admits("c") && !some.admits("d"));
    let query = &SchemaReader::new(some, ServerKind::Cassandra).queries()[0];
    assert_eq!(query.values, [Value::List(vec!["a".into()])]);
}

#[test]
fn a_keyspace_of_the_server_is_read() {
    let keyspace = keyspace();
    let replication: Vec<_> = keyspace
        .replication
        .iter()
        .map(|(k, v)| (&**k, &**v))
        .collect();
    assert_eq!(
        replication,
        [
            (
                "class",
                "org.apache.cassandra.locator.NetworkTopologyStrategy"
            ),
            ("datacenter1", "1")
        ]
    );
    assert!(!keyspace.durable_writes && !keyspace.is_virtual && keyspace.tablets.is_none());
    let tables: Vec<&str> = keyspace.tables.keys().map(String::as_str).collect();
    assert_eq!(
        tables,
        ["compact_keys", "compact_static", "counts", "main", "masked"]
    );
    let types: Vec<&str> = keyspace.types_in_order().map(|t| &*t.name).collect();
    assert_eq!(types, ["point", "Na\"sty T", "a_outer"]);
    let nasty = keyspace.user_type("Na\"sty T").unwrap();
    let fields: Vec<(&str, &str)> = nasty
        .fields
        .iter()
        .map(|f| (&*f.name, &*f.declared.cql))
        .collect();
    assert_eq!(
        fields,
        [
            ("x", "int"),
            ("select", "frozen<list<frozen<point>>>"),
            ("e'>, <;$é", "text")
        ]
    );
    assert_eq!(
        nasty.data_type.fields[1].data_type.to_string(),
        "list<fxs.point>"
    );
    let plus: Vec<String> = keyspace
        .functions_named("plus1")
        .map(|f| f.arguments[0].declared.data_type.to_string())
        .collect();
    assert_eq!(plus, ["bigint", "int"]);
    let av = keyspace.aggregates_named("av").next().unwrap();
    assert_eq!(av.initial_condition.as_deref(), Some("(0, 0)"));
    assert_eq!(
        av.state_type.data_type,
        DataType::Tuple(vec![DataType::Int, DataType::BigInt])
    );
    let view = keyspace.view("Mv").unwrap();
    assert_eq!(view.base_table, "main");
    assert_eq!(view.table.partition_key().len(), 2);
    assert!(!view.includes_all_columns && view.table.column("t").is_none());
}

#[test]
fn a_table_of_the_server_is_read() {
    let keyspace = keyspace();
    let main = keyspace.table("main").unwrap();
    let keys: Vec<(&str, ColumnKind)> = main
        .columns
        .iter()
        .take(5)
        .map(|c| (&*c.name, c.kind))
        .collect();
    assert_eq!(
        keys,
        [
            ("Pk", ColumnKind::PartitionKey),
            ("p2", ColumnKind::PartitionKey),
            ("c1", ColumnKind::Clustering(ClusteringOrder::Descending)),
            ("c 2", ColumnKind::Clustering(ClusteringOrder::Ascending)),
            ("a", ColumnKind::Regular),
        ]
    );
    assert_eq!(main.column("s").unwrap().kind, ColumnKind::Static);
    for (name, data_type, frozen) in [
        ("a", "fxs.a_outer", true),
        ("u", "fxs.point", false),
        ("l", "list<fxs.point>", false),
        ("fs", "set<int>", true),
        ("v", "vector<float, 3>", true),
        ("du", "duration", true),
        ("t", "tuple<int, list<text>>", true),
        (
            "cu",
            "'org.apache.cassandra.db.marshal.DynamicCompositeType(s=>org.apache.cassandra.db.marshal.UTF8Type)'",
            true,
        ),
    ] {
        let declared = &main.column(name).unwrap().declared;
        assert_eq!(declared.data_type.to_string(), data_type);
        assert_eq!(declared.is_frozen(), frozen, "{name}");
    }
    assert_eq!(main.id.unwrap().to_string().len(), 36);
    assert_eq!(main.options["comment"], Value::from("it's */"));
    assert_eq!(main.options["crc_check_chance"], Value::Double(0.5));
    // The node has change data capture off, and then keeps no word about it, whatever the statement said.
    assert!(!main.options.contains_key("cdc"));
    let off = Value::Map(vec![("enabled".into(), "false".into())]);
    assert_eq!(main.options["compression"], off);
    assert!(!main.options.contains_key("memtable"), "null");
    assert!(!main.options.contains_key("id") && !main.options.contains_key("table_name"));
    let indexes: Vec<(&str, &str, &str)> = main
        .indexes
        .values()
        .map(|i| (&*i.name, &*i.kind, &*i.target))
        .collect();
    assert_eq!(
        indexes,
        [
            ("i1", "COMPOSITES", "\"select\""),
            ("main_l_idx", "COMPOSITES", "values(l)"),
            ("sai1", "CUSTOM", "v")
        ]
    );
    assert!(keyspace.table("counts").unwrap().flags.contains("counter"));
    assert!(keyspace.table("compact_keys").unwrap().is_compact() && !main.is_compact());
    let masked = keyspace.table("masked").unwrap();
    let mask = |name: &str| masked.column(name).unwrap().mask.clone().unwrap();
    assert_eq!(
        (&*mask("m").keyspace, &*mask("m").function),
        ("system", "mask_inner")
    );
    assert_eq!(mask("m").arguments, ["1", "null"]);
    assert_eq!(mask("p").arguments, ["'its'"]);
    assert_eq!(mask("l").arguments, ["[1, 2]"]);
}

#[test]
fn virtual_tables_are_read_and_said_to_be_virtual() {
    let schema = recorded();
    let keyspace = schema.keyspace("system_virtual_schema").unwrap();
    assert!(keyspace.is_virtual && keyspace.replication.is_empty());
    let columns = schema.table("system_virtual_schema", "columns").unwrap();
    assert!(columns.is_virtual && !columns.is_compact());
    let key: Vec<&str> = columns.partition_key().iter().map(|c| &*c.name).collect();
    assert_eq!(key, ["keyspace_name"]);
    let key: Vec<&str> = columns.clustering_key().iter().map(|c| &*c.name).collect();
    assert_eq!(key, ["table_name", "column_name"]);
}

/// Rows of different queries may come in any order.
#[test]
fn the_order_of_answers_does_not_matter() {
    let mut reader = SchemaReader::new(filter(), ServerKind::Cassandra);
    for query in reader.queries().into_iter().rev() {
        reader.rows(query.table, &rows(name(query.table))).unwrap();
    }
    assert_eq!(reader.finish(), recorded());
}

/// Whatever the server sends, reading it and describing it does not panic.
#[test]
fn changed_bytes_are_survived() {
    let queries = SchemaReader::new(filter(), ServerKind::Cassandra).queries();
    let good: Vec<_> = queries
        .iter()
        .map(|q| (q.table, rows(name(q.table))))
        .collect();
    let mut described = 0;
    for (table, _) in &good {
        let bytes = fixture(&format!("schema/{}", name(*table)));
        for (at, mask) in (9..bytes.len())
            .step_by(bytes.len() / 40 + 1)
            .zip([0x01, 0x20, 0x80].into_iter().cycle())
        {
            let mut bad = bytes.clone();
            bad[at] ^= mask;
            let Some(bad) = rows_of(&bad) else {
                continue;
            };
            let mut reader = SchemaReader::new(SchemaFilter::new(), ServerKind::Cassandra);
            for (other, page) in &good {
                // A page that cannot be read to its end gives what stood before.
                let _ = reader.rows(*other, if other == table { &bad } else { page });
            }
            described += reader
                .finish()
                .keyspaces()
                .map(|k| k.statements().len())
                .sum::<usize>();
        }
    }
    assert!(described > 1000, "{described}");
}
