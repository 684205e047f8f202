//! `#[derive(FromRow)]`.

use cql_v4::types::{DataType, Decode, Value};
use cql_v4::{ErrorKind, FromRow};

use crate::{columns, page};

#[derive(Debug, PartialEq, FromRow)]
struct User<'a> {
    id: i64,
    #[cql(rename = "fullName")]
    name: &'a str,
    age: Option<i32>,
}

fn user_columns() -> Vec<cql_v4::message::Column> {
    columns(&[
        ("id", DataType::BigInt),
        ("fullName", DataType::Text),
        ("age", DataType::Int),
    ])
}

#[test]
fn fields_are_columns_of_their_names_in_any_order() {
    let (columns, values) = (
        user_columns(),
        [Value::BigInt(7), "Ann".into(), Value::Int(30)],
    );
    let expected = User {
        id: 7,
        name: "Ann",
        age: Some(30),
    };
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let rows = page(
            &order.map(|i: usize| columns[i].clone()),
            &order.map(|i: usize| values[i].clone()),
        );
        // Twice, since what was found out for the first row is used for the second.
        let read: Vec<User<'_>> = rows.to_vec().unwrap();
        assert_eq!(read, [&expected, &expected].map(|u| User { ..*u }));
        assert_eq!(rows.first::<User<'_>>().unwrap().unwrap(), expected);
    }
}

#[test]
fn other_columns_are_passed_over_wherever_they_stand() {
    for at in 0..=3 {
        let (mut columns, mut values) = (
            user_columns(),
            vec![Value::BigInt(7), "Ann".into(), Value::Null],
        );
        columns.insert(at, crate::column("other", DataType::Blob));
        values.insert(at, Value::Blob(vec![1, 2, 3].into()));
        let rows = page(&columns, &values);
        let read: Vec<User<'_>> = rows.to_vec().unwrap();
        let expected = User {
            id: 7,
            name: "Ann",
            age: None,
        };
        assert_eq!(read[1], expected);
    }
}

#[test]
fn of_columns_with_one_name_the_first_is_read() {
    let columns = columns(&[
        ("a", DataType::Int),
        ("a", DataType::Int),
        ("b", DataType::Int),
    ]);
    #[derive(FromRow)]
    struct Pair {
        a: i32,
        b: i32,
    }
    let rows = page(&columns, &[1, 2, 3].map(Value::Int));
    let pair: Pair = rows.first().unwrap().unwrap();
    assert_eq!((pair.a, pair.b), (1, 3));
}

#[test]
fn what_does_not_fit_is_named_with_both_types() {
    let error = |list: &[(&str, DataType)]| {
        let values = vec![Value::Null; list.len()];
        let error = page(&columns(list), &values)
            .typed::<User<'_>>()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        // Newer compilers name the lifetime.
        error.to_string().replace("<'_>", "")
    };
    let text = error(&[
        ("id", DataType::BigInt),
        ("fullName", DataType::Text),
        ("age", DataType::Text),
    ]);
    assert!(
        text.starts_with(
            "column 2 `age` is of type text, which cannot be read as core::option::Option<i32>, the type of \
             field `age` of derive::rows::User"
        ),
        "{text}"
    );
    let text = error(&[
        ("age", DataType::Int),
        ("id", DataType::BigInt),
        ("name", DataType::Text),
    ]);
    assert_eq!(
        text,
        "the result has no column for field `fullName` of derive::rows::User, a &str; its columns are: \
         age int, id bigint, name text"
    );
    // In another order than that of the fields.
    let text = error(&[
        ("age", DataType::Int),
        ("id", DataType::Uuid),
        ("fullName", DataType::Text),
    ]);
    assert!(
        text.starts_with("column 1 `id` is of type uuid, which cannot be read as i64"),
        "{text}"
    );
    // A null is known with its row only.
    let rows = page(&user_columns(), &[Value::Null, "Ann".into(), Value::Null]);
    let text = rows.first::<User<'_>>().unwrap_err().to_string();
    assert!(text.contains("row 0: column `id`: is null"), "{text}");
}

#[derive(Debug, PartialEq, Default, FromRow)]
struct Lenient {
    a: i32,
    #[cql(default)]
    b: i32,
    #[cql(skip)]
    c: Vec<u8>,
}

#[test]
fn defaults_stand_in_for_missing_columns_and_nulls() {
    let (a, b) = (("a", DataType::Int), ("b", DataType::Int));
    let read = |list: &[(&str, DataType)], values: &[Value]| {
        let rows = page(&columns(list), values);
        rows.to_vec::<Lenient>().unwrap().pop().unwrap()
    };
    let expected = |b| Lenient { a: 1, b, c: vec![] };
    assert_eq!(
        read(std::slice::from_ref(&a), &[Value::Int(1)]),
        expected(0)
    );
    assert_eq!(
        read(&[a.clone(), b.clone()], &[Value::Int(1), Value::Null]),
        expected(0)
    );
    assert_eq!(
        read(&[b.clone(), a.clone()], &[Value::Null, Value::Int(1)]),
        expected(0)
    );
    assert_eq!(
        read(&[b.clone(), a.clone()], &[Value::Int(2), Value::Int(1)]),
        expected(2)
    );
    // A column with the name of a skipped field is like any other.
    let c = ("c", DataType::Text);
    assert_eq!(
        read(&[c, b, a], &["x".into(), Value::Int(2), Value::Int(1)]),
        expected(2)
    );
}

#[derive(Debug, PartialEq, FromRow)]
struct Inner {
    x: i32,
    #[cql(default)]
    y: i32,
}

#[derive(Debug, PartialEq, FromRow)]
struct Outer<'a> {
    #[cql(flatten)]
    first: Inner,
    name: &'a str,
    #[cql(flatten)]
    more: More<'a>,
}

#[derive(Debug, PartialEq, FromRow)]
struct More<'a> {
    blob: &'a [u8],
    #[cql(flatten)]
    deep: Deep,
}

#[derive(Debug, PartialEq, FromRow)]
struct Deep {
    z: bool,
}

#[test]
fn flattened_structs_are_read_from_the_same_row() {
    let all = columns(&[
        ("name", DataType::Text),
        ("x", DataType::Int),
        ("y", DataType::Int),
        ("blob", DataType::Blob),
        ("z", DataType::Boolean),
    ]);
    let values = [
        "n".into(),
        Value::Int(1),
        Value::Int(2),
        Value::Blob(vec![9].into()),
        true.into(),
    ];
    let expected = |y| Outer {
        first: Inner { x: 1, y },
        name: "n",
        more: More {
            blob: &[9],
            deep: Deep { z: true },
        },
    };
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
        let rows = page(
            &order.map(|i: usize| all[i].clone()),
            &order.map(|i: usize| values[i].clone()),
        );
        assert_eq!(
            rows.to_vec::<Outer<'_>>().unwrap(),
            [expected(2), expected(2)]
        );
    }
    let rows = page(
        &[0, 1, 3, 4].map(|i: usize| all[i].clone()),
        &[0, 1, 3, 4].map(|i: usize| values[i].clone()),
    );
    assert_eq!(rows.first::<Outer<'_>>().unwrap().unwrap(), expected(0));
    let rows = page(&all[..4], &values[..4]);
    let text = rows.typed::<Outer<'_>>().unwrap_err().to_string();
    assert!(text.contains("no column for field `z`"), "{text}");
}

#[derive(Debug, PartialEq, FromRow)]
struct ByPosition(i32, #[cql(default)] i32);

#[derive(Debug, PartialEq, FromRow)]
#[cql(by_position, strict)]
struct StrictPosition {
    one: i32,
}

#[derive(Debug, FromRow)]
#[cql(strict)]
struct Strict {
    a: i32,
}

#[test]
fn positions_may_count_instead_of_names() {
    let columns = columns(&[
        ("x", DataType::Int),
        ("y", DataType::Int),
        ("z", DataType::Text),
    ]);
    let values = [Value::Int(1), Value::Int(2), "z".into()];
    let rows = page(&columns, &values);
    assert_eq!(rows.to_vec::<ByPosition>().unwrap()[1], ByPosition(1, 2));
    let rows = page(&columns[..1], &values[..1]);
    assert_eq!(rows.to_vec::<ByPosition>().unwrap()[1], ByPosition(1, 0));
    assert_eq!(
        rows.first::<StrictPosition>().unwrap(),
        Some(StrictPosition { one: 1 })
    );
    let rows = page(&columns[2..], &values[2..]);
    let text = rows.typed::<ByPosition>().unwrap_err().to_string();
    assert!(
        text.starts_with("column 0 `z` is of type text, which cannot be read as i32"),
        "{text}"
    );
    let rows = page(&columns[..2], &values[..2]);
    let text = rows.typed::<StrictPosition>().unwrap_err().to_string();
    assert!(
        text.contains("column 1 `y` of type int has no field in"),
        "{text}"
    );
}

#[test]
fn strict_structs_know_every_column() {
    let columns = columns(&[("x", DataType::Int), ("a", DataType::Int)]);
    let rows = page(&columns, &[Value::Int(1), Value::Int(2)]);
    let text = rows.typed::<Strict>().unwrap_err().to_string();
    assert!(
        text.contains("column 0 `x` of type int has no field in"),
        "{text}"
    );
    let rows = page(&columns[1..], &[Value::Int(2)]);
    assert_eq!(rows.first::<Strict>().unwrap().unwrap().a, 2);
}

#[derive(Debug, PartialEq, FromRow)]
struct Generic<T, U: Default> {
    a: T,
    #[cql(skip)]
    b: U,
}

#[derive(Debug, PartialEq, FromRow)]
struct GenericFlat<T> {
    #[cql(flatten)]
    inner: Generic<T, u8>,
}

mod private {
    #[derive(Debug, PartialEq)]
    pub(super) struct Hidden(pub(super) i32);
}

impl<'a> Decode<'a> for private::Hidden {
    fn accepts(data_type: &DataType) -> bool {
        i32::accepts(data_type)
    }
    fn decode(data_type: &DataType, cell: cql_v4::types::Cell<'a>) -> Result<Self, cql_v4::Error> {
        i32::decode(data_type, cell).map(Self)
    }
}

/// A public struct with a field of a private type.
#[expect(
    unreachable_pub,
    reason = "the visibility of its field's type is tested"
)]
#[derive(Debug, PartialEq, FromRow)]
pub struct Public {
    a: private::Hidden,
}

#[test]
fn generic_and_private_types_work() {
    let rows = page(&columns(&[("a", DataType::Int)]), &[Value::Int(5)]);
    let read: Generic<i32, String> = rows.first().unwrap().unwrap();
    assert_eq!(
        read,
        Generic {
            a: 5,
            b: String::new()
        }
    );
    let read: GenericFlat<Option<i32>> = rows.first().unwrap().unwrap();
    assert_eq!(read.inner.a, Some(5));
    assert_eq!(
        rows.first::<Public>().unwrap().unwrap().a,
        private::Hidden(5)
    );
    #[derive(FromRow)]
    struct Empty {}
    assert_eq!(rows.to_vec::<Empty>().unwrap().len(), 2);
}
