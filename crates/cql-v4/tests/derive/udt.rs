//! `#[derive(Udt)]`.

use std::sync::Arc;

use bytes::Bytes;
use cql_v4::types::{DataType, UdtType, Value};
use cql_v4::{ErrorKind, Rows, Udt};

use crate::{cells, column, encode, page};

#[derive(Debug, Clone, PartialEq, Udt)]
struct Address {
    street: String,
    #[cql(rename = "postCode")]
    code: Option<i32>,
    #[cql(default)]
    floor: i8,
    #[cql(skip)]
    note: String,
}

fn type_of(fields: &[(&str, DataType)]) -> DataType {
    let fields = fields
        .iter()
        .map(|(name, t)| ((*name).to_owned(), t.clone()));
    DataType::Udt(Arc::new(UdtType::new("ks", "address", fields)))
}

fn address() -> Address {
    Address {
        street: "Elm".to_owned(),
        code: Some(1),
        floor: 2,
        note: String::new(),
    }
}

fn usual() -> [(&'static str, DataType); 3] {
    [
        ("street", DataType::Text),
        ("postCode", DataType::Int),
        ("floor", DataType::TinyInt),
    ]
}

fn written(data_type: &DataType, value: &Address) -> Bytes {
    let marker = [column("a", data_type.clone())];
    cells(&encode(Some(&marker), &(value,)).unwrap())
        .pop()
        .unwrap()
        .unwrap()
}

/// A page of one column that holds these bytes.
fn raw_page(data_type: DataType, cell: &'static [u8]) -> Rows {
    let row = vec![Some(Bytes::from_static(cell))];
    cql_v4::message::RowsMessage::new(vec![column("a", data_type)], &[row], None)
        .unwrap()
        .try_into()
        .unwrap()
}

/// A `[bytes]` for each field, in the order of the type (native protocol v4, §6.20).
#[test]
fn fields_stand_in_the_order_of_the_type() {
    let usual = usual();
    let by_hand: [&[u8]; 3] = [b"\0\0\0\x03Elm", b"\0\0\0\x04\0\0\0\x01", b"\0\0\0\x01\x02"];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let data_type = type_of(&order.map(|i: usize| usual[i].clone()));
        let expected = order.map(|i: usize| by_hand[i]).concat();
        assert_eq!(written(&data_type, &address()), expected);
        let cell: &'static [u8] = expected.leak();
        let rows = raw_page(data_type, cell);
        assert_eq!(rows.first::<(Address,)>().unwrap().unwrap().0, address());
    }
}

#[test]
fn a_value_may_be_shorter_or_longer_than_its_type() {
    let shorter = raw_page(type_of(&usual()), b"\0\0\0\x03Elm");
    let expected = Address {
        code: None,
        floor: 0,
        ..address()
    };
    assert_eq!(shorter.first::<(Address,)>().unwrap().unwrap().0, expected);
    let longer = raw_page(
        type_of(&usual()),
        b"\0\0\0\x03Elm\0\0\0\x04\0\0\0\x01\0\0\0\x01\x02\0\0\0\x01\x09",
    );
    assert_eq!(longer.first::<(Address,)>().unwrap().unwrap().0, address());
    let empty = raw_page(type_of(&usual()), b"");
    let text = empty.first::<(Address,)>().unwrap_err().to_string();
    assert!(text.contains("field `street`: is null"), "{text}");
}

#[test]
fn a_type_may_have_more_fields() {
    let mut fields = usual().to_vec();
    fields.insert(1, ("added", DataType::List(Box::new(DataType::Int))));
    let data_type = type_of(&fields);
    assert_eq!(
        written(&data_type, &address()),
        &b"\0\0\0\x03Elm\xff\xff\xff\xff\0\0\0\x04\0\0\0\x01\0\0\0\x01\x02"[..]
    );
    let value = Value::Udt(
        match &data_type {
            DataType::Udt(udt) => Arc::clone(udt),
            other => panic!("{other}"),
        },
        vec![
            "Elm".into(),
            Value::List(vec![Value::Int(1)]),
            Value::Int(1),
            Value::TinyInt(2),
        ],
    );
    let rows = page(&[column("a", data_type.clone())], &[value]);
    assert_eq!(rows.first::<(Address,)>().unwrap().unwrap().0, address());
    // Unless that is not wanted.
    #[derive(Debug, Udt)]
    #[cql(strict)]
    struct Strict {
        street: String,
        #[cql(rename = "postCode")]
        code: i32,
        floor: i8,
    }
    let text = rows.typed::<(Strict,)>().unwrap_err().to_string();
    assert!(
        text.ends_with("its field `added` of type list<int> has no place"),
        "{text}"
    );
    let strict = Strict {
        street: String::new(),
        code: 0,
        floor: 0,
    };
    let error = encode(Some(&[column("a", data_type)]), &(&strict,)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Type);
    assert!(
        error
            .to_string()
            .contains("field `added`: of type list<int> has no field"),
        "{error}"
    );
    assert_eq!((strict.code, strict.floor), (0, 0));
}

#[test]
fn what_does_not_fit_is_named() {
    let refused = |data_type: DataType| {
        let marker = [column("a", data_type.clone())];
        let bind = encode(Some(&marker), &(address(),)).unwrap_err();
        assert_eq!(bind.kind(), ErrorKind::Type);
        let rows = page(&marker, &[Value::Null]);
        let read = rows.typed::<(Address,)>().unwrap_err();
        assert_eq!(read.kind(), ErrorKind::Type);
        (bind.to_string(), read.to_string())
    };
    let (bind, read) = refused(type_of(&usual()[..1]));
    assert_eq!(
        bind,
        "value 0 `a`: field `postCode` of derive::udt::Address is none of type ks.address (street text); nothing was sent"
    );
    assert_eq!(
        read,
        "column 0 `a` is of type ks.address, which cannot be read as derive::udt::Address: it has no field \
         `postCode` for a core::option::Option<i32>"
    );
    let mut wrong = usual();
    wrong[0].1 = DataType::Inet;
    let (bind, read) = refused(type_of(&wrong));
    assert_eq!(
        bind,
        "value 0 `a`: field `street`: a str cannot be bound to type inet; nothing was sent"
    );
    assert!(
        read.ends_with("its field `street` is of type inet, not alloc::string::String"),
        "{read}"
    );
    let (bind, read) = refused(DataType::Int);
    assert!(bind.contains("cannot be bound to type int"), "{bind}");
    assert!(read.ends_with("it is no user-defined type"), "{read}");
    let error = encode(None, &(address(),)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misuse);
    // The reason is given through collections too.
    let list = DataType::List(Box::new(type_of(&wrong)));
    let rows = page(&[column("a", list)], &[Value::Null]);
    let text = rows
        .typed::<(Option<Vec<Address>>,)>()
        .unwrap_err()
        .to_string();
    assert!(text.ends_with("not alloc::string::String"), "{text}");
}

#[test]
fn they_nest_and_borrow() {
    #[derive(Debug, PartialEq, Udt)]
    struct Person<'a> {
        name: &'a str,
        homes: Vec<Address>,
    }
    let list = DataType::List(Box::new(type_of(&usual())));
    let udt = UdtType::new(
        "ks",
        "person",
        [
            ("name".to_owned(), DataType::Text),
            ("homes".to_owned(), list),
        ],
    );
    let marker = [column("p", DataType::Udt(Arc::new(udt)))];
    let person = Person {
        name: "Ann",
        homes: vec![address(), address()],
    };
    let row = cells(&encode(Some(&marker), &(&person,)).unwrap());
    let rows: Rows = cql_v4::message::RowsMessage::new(marker.to_vec(), &[row], None)
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(rows.first::<(Person<'_>,)>().unwrap().unwrap().0, person);
}
