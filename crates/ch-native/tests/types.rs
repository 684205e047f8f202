//! Types: their names and their binary form.

use ch_native::DataType;

/// Parsing, printing, both directions of the binary form, comparing and dropping.
#[test]
fn the_deepest_types_need_little_stack() {
    let small = std::thread::Builder::new().stack_size(128 << 10);
    let all = || {
        for (open, close, times) in [
            ("Array(", ")", 63),
            ("Tuple(a ", ")", 63),
            ("Variant(", ")", 63),
            ("JSON(a ", ")", 31),
            ("Map(UInt8, ", ")", 31),
            ("AggregateFunction(min, ", ")", 63),
            ("SimpleAggregateFunction(any, ", ")", 63),
            ("Nested(a Nullable(", "))", 21),
        ] {
            let name = open.repeat(times) + "UInt8" + &close.repeat(times);
            let ty = name.parse::<DataType>().unwrap();
            assert_eq!(ty.to_string(), name);
            let (again, _) = DataType::from_binary(&ty.to_binary().unwrap()).unwrap();
            assert_eq!(again, ty);
        }
    };
    small.spawn(all).unwrap().join().unwrap();
}
