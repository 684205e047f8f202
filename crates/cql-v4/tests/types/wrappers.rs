//! Pointers, arrays and wrappers around values.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use bytes::Bytes;
use cql_v4::ErrorKind;
use cql_v4::types::{Counter, DataType, MaybeEmpty, MaybeUnset, Raw, Timeuuid, Unset, Uuid, Value};

use crate::{bound, list, page, read, through, vector};

#[test]
fn pointers_are_what_they_point_to() {
    let ints = list(DataType::Int);
    assert_eq!(
        through(&DataType::Int, &Box::new(1_i32)).unwrap(),
        Box::new(1)
    );
    assert_eq!(
        through(&DataType::Int, &Arc::new(1_i32)).unwrap(),
        Arc::new(1)
    );
    let boxed: Box<[i32]> = [1, 2].into();
    assert_eq!(through(&ints, &boxed).unwrap(), boxed);
    let shared: Arc<[i32]> = [1, 2].into();
    assert_eq!(through(&ints, &shared).unwrap(), shared);
    let text: Arc<str> = "a".into();
    assert_eq!(through(&DataType::Text, &text).unwrap(), text);
    let blob: Arc<[u8]> = [1, 2].into();
    assert_eq!(bound(&DataType::Blob, &blob).unwrap().unwrap(), [1, 2][..]);
    assert_eq!(read::<Arc<[u8]>>(&DataType::Blob, &[1, 2]).unwrap(), blob);
    let dynamic: Box<dyn cql_v4::types::Encode> = Box::new("x");
    assert_eq!(bound(&DataType::Text, &dynamic).unwrap().unwrap(), "x");
    // Null goes through to what has a place for it.
    let rows = page(&DataType::Int, None);
    assert_eq!(
        rows.first::<(Box<Option<i32>>,)>().unwrap().unwrap().0,
        Box::new(None)
    );
    assert!(rows.first::<(Box<i32>,)>().is_err());
    let rows = page(&ints, None);
    assert_eq!(*rows.first::<(Box<[i32]>,)>().unwrap().unwrap().0, []);
}

#[test]
fn cows_borrow() {
    let rows = page(&DataType::Text, Some(Bytes::from_static(b"abc")));
    let (text,) = rows.first::<(Cow<'_, str>,)>().unwrap().unwrap();
    assert!(matches!(text, Cow::Borrowed("abc")));
    assert_eq!(bound(&DataType::Text, &text).unwrap().unwrap(), "abc");
    let rows = page(&DataType::Blob, Some(Bytes::from_static(b"abc")));
    let (blob,) = rows.first::<(Cow<'_, [u8]>,)>().unwrap().unwrap();
    assert!(matches!(blob, Cow::Borrowed(b"abc")));
}

#[test]
fn arrays_have_their_size() {
    let ints = list(DataType::Int);
    assert_eq!(through(&ints, &[1_i32, 2, 3]).unwrap(), [1, 2, 3]);
    let two = bound(&ints, &[1_i32, 2]).unwrap().unwrap();
    for error in [
        read::<[i32; 3]>(&ints, &two).unwrap_err(),
        read::<[i32; 1]>(&ints, &two).unwrap_err(),
        read::<[i32; 0]>(&ints, &two).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Type);
        assert!(
            error.to_string().contains("a list<int> of 2 elements"),
            "{error}"
        );
    }
    let floats = vector(DataType::Float, 2);
    assert_eq!(through(&floats, &[0.5_f32, 1.5]).unwrap(), [0.5, 1.5]);
    // The size of a vector is in its type, so a wrong one is found before a row is read.
    let rows = page(&floats, None);
    assert!(rows.typed::<([f32; 2],)>().is_ok() && rows.typed::<([f32; 3],)>().is_err());
    let error = bound(&floats, &[1.0_f32]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("1 elements were given for a vector of 2"),
        "{error}"
    );
    assert_eq!(through(&DataType::Blob, b"abc").unwrap(), *b"abc");
    assert!(read::<[u8; 2]>(&DataType::Blob, b"abc").is_err());
}

#[test]
fn empty_is_not_null() {
    let empty = MaybeEmpty::<i32>::Empty;
    assert_eq!(bound(&DataType::Int, &empty).unwrap().unwrap(), "");
    assert_eq!(read::<MaybeEmpty<i32>>(&DataType::Int, b"").unwrap(), empty);
    assert_eq!(
        read::<MaybeEmpty<i32>>(&DataType::Int, &[0, 0, 0, 1])
            .unwrap()
            .into_value(),
        Some(1)
    );
    assert!(read::<i32>(&DataType::Int, b"").is_err());
    assert_eq!(read::<Value>(&DataType::Int, b"").unwrap(), Value::Empty);
    let rows = page(&DataType::Int, None);
    assert!(rows.first::<(MaybeEmpty<i32>,)>().is_err());
    assert_eq!(
        rows.first::<(Option<MaybeEmpty<i32>>,)>().unwrap(),
        Some((None,))
    );
    assert_eq!(
        through(&DataType::Text, &MaybeEmpty::<String>::Empty).unwrap(),
        MaybeEmpty::Empty
    );
}

#[test]
fn unset_stands_for_whole_values_alone() {
    assert_eq!(
        bound(&DataType::Int, &MaybeUnset::<i32>::from(None)).unwrap(),
        None
    );
    assert!(
        bound(&DataType::Int, &MaybeUnset::from(Some(1_i32)))
            .unwrap()
            .is_some()
    );
    let error = bound(&list(DataType::Int), &[MaybeUnset::<i32>::Unset]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("unset cannot stand inside another value"),
        "{error}"
    );
    assert!(bound(&DataType::Tuple(vec![DataType::Int]), &(Unset,)).is_err());
}

#[test]
fn counters_and_timeuuids_have_types_of_their_own() {
    assert_eq!(
        through(&DataType::Counter, &Counter(-5)).unwrap(),
        Counter(-5)
    );
    assert!(bound(&DataType::BigInt, &Counter(1)).is_ok());
    assert!(page(&DataType::BigInt, None).typed::<(Counter,)>().is_err());
    let uuid = Timeuuid(Uuid([7; 16]));
    assert_eq!(through(&DataType::Timeuuid, &uuid).unwrap(), uuid);
    assert!(page(&DataType::Uuid, None).typed::<(Timeuuid,)>().is_err());
}

type Hasher = BuildHasherDefault<std::hash::DefaultHasher>;

#[test]
fn collections_of_every_kind() {
    let texts = DataType::Set(Box::new(DataType::Text));
    let set: BTreeSet<String> = ["a", "b"].map(String::from).into();
    assert_eq!(through(&texts, &set).unwrap(), set);
    let hashed: HashSet<String, Hasher> = set.iter().cloned().collect();
    assert_eq!(through(&texts, &hashed).unwrap(), hashed);
    let map_type = DataType::Map(Box::new((DataType::Int, list(DataType::Text))));
    let map = BTreeMap::from([(1, vec!["a".to_owned()]), (2, vec![])]);
    assert_eq!(through(&map_type, &map).unwrap(), map);
    let hashed: HashMap<i32, Vec<String>, Hasher> = map.into_iter().collect();
    assert_eq!(through(&map_type, &hashed).unwrap(), hashed);
}

/// Refused when written, accepted when read.
#[test]
fn nulls_inside_collections_can_be_read() {
    let ints = list(DataType::Int);
    let cell = b"\0\0\0\x02\xff\xff\xff\xff\0\0\0\x04\0\0\0\x07";
    assert_eq!(
        read::<Vec<Option<i32>>>(&ints, cell).unwrap(),
        [None, Some(7)]
    );
    assert_eq!(
        read::<Value>(&ints, cell).unwrap(),
        Value::List(vec![Value::Null, Value::Int(7)])
    );
    assert!(read::<Vec<i32>>(&ints, cell).is_err());
    assert!(bound(&ints, &[None, Some(7_i32)]).is_err());
    let map = DataType::Map(Box::new((DataType::Int, DataType::Int)));
    let cell = b"\0\0\0\x01\0\0\0\x04\0\0\0\x07\xff\xff\xff\xff";
    let read = read::<HashMap<i32, Option<i32>>>(&map, cell).unwrap();
    assert_eq!(read, HashMap::from([(7, None)]));
}

#[test]
fn tuples_have_up_to_sixteen_components() {
    let sixteen = (
        1_i8,
        2_i8,
        3_i8,
        4_i8,
        5_i8,
        6_i8,
        7_i8,
        8_i8,
        9_i8,
        10_i8,
        11_i8,
        12_i8,
        13_i8,
        14_i8,
        15_i8,
        Some(16_i8),
    );
    let data_type = DataType::Tuple(vec![DataType::TinyInt; 16]);
    // `Debug` and `PartialEq` of the standard library end at twelve.
    let read = through(&data_type, &sixteen).unwrap();
    assert_eq!((read.0, read.7, read.14, read.15), (1, 8, 15, Some(16)));
    // A value that was written before its type grew.
    let short = crate::read::<(i8, Option<i8>)>(
        &DataType::Tuple(vec![DataType::TinyInt; 2]),
        &[0, 0, 0, 1, 9],
    );
    assert_eq!(short.unwrap(), (9, None));
}

/// A column whose type is not known costs nobody else anything.
#[test]
fn custom_types_are_bytes() {
    let custom = DataType::Custom("com.example.Point".into());
    let rows = page(&custom, Some(Bytes::from_static(&[1, 2])));
    assert_eq!(
        rows.first::<(Raw,)>().unwrap().unwrap().0,
        Raw(Bytes::from_static(&[1, 2]))
    );
    assert_eq!(
        read::<Value>(&custom, &[1, 2]).unwrap(),
        Value::Custom(vec![1, 2].into())
    );
    assert!(rows.typed::<(i32,)>().is_err());
}
