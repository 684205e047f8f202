//! Any tablet, block and record comes back as it was: properties for each type.

use iotdb_thrift::tablet::{Record, RowSet, Tablet, TabletColumn, TsBlock};
use iotdb_thrift::{DataType, Date, Limits, Value};
use proptest::prelude::*;

/// A value of a type, or null.
fn value(ty: DataType) -> BoxedStrategy<Value> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..20);
    let some = match ty {
        DataType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        DataType::Int32 => any::<i32>().prop_map(Value::Int32).boxed(),
        DataType::Int64 => any::<i64>().prop_map(Value::Int64).boxed(),
        DataType::Float => (-1e30_f32..1e30).prop_map(Value::Float).boxed(),
        DataType::Double => (-1e300_f64..1e300).prop_map(Value::Double).boxed(),
        DataType::Timestamp => any::<i64>().prop_map(Value::Timestamp).boxed(),
        DataType::Date => (1000_u16..=9999, 1_u8..=12, 1_u8..=28)
            .prop_map(|(y, m, d)| Value::Date(Date::new(y, m, d).unwrap()))
            .boxed(),
        DataType::Blob => bytes().prop_map(|b| Value::Blob(b.into())).boxed(),
        DataType::Object => bytes().prop_map(|b| Value::Object(b.into())).boxed(),
        DataType::String => ".{0,12}".prop_map(|s| Value::String(s.into())).boxed(),
        _ => ".{0,12}".prop_map(|s| Value::Text(s.into())).boxed(),
    };
    prop_oneof![3 => some, 1 => Just(Value::Null)].boxed()
}

fn types() -> impl Strategy<Value = Vec<DataType>> {
    proptest::collection::vec(proptest::sample::select(DataType::ALL.to_vec()), 1..6)
}

/// Times and rows of values of some types.
fn rows() -> impl Strategy<Value = (Vec<DataType>, Vec<(i64, Vec<Value>)>)> {
    types().prop_flat_map(|types| {
        let row: Vec<_> = types.iter().map(|ty| value(*ty)).collect();
        let rows = proptest::collection::vec((any::<i64>(), row), 0..20);
        (Just(types), rows)
    })
}

fn tablet(types: &[DataType], rows: &[(i64, Vec<Value>)]) -> Tablet {
    let names = types
        .iter()
        .enumerate()
        .map(|(i, ty)| (format!("s{i}"), *ty));
    let mut tablet = Tablet::new("root.a.d", names).unwrap();
    for (time, values) in rows {
        tablet.push(*time, values.clone()).unwrap();
    }
    tablet
}

proptest! {
    /// On the wire rows are in the order of time; those of the same time keep their order.
    #[test]
    fn tablets((types, mut rows) in rows()) {
        let tablet = tablet(&types, &rows);
        let (times, values) = tablet.encode().unwrap();
        prop_assert_eq!(times.len() + values.len(), tablet.encoded_len());
        let names: Vec<_> = tablet.columns().iter().map(|c| (c.name(), c.data_type())).collect();
        let read = Tablet::decode("root.a.d", &names, &times, &values).unwrap();
        rows.sort_by_key(|(time, _)| *time);
        prop_assert_eq!(read.rows(), rows.len());
        for (i, (time, expected)) in rows.iter().enumerate() {
            prop_assert_eq!(read.times()[i], *time);
            let got: Vec<_> = read.columns().iter().map(|column| column.value(i)).collect();
            prop_assert_eq!(&got, expected);
        }
    }

    #[test]
    fn blocks_and_row_sets((types, rows) in rows()) {
        let tablet = tablet(&types, &rows);
        let block = TsBlock::from_columns(tablet.times(), tablet.columns()).unwrap();
        let bytes = block.encode().unwrap();
        let again = TsBlock::decode(&bytes, &Limits::default()).unwrap();
        prop_assert_eq!(again.encode().unwrap(), bytes);
        let set = RowSet::from_block(&block).unwrap();
        let classic = set.to_block(&types, &Limits::default()).unwrap();
        prop_assert_eq!(RowSet::from_block(&classic).unwrap(), set);
        for block in [again, classic] {
            prop_assert_eq!(block.rows(), rows.len());
            for (i, (ty, column)) in types.iter().zip(tablet.columns()).enumerate() {
                let got: Vec<Value> = block.column(i).unwrap().iter(*ty).unwrap().map(Result::unwrap).collect();
                let expected: Vec<_> = (0..rows.len()).map(|row| column.value(row)).collect();
                prop_assert_eq!(got, expected);
            }
            let times: Vec<i64> = block.time().iter(DataType::Int64).unwrap().map(Result::unwrap).collect();
            prop_assert_eq!(&times, tablet.times());
        }
    }

    #[test]
    fn records((types, rows) in rows()) {
        for (time, values) in rows {
            let mut record = Record::new("root.a.d", time);
            for (i, value) in values.into_iter().enumerate() {
                record = record.with(format!("s{i}"), value);
            }
            if record.is_empty() {
                prop_assert!(record.encode().is_err());
                continue;
            }
            let bytes = record.encode().unwrap();
            let read = Record::decode("root.a.d", time, record.measurements(), &bytes).unwrap();
            prop_assert_eq!(read, record);
        }
        prop_assert!(types.len() < 6);
    }

    /// Any bytes: an error or a block, whose cells can all be asked for.
    #[test]
    fn hostile_blocks(head in proptest::collection::vec(0_u8..6, 0..40), tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut limits = Limits::default();
        limits.max_response_rows = 10_000;
        let bytes = bytes::Bytes::from([vec![0, 0, 0], head, tail].concat());
        if let Ok(block) = TsBlock::decode(&bytes, &limits) {
            prop_assert!(block.rows() <= 10_000);
            for i in 0..block.column_count() {
                let column = block.column(i).unwrap();
                for row in 0..=column.len() {
                    let _ = column.cell(row);
                }
            }
        }
    }
}

/// One column of each way to make one.
#[test]
fn columns_from_vectors() {
    let columns = [
        TabletColumn::new("a", vec![true]),
        TabletColumn::new("b", vec![1_i32]),
        TabletColumn::new("c", vec![1_i64]),
        TabletColumn::new("d", vec![1_f32]),
        TabletColumn::new("e", vec![1_f64]),
        TabletColumn::new("f", vec!["text"]),
        TabletColumn::new("g", vec![1_i64])
            .with_type(DataType::Timestamp)
            .unwrap(),
        TabletColumn::new("h", vec![Date::new(2026, 1, 1).unwrap()]),
        TabletColumn::new("i", vec![vec![1_u8]]),
        TabletColumn::new("j", vec!["text".to_owned()])
            .with_type(DataType::String)
            .unwrap(),
        TabletColumn::new("k", vec![bytes::Bytes::new()])
            .with_type(DataType::Object)
            .unwrap(),
    ];
    let types: Vec<_> = columns.iter().map(TabletColumn::data_type).collect();
    assert_eq!(types, DataType::ALL);
    assert!(
        TabletColumn::new("x", vec![1_i32])
            .with_type(DataType::Text)
            .is_err()
    );
    assert!(
        TabletColumn::new("x", vec![true])
            .with_type(DataType::Unknown)
            .is_err()
    );
}
