//! From keys to tokens.

use cql_v4::routing::{Partitioner, Token};
use proptest::prelude::*;

fn bytes(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "{hex}");
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// Vectors of the protocol's published notes: Murmur3 with the signs of the last bytes extended. Without that, those
/// with bytes from 0x80 on come out differently.
#[test]
fn murmur3_of_known_values() {
    let text_and_number = ["é".as_bytes(), &(-1_i64).to_be_bytes()];
    for (columns, token) in [
        (&[&0_i32.to_be_bytes()[..]][..], -3_485_513_579_396_041_028),
        (&[&1_i32.to_be_bytes()], -4_069_959_284_402_364_209),
        (&[&(-1_i32).to_be_bytes()], 7_297_452_126_230_313_552),
        (&[&42_i32.to_be_bytes()], -7_160_136_740_246_525_330),
        (&[&i32::MAX.to_be_bytes()], -765_994_672_030_311_617),
        (&[&0_i64.to_be_bytes()], 2_945_182_322_382_062_539),
        (&[&1_i64.to_be_bytes()], 6_292_367_497_774_912_474),
        (&[&(-1_i64).to_be_bytes()], 7_071_048_584_287_372_947),
        (&[b"a"], -8_839_064_797_231_613_815),
        (&[b"test"], -6_017_608_668_500_074_083),
        (&[b"primary_key"], -1_632_642_444_691_073_360),
        (&["kremówki".as_bytes()], 4_354_931_215_268_080_151),
        (&[&[0x80]], -5_284_281_814_142_962_636),
        (&[&[0xff; 15]], -2_195_530_867_418_009_455),
        (&[&[0xff; 16]], -2_824_192_546_314_762_522),
        (&[&[0xff; 17]], -4_128_212_798_341_382_003),
        (
            &[&bytes("0123456789abcdef0123456789abcdef")],
            7_106_092_891_388_100_052,
        ),
        (&[&1_i32.to_be_bytes(), b"a"], 6_516_349_416_904_725_244),
        (&text_and_number, 5_169_613_662_799_995_550),
    ] {
        let found = Partitioner::Murmur3.token_of(columns.iter().copied());
        assert_eq!(found, Some(Token::Murmur3(token)), "{columns:02x?}");
    }
    let whole = bytes("0004000000010000016100");
    assert_eq!(
        Partitioner::Murmur3.token(&whole),
        Some(Token::Murmur3(6_516_349_416_904_725_244))
    );
}

#[test]
fn tokens_are_those_of_the_server() {
    let lines = include_str!("../fixtures/routing_tokens.txt").lines();
    let mut count = 0;
    for line in lines.filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let columns: Vec<Vec<u8>> = fields[0]
            .split(',')
            .map(|column| bytes(column.trim_matches('-')))
            .collect();
        for (partitioner, expected) in [
            (Partitioner::Murmur3, fields[1]),
            (Partitioner::Random, fields[2]),
            (Partitioner::ByteOrdered, fields[3]),
        ] {
            let token = partitioner.token_of(columns.iter().map(Vec::as_slice));
            let token = token.unwrap();
            assert_eq!(token.to_string(), expected, "{partitioner:?} of {line}");
            assert_eq!(partitioner.parse(expected), Some(token), "{expected}");
        }
        count += 1;
    }
    assert_eq!(count, 160);
}

#[test]
fn the_partitioner_of_change_logs_takes_the_first_eight_bytes() {
    let token = Partitioner::Cdc.token(b"primary_key");
    assert_eq!(token, Some(Token::Murmur3(8_102_654_598_100_187_487)));
    let token = Partitioner::Cdc.token(b"short");
    assert_eq!(token, Some(Token::Murmur3(i64::MIN)));
}

#[test]
fn keys_that_no_partition_has_give_no_token() {
    let long = vec![0; 65_536];
    for partitioner in [
        Partitioner::Murmur3,
        Partitioner::Random,
        Partitioner::ByteOrdered,
        Partitioner::Cdc,
    ] {
        assert_eq!(partitioner.token(b""), None);
        assert_eq!(partitioner.token_of([]), None);
        assert_eq!(partitioner.token_of([&long[..], b"a"]), None);
        assert!(partitioner.token_of([&long[1..], b"a"]).is_some());
        assert!(partitioner.token_of([&b""[..], b""]).is_some());
    }
    assert_eq!(Partitioner::Other.token(b"a"), None);
}

#[test]
fn texts_that_are_no_tokens_are_refused() {
    for (partitioner, text) in [
        (Partitioner::Murmur3, ""),
        (Partitioner::Murmur3, "9223372036854775808"),
        (Partitioner::Murmur3, "12ab"),
        (Partitioner::Random, "-1"),
        (Partitioner::ByteOrdered, "abc"),
        (Partitioner::ByteOrdered, "zz"),
        (Partitioner::ByteOrdered, "+1"),
        (Partitioner::Other, "1"),
    ] {
        assert_eq!(partitioner.parse(text), None, "{partitioner:?} {text:?}");
    }
    assert_eq!(
        Partitioner::ByteOrdered.parse(""),
        Some(Token::Bytes(Box::default()))
    );
}

proptest! {
    /// However the key is divided into pieces for the hash, the routing key has the same bytes.
    #[test]
    fn columns_hash_like_the_key_they_make(columns in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 2..6)) {
        let mut key = Vec::new();
        for column in &columns {
            key.extend_from_slice(&u16::try_from(column.len()).unwrap().to_be_bytes());
            key.extend_from_slice(column);
            key.push(0);
        }
        for partitioner in [Partitioner::Murmur3, Partitioner::Random, Partitioner::ByteOrdered, Partitioner::Cdc] {
            let streamed = partitioner.token_of(columns.iter().map(Vec::as_slice));
            prop_assert_eq!(streamed, partitioner.token(&key));
        }
    }

    #[test]
    fn tokens_survive_their_text(key in prop::collection::vec(any::<u8>(), 1..40)) {
        for partitioner in [Partitioner::Murmur3, Partitioner::Random, Partitioner::ByteOrdered] {
            let token = partitioner.token(&key).unwrap();
            prop_assert_eq!(partitioner.parse(&token.to_string()), Some(token));
        }
    }
}
