//! Type names that the engine sent, odd ones, and nonsense.

use super::parse;

fn printed(name: &str) -> String {
    parse(name, 64).map_or_else(|e| format!("error: {e}"), |ty| ty.to_string())
}

/// Every type name that the engine sent for the recorded columns comes back as it was.
#[test]
fn prints_back_what_the_engine_sends() {
    let mut seen = 0;
    for line in include_str!("../../../tests/fixtures/columns.tsv").lines() {
        let Some(name) = line.split('\t').nth(1).filter(|_| !line.starts_with('#')) else {
            continue;
        };
        assert_eq!(printed(name), name);
        seen += 1;
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn names_with_odd_characters_come_back() {
    for name in [
        r"Enum8('a\'b' = -1, 'c\\d' = 2, ') = (' = 3)",
        "Tuple(`a b` UInt8, c Tuple(Array(String), `x``y` String))"
            .replace("``", "\\`")
            .as_str(),
        "SimpleAggregateFunction(anyLast(1), Nullable(String))",
        "AggregateFunction(quantiles(0.5, 0.9), Float64)",
        "JSON(max_dynamic_paths=1, `a.b` UInt8, SKIP REGEXP ')')",
        "Dynamic(max_types=254)",
        "IntervalNanosecond",
        "Nested(a UInt8, b String)",
        "AggregateFunction(1, sumMap, Array(UInt8), Array(UInt8))",
        "AggregateFunction(topK(3, 'a,(b', [1, 2]), Tuple(String, UInt8))",
        "AggregateFunction(count)",
        "QBit(Float32, 16, 8)",
        "Geometry",
        "Nullable(JSON)",
        "JSON(`a b` Nullable(String), SKIP `c.d`)",
        "JSON(regexp UInt8, `skip` UInt8, SKIP `REGEXP`, SKIP REGEXP '^a')",
        r"JSON(`1a` UInt8, `a\`b` UInt8, `é` UInt8, SKIP `x\`y`)",
        "Tuple(`all` UInt8, `Top` UInt8, `select` UInt8, `infinity` UInt8, skip UInt8, in UInt8)",
    ] {
        assert_eq!(printed(name), name);
    }
    assert_eq!(
        printed("Tuple(\n    a UInt8,\n    b String)"),
        "Tuple(a UInt8, b String)"
    );
}

#[test]
fn nonsense_is_refused_with_its_place() {
    for (name, error) in [
        ("", "expected the name of a type at byte 0"),
        ("Array(UInt8", "expected ')' at byte 11"),
        ("Array(UInt8))", "expected the end of the name at byte 12"),
        (
            "FixedString(0)",
            "a FixedString has at least one byte at byte 13",
        ),
        ("FixedString(-1)", "expected a number that fits at byte 12"),
        ("Decimal(77, 1)", "Decimal(77, 1) cannot be at byte 13"),
        ("Enum8('a' = 200)", "expected a number that fits at byte 12"),
        ("Variant(String, UInt64", "expected ')' at byte 22"),
        ("Variant()", "expected the name of a type at byte 8"),
        (
            "Dynamic(max_types=256)",
            "expected a number that fits at byte 18",
        ),
        (
            "QBit(Float32, 20, 8)",
            "a QBit of 20 Float32 cannot be at byte 19",
        ),
        ("QBit(String, 8)", "a QBit of 8 String cannot be at byte 14"),
        ("JSON(a)", "expected the name of a type at byte 6"),
        (
            "AggregateFunction(sum(1, ), UInt8)",
            "expected a literal at byte 25",
        ),
        (
            "LowCardinality(Array(String))",
            "Array(String) cannot be in a LowCardinality at byte 28",
        ),
    ] {
        assert_eq!(printed(name), format!("error: {error}"), "{name}");
    }
}

#[test]
fn depth_is_capped_without_a_deep_stack() {
    let deep = |n: usize| "Array(".repeat(n) + "UInt8" + &")".repeat(n);
    assert!(parse(&deep(63), 64).is_ok());
    assert!(parse(&deep(64), 64).is_err());
    assert!(parse(&deep(1_000_000), 64).is_err());
    for open in [
        "Variant(",
        "Tuple(",
        "Map(UInt8, ",
        "JSON(a ",
        "Tuple(a Nullable(",
    ] {
        assert!(parse(&open.repeat(100_000), 64).is_err());
    }
    // What nobody knows is skipped as a whole.
    assert!(parse(&("Odd(".repeat(100_000) + &")".repeat(100_000)), 64).is_ok());
}

#[test]
fn other_spellings_are_printed_as_the_server_does() {
    for (read, print) in [
        ("Enum('b' = 2, 'a' = 1)", "Enum8('a' = 1, 'b' = 2)"),
        ("Enum('a' = 1, 'b' = 1000)", "Enum16('a' = 1, 'b' = 1000)"),
        ("Decimal(5)", "Decimal(5, 0)"),
        ("Decimal64(2)", "Decimal(18, 2)"),
        ("DateTime32('UTC')", "DateTime('UTC')"),
        ("DateTime64", "DateTime64(3)"),
        ("Variant(UInt64, String, UInt64)", "Variant(String, UInt64)"),
        (
            "Variant(UInt8, Array(UInt8), String)",
            "Variant(Array(UInt8), String, UInt8)",
        ),
        (
            "JSON(SKIP a.b, SKIP REGEXP 'x\\'y', max_dynamic_paths=3, max_dynamic_types=4, c.d UInt8, b UInt8, SKIP aa)",
            "JSON(max_dynamic_types=4, max_dynamic_paths=3, b UInt8, `c.d` UInt8, SKIP `a.b`, SKIP aa, SKIP REGEXP 'x\\'y')",
        ),
        ("Object('json')", "Object('json')"),
    ] {
        assert_eq!(printed(read), print);
    }
}
