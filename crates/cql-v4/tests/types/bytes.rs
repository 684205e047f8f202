//! Bytes of values, from the specification and from independent computation.

use cql_v4::types::{DataType, Date, Decimal, Duration, Encode, Varint};

use crate::{bound, read, vector};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|b| *b != b' ')
        .map(|b| u8::try_from(char::from(b).to_digit(16).unwrap()).unwrap())
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn check<T>(data_type: &DataType, value: &T, bytes: &str)
where
    T: Encode + for<'a> cql_v4::types::Decode<'a> + PartialEq + std::fmt::Debug,
{
    let bytes = hex(bytes);
    assert_eq!(
        bound(data_type, value).unwrap().unwrap(),
        bytes,
        "{value:?}"
    );
    assert_eq!(read::<T>(data_type, &bytes).unwrap(), *value);
}

#[test]
fn numbers() {
    for (number, bytes) in [
        (0_i128, "00"),
        (127, "7f"),
        (128, "0080"),
        (-1, "ff"),
        (-128, "80"),
        (-129, "ff7f"),
        (255, "00ff"),
        (1 << 63, "008000000000000000"),
    ] {
        check(&DataType::Varint, &Varint::from(number), bytes);
    }
    for (unscaled, scale, bytes) in [
        (150_i64, 2, "00000002 0096"),
        (-1, 3, "00000003 ff"),
        (12, -3, "fffffffd 0c"),
    ] {
        let unscaled = unscaled.into();
        check(&DataType::Decimal, &Decimal { unscaled, scale }, bytes);
    }
}

#[test]
fn days_and_spans() {
    for (days, bytes) in [
        (0, "80000000"),
        (-1, "7fffffff"),
        (19_782, "80004d46"),
        (-719_162, "7ff506c6"),
    ] {
        check(&DataType::Date, &Date(days), bytes);
    }
    for (months, days, nanos, bytes) in [(1, 2, 3, "020406"), (-1, -2, -3, "010305")] {
        let duration = Duration {
            months,
            days,
            nanos,
        };
        check(&DataType::Duration, &duration, bytes);
    }
}

/// Elements of a fixed length stand side by side, others behind their length; the server's own list says which.
#[test]
fn vectors() {
    check(
        &vector(DataType::Float, 3),
        &[1.0_f32, 2.0, 3.0],
        "3f800000 40000000 40400000",
    );
    check(
        &vector(DataType::SmallInt, 2),
        &[1_i16, 2],
        "02 0001 02 0002",
    );
    check(
        &vector(DataType::Text, 2),
        &["a".to_owned(), "bc".to_owned()],
        "01 61 02 6263",
    );
    check(
        &vector(vector(DataType::Int, 2), 2),
        &[[1_i32, 2], [3, 4]],
        "00000001 00000002 00000003 00000004",
    );
    check(
        &vector(vector(DataType::TinyInt, 2), 2),
        &[[1_i8, 2], [3, 4]],
        "04 01 01 01 02 04 01 03 01 04",
    );
    let long = "x".repeat(200);
    check(
        &vector(DataType::Text, 1),
        &vec![long],
        &format!("80c8 {}", "78".repeat(200)),
    );
}
