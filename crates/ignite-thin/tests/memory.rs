//! What a message can make us allocate.

use bytes::Bytes;
use ignite_thin::message::{CacheInfo, CacheNames, GetAll, ScanQuery, SqlQuery, read_response};
use ignite_thin::{Decode, Decoder, Limits, Value};
use wire_testkit::measure;

/// For a message of a few bytes, the error and its text included.
const SMALL: u64 = 64 * 1024;
/// Bytes asked of the allocator for each byte of a value of the least favourable form: a null, one byte, becomes a
/// `Value` of 40, in a `Vec` that doubles as it grows.
const MOST_FOR_A_BYTE: u64 = 160;

fn allocated(work: impl FnOnce()) -> u64 {
    measure(work).0.total
}

#[test]
fn memory_follows_the_bytes_that_came_not_those_that_were_claimed() {
    let limits = Limits::default();
    for count in [i32::MAX, 100_000_000, -1] {
        let count = count.to_le_bytes();
        for code in [
            9_u8, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 27, 30, 31, 34, 37, 254,
        ] {
            let data = Bytes::from([&[code][..], &count, &[1; 20]].concat());
            let used = allocated(|| drop(Value::decode(&mut Decoder::new(&data, &limits))));
            assert!(used < SMALL, "code {code}: {used}");
        }
        let behind = |before: &[u8]| Bytes::from([before, &count, &[1; 20]].concat());
        let used = allocated(|| {
            let cache = CacheInfo::named("c");
            assert!(read_response(&CacheNames::default(), &behind(&[]), &limits).is_err());
            let get_all = GetAll::<[i32; 0], Value, Value>::new(cache, []);
            assert!(read_response(&get_all, &behind(&[]), &limits).is_err());
            assert!(read_response(&ScanQuery::new(cache, 1), &behind(&[7; 8]), &limits).is_err());
            assert!(read_response(&SqlQuery::new("", (), 1), &behind(&[7; 8]), &limits).is_err());
        });
        assert!(used < SMALL, "{used}");
    }

    // An honest list of as many nulls as fit, and of as many lists.
    for item in [&[101_u8][..], &[24, 0, 0, 0, 0, 1]] {
        let n = 1_000_000 / item.len();
        let head = [&[24][..], &i32::try_from(n).unwrap().to_le_bytes(), &[1]].concat();
        let data = Bytes::from([head, item.repeat(n)].concat());
        let used = allocated(|| {
            let value = Value::decode(&mut Decoder::new(&data, &limits)).unwrap();
            assert!(matches!(value, Value::Collection { items, .. } if items.len() == n));
        });
        assert!(
            used < data.len() as u64 * MOST_FOR_A_BYTE,
            "{used} for {} bytes",
            data.len()
        );
    }
}
