//! Columns of several types that a program makes itself: what is accepted, what is refused and with which words, and how they
//! are read.

use ch_native::column::{ColumnData, DynamicColumn, JsonColumn, StringColumn, VariantColumn};
use ch_native::types::Value;
use ch_native::{Block, DataType, Encode, ErrorKind};

fn text(s: &str) -> Value {
    Value::String(s.as_bytes().to_vec())
}

fn sample() -> VariantColumn {
    let numbers = u64::column(vec![7, 8]);
    let texts = <&str>::column(vec!["x"]);
    let alternatives = vec![(DataType::UInt64, numbers), (DataType::String, texts)];
    VariantColumn::new(alternatives, [Some(0), None, Some(1), Some(0)]).unwrap()
}

#[test]
fn a_variant_is_sorted_and_read_by_type() {
    let column = sample();
    assert_eq!(column.types(), [DataType::String, DataType::UInt64]);
    let tags: Vec<_> = (0..5).map(|row| column.alternative(row)).collect();
    assert_eq!(tags, [Some(1), None, Some(0), Some(1), None]);
    let numbers = column.values(1).unwrap().values::<u64>().unwrap();
    assert_eq!(numbers, [7, 8]);
    assert_eq!(column.cell(3).unwrap().get::<u64>(), Some(8));
    assert_eq!(column.cell(3).unwrap().get::<&str>(), None);
    assert_eq!(column.cell(2).unwrap().get::<&str>(), Some("x"));
    assert_eq!(column.cell(2).unwrap().data_type(), &DataType::String);
    assert!(column.cell(1).is_none());
    let data = ColumnData::Variant(Box::new(column.clone()));
    let block = Block::new().with_data("v", data).unwrap();
    let name = block.columns()[0].data_type().to_string();
    assert_eq!(name, "Variant(String, UInt64)");
    let dynamic = ColumnData::Dynamic(Box::new(DynamicColumn::new(column)));
    let block = block.with_data("d", dynamic).unwrap();
    for column in 0..2 {
        let values: Vec<_> = (0..4)
            .map(|row| block.value(row, column).unwrap())
            .collect();
        assert_eq!(
            values,
            [Value::UInt(7), Value::Null, text("x"), Value::UInt(8)]
        );
    }
}

#[test]
fn a_variant_that_does_not_add_up_is_refused() {
    let numbers = || (DataType::UInt64, u64::column(vec![1]));
    for (alternatives, rows, expected) in [
        (
            vec![numbers()],
            vec![Some(0), Some(0)],
            "2 rows are of type UInt64, but it has 1 values",
        ),
        (vec![numbers()], vec![Some(1)], "no alternative has index 1"),
        (
            vec![numbers(), numbers()],
            vec![Some(0), Some(1)],
            "type UInt64 is given twice",
        ),
    ] {
        let error = VariantColumn::new(alternatives, rows).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// Bytes of the wrong width would shift all that comes behind them.
#[test]
fn the_columns_inside_are_looked_into() {
    let wrong = VariantColumn::new(vec![(DataType::UInt64, u8::column(vec![1]))], [Some(0)]);
    let wrong = wrong.unwrap();
    for data in [
        ColumnData::Variant(Box::new(wrong.clone())),
        ColumnData::Dynamic(Box::new(DynamicColumn::new(wrong))),
    ] {
        let error = Block::new().with_data("x", data).unwrap_err();
        let expected =
            "column x: values of type UInt64: values of shape UInt8 cannot be written as UInt64";
        assert!(error.to_string().contains(expected), "{error}");
    }
    let other = ColumnData::Variant(Box::new(sample()));
    let ty = "Variant(String, UInt8)".parse().unwrap();
    assert!(Block::new().with_typed("x", ty, other).is_err());
    let state = ColumnData::State(["\x01"].into_iter().collect());
    let error = Block::new().with_data("x", state.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Type);
    let ty: DataType = "AggregateFunction(sum, UInt8)".parse().unwrap();
    let error = Block::new().with_typed("x", ty, state).unwrap_err();
    assert!(
        error.to_string().contains("row 0 is not a state of sum"),
        "{error}"
    );
    let short = ColumnData::Array(Box::new(match Vec::<f32>::column(vec![vec![1.0; 7]]) {
        ColumnData::Array(c) => *c,
        other => panic!("{other:?}"),
    }));
    let ty = "QBit(Float32, 8)".parse().unwrap();
    let error = Block::new().with_typed("x", ty, short).unwrap_err();
    assert!(error.to_string().contains("row 0 has 7 numbers"), "{error}");
}

#[test]
fn objects_are_made_of_text_or_of_paths() {
    let texts: StringColumn = [r#"{"a":{"b":1},"c":null}"#, "{}"].into_iter().collect();
    let objects = JsonColumn::from_text(texts);
    assert!(objects.path("a.b").is_none());
    let data = ColumnData::Json(Box::new(objects));
    let block = Block::new().with_data("x", data).unwrap();
    assert_eq!(
        block.value(0, 0),
        Some(Value::Json(vec![("a.b".to_owned(), Value::Int(1))]))
    );
    let cell = block.columns()[0].cell(1);
    assert_eq!(cell.get::<String>().as_deref(), Some("{}"));

    let ty: DataType = "JSON(t UInt8)".parse().unwrap();
    let rows = [
        vec![("a.b", text("x")), ("t", Value::UInt(3))],
        vec![("a.b", Value::Float64(0.5))],
    ];
    let rows = rows.map(|row| {
        let row = row.into_iter();
        Value::Json(row.map(|(path, value)| (path.to_owned(), value)).collect())
    });
    let data = ColumnData::from_values(&ty, rows).unwrap();
    let ColumnData::Json(objects) = &data else {
        panic!("{data:?}");
    };
    let typed = objects.path("t").unwrap();
    assert_eq!(typed.data().values::<u8>(), Some(&[3, 0][..]));
    let path = objects.path("a.b").unwrap();
    assert_eq!(path.cell(1).to_value(), Value::Float64(0.5));
    assert_eq!(path.data_type().to_string(), "Dynamic");
    let plain: DataType = "JSON".parse().unwrap();
    let error = Block::new().with_typed("x", plain, data).unwrap_err();
    assert!(error.to_string().contains("JSON(t UInt8)"), "{error}");
}

#[test]
fn values_that_a_type_cannot_hold_are_named() {
    let row = |items: &[Value]| Value::Array(items.to_vec());
    let cases: Vec<(&str, Vec<Value>, &str)> = vec![
        (
            "UInt8",
            vec![Value::UInt(255), Value::UInt(256)],
            "value 1 for UInt8: a whole number",
        ),
        ("UInt8", vec![Value::Null], "value 0 for UInt8: NULL"),
        (
            "UInt256",
            vec![Value::Int(-1)],
            "a whole number that is no UInt256",
        ),
        ("FixedString(2)", vec![text("abc")], "longer than 2 bytes"),
        (
            "Enum8('a' = 1)",
            vec![text("b")],
            "a string that is no Enum8",
        ),
        (
            "Decimal(3, 1)",
            vec![Value::Decimal {
                mantissa: 1000,
                scale: 1,
            }],
            "a decimal that is no Decimal(3, 1)",
        ),
        (
            "Array(Array(UInt8))",
            vec![
                row(&[]),
                row(&[row(&[]), row(&[Value::UInt(1), text("x")])]),
            ],
            "value 1 for Array(Array(UInt8)): an element: an element: a string",
        ),
        (
            "Tuple(UInt8, UInt8)",
            vec![Value::Tuple(vec![Value::UInt(1)])],
            "expected a tuple of 2",
        ),
        (
            "Variant(UInt8, UUID)",
            vec![Value::UInt(1), text("x")],
            "value 1 for Variant(UInt8, UUID): a string is of none",
        ),
        (
            "Dynamic",
            vec![Value::Interval(1)],
            "an interval, whose type cannot be told",
        ),
        ("JSON", vec![text("[1]")], "no JSON object"),
        (
            "QBit(Float32, 8)",
            vec![Value::UInt(1)],
            "expected an array",
        ),
        (
            "AggregateFunction(sum, UInt8)",
            vec![Value::Opaque(vec![1])],
            "not a state of sum",
        ),
    ];
    for (ty, values, expected) in cases {
        let error = ColumnData::from_values(&ty.parse().unwrap(), values).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        assert!(error.to_string().contains(expected), "{error}");
    }
}
