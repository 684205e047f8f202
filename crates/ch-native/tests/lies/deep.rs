//! Data that names types whose data names types: as deep as is allowed, and deeper, on little stack.

use ch_native::ErrorKind;
use ch_native::message::ServerPacket;
use ch_native::types::Value;

use super::{decode, source, string, u64s, values};

/// The data names types whose data names types …
#[test]
fn data_cannot_nest_readers_without_end() {
    let small = std::thread::Builder::new().stack_size(128 << 10);
    let deep = || {
        for (outer, levels) in [("Array(Dynamic)", 40), ("JSON", 40)] {
            for version in [2_u64, 3] {
                let mut column = Vec::new();
                for _ in 0..levels {
                    if outer == "JSON" {
                        column.extend(version.to_le_bytes());
                        column.extend([1, 1, b'p']);
                    }
                    column.extend(version.to_le_bytes());
                    column.push(1);
                    column.extend(string(outer));
                    if version == 2 {
                        column.extend(u64s(&[0]));
                    }
                }
                let error = decode(&[1], outer, &column).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Decode);
                assert!(
                    source(&error).contains("nested too deeply"),
                    "{}",
                    source(&error)
                );
            }
        }
    };
    small.spawn(deep).unwrap().join().unwrap();
}

/// The deepest chain that is allowed, down to its values.
#[test]
fn the_deepest_data_needs_little_stack() {
    let small = std::thread::Builder::new().stack_size(128 << 10);
    let deep = || {
        let mut prefix = Vec::new();
        let mut data = Vec::new();
        // Dynamic, Array, Dynamic, Array …: 62 levels, and UInt8.
        for level in 0..31 {
            let name = if level == 30 {
                "Array(UInt8)"
            } else {
                "Array(Dynamic)"
            };
            prefix.extend(3_u64.to_le_bytes());
            prefix.push(1);
            prefix.extend(string(name));
            // The number of the type, and one element.
            data.push(0);
            data.extend(1_u64.to_le_bytes());
        }
        data.push(7);
        let column = [prefix, data].concat();
        let Some(ServerPacket::Data(block)) = decode(&[1], "Dynamic", &column).unwrap() else {
            panic!("no block");
        };
        let json = block.value(0, 0).unwrap().to_json();
        assert_eq!(json, "[".repeat(31) + "7" + &"]".repeat(31));
        drop(block.clone());
    };
    small.spawn(deep).unwrap().join().unwrap();
}

/// A value that has its type with it may nest as well.
#[test]
fn the_deepest_shared_values_need_little_stack() {
    let small = std::thread::Builder::new().stack_size(128 << 10);
    let deep = || {
        // Arrays of Dynamics in Dynamics; codes 0x1e Array, 0x2b Dynamic, 0x01 UInt8.
        for (levels, is_known) in [(20, true), (200, false)] {
            let mut value = Vec::new();
            for _ in 0..levels {
                value.extend([0x1e, 0x2b, 32, 1]);
            }
            value.extend([1, 7]);
            let mut column = u64s(&[2]);
            column.push(0);
            column.extend(u64s(&[0]));
            column.push(0);
            let len = value.len();
            if len > 0x7f {
                column.push(u8::try_from(len & 0x7f).unwrap() | 0x80);
                column.push(u8::try_from(len >> 7).unwrap());
            } else {
                column.push(u8::try_from(len).unwrap());
            }
            column.extend(&value);
            // Text of objects nests just as deep.
            if is_known {
                let object = format!("{{\"a\":{}{}}}", "[".repeat(55), "]".repeat(55));
                let mut column = u64s(&[1]);
                column.extend(string(&object));
                let found = values(1, "JSON", &column).remove(0);
                assert_eq!(found.to_json(), object);
            }
            let expected = "[".repeat(levels) + "7" + &"]".repeat(levels);
            let found = values(1, "Dynamic", &column).remove(0);
            if is_known {
                assert_eq!(found.to_json(), expected);
            } else {
                assert_eq!(found, Value::Opaque(value));
            }
        }
    };
    small.spawn(deep).unwrap().join().unwrap();
}
