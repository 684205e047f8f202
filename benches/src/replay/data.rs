//! The rows that every program of the comparison writes and reads.
//!
//! Row `n` is a function of `n` alone, so that a server, a loader and a checksum agree without a file between them.

/// Columns of `bench.wide`: name and CQL type, the key first.
pub const COLUMNS: [(&str, &str); 10] = [
    ("id", "bigint"),
    ("name", "text"),
    ("city", "text"),
    ("age", "int"),
    ("score", "double"),
    ("active", "boolean"),
    ("created", "timestamp"),
    ("ref", "uuid"),
    ("payload", "blob"),
    ("weight", "float"),
];

/// Rows after which all columns but the key repeat: four pages, more than the cache next to a core holds.
pub const DISTINCT: u32 = 20_000;

/// One of them needs two bytes for a letter.
const CITIES: [&str; 8] = [
    "Oslo",
    "Lisbon",
    "Zürich",
    "Reykjavik",
    "Athens",
    "Dublin",
    "Ljubljana",
    "Helsinki",
];

/// The cells of one row as they are on the wire, without their lengths; `None` is null.
#[must_use]
pub fn cells(id: i64) -> [Option<Vec<u8>>; 10] {
    let n = id % i64::from(DISTINCT);
    let hash = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut uuid = [0; 16];
    uuid[..8].copy_from_slice(&hash.to_be_bytes());
    uuid[8..].copy_from_slice(&hash.rotate_left(32).to_be_bytes());
    // Version 4, the variant of RFC 9562.
    uuid[6] = uuid[6] & 0x0f | 0x40;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    let city = CITIES[(n % 8) as usize];
    let payload = vec![hash as u8; 16 + (n % 32) as usize];
    [
        Some(id.to_be_bytes().to_vec()),
        Some(format!("name of row {n}").into_bytes()),
        (n % 10 != 9).then(|| city.as_bytes().to_vec()),
        Some(((n % 100) as i32).to_be_bytes().to_vec()),
        Some((n as f64 / 4.0).to_be_bytes().to_vec()),
        Some(vec![u8::from(n % 3 == 0)]),
        Some((1_700_000_000_000 + n * 1_000).to_be_bytes().to_vec()),
        Some(uuid.to_vec()),
        Some(payload),
        Some((n as f32 / 2.0).to_be_bytes().to_vec()),
    ]
}

/// Appends the cells of one row, each behind its length, as results and bound values have them.
///
/// # Panics
/// If a cell is longer than 2 GiB.
pub fn append_row(id: i64, out: &mut Vec<u8>) {
    for cell in cells(id) {
        match cell {
            Some(bytes) => {
                let len = i32::try_from(bytes.len()).expect("a short cell");
                out.extend_from_slice(&len.to_be_bytes());
                out.extend_from_slice(&bytes);
            }
            None => out.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }
}
