//! Structs whose fields count by their position, with structs inside that do.

use cql_v4::types::{DataType, Value};
use cql_v4::{BindRow, FromRow};

use crate::{columns, encode, page};

#[derive(Debug, PartialEq, FromRow, BindRow)]
struct Two(i32, i32);

#[derive(Debug, PartialEq, FromRow, BindRow)]
#[cql(by_position)]
struct Four {
    /// The name is that of another column: it does not count.
    #[cql(rename = "d")]
    a: i32,
    b: i32,
    #[cql(skip)]
    note: String,
    #[cql(flatten)]
    more: Two,
}

#[derive(Debug, PartialEq, FromRow)]
struct Borrowed<'a, T>(&'a str, T, #[cql(default)] i64);

#[test]
fn flattened_structs_come_last() {
    let names = columns(&["a", "b", "c", "d"].map(|name| (name, DataType::Int)));
    let rows = page(&names, &[1, 2, 3, 4].map(Value::Int));
    let four = Four {
        a: 1,
        b: 2,
        note: String::new(),
        more: Two(3, 4),
    };
    assert_eq!(rows.first::<Four>().unwrap().as_ref(), Some(&four));
    let bound = encode(Some(&names), &four).unwrap();
    assert_eq!(bound, encode(Some(&names), &[1, 2, 3, 4]).unwrap());
    assert_eq!(bound, encode(None, &four).unwrap());
    let few = page(&names[..3], &[1, 2, 3].map(Value::Int));
    assert!(few.first::<Four>().is_err());
}

#[test]
fn they_borrow_and_are_generic() {
    let names = columns(&[("s", DataType::Text), ("n", DataType::Int)]);
    let rows = page(&names, &["text".into(), Value::Int(7)]);
    let read = rows.first::<Borrowed<'_, Option<i32>>>().unwrap();
    assert_eq!(read, Some(Borrowed("text", Some(7), 0)));
}
