//! Bytes that were recorded from other implementations.

use std::path::Path;

use crate::hex;

/// Where fixtures are, seen from the folder of the crate under test, in which cargo runs its tests.
const FIXTURES: &str = "tests/fixtures";

/// The bytes of `tests/fixtures/NAME.hex`, which is in the form of [`hex::parse`].
///
/// # Panics
/// If the file is missing or not hex, or if `ORIGIN.md` beside it does not say, naming `NAME.hex`, where the bytes are
/// from. `name` may lead through folders; `ORIGIN.md` is looked for in the last.
#[track_caller]
pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(FIXTURES).join(format!("{name}.hex"));
    read_fixture(&path)
}

/// All fixtures of a folder below `tests/fixtures` (`""` for itself) with their names, sorted.
///
/// For what must hold for each of them, such as that no single changed byte makes a decoder panic.
///
/// # Panics
/// As [`fixture`], and if there is none.
#[track_caller]
pub fn fixtures(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(FIXTURES).join(folder);
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(e) => panic!("{} cannot be listed: {e}", folder.display()),
    };
    let mut paths: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "hex"));
    paths.sort();
    assert!(!paths.is_empty(), "{} has no fixtures", folder.display());
    paths
        .iter()
        .map(|path| (stem(path), read_fixture(path)))
        .collect()
}

#[track_caller]
fn read_fixture(path: &Path) -> Vec<u8> {
    let read = |path: &Path| match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) => panic!("{} cannot be read: {e}", path.display()),
    };
    let text = read(path);
    let origin = path.with_file_name("ORIGIN.md");
    let file = format!("{}.hex", stem(path));
    let named = read(&origin)
        .split(|c: char| c.is_whitespace() || "`|,;:()".contains(c))
        .any(|word| word == file);
    assert!(
        named,
        "{} does not say where {file} is from",
        origin.display()
    );
    match hex::parse(&text) {
        Ok(bytes) => bytes,
        Err(e) => panic!("{}: {e}", path.display()),
    }
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_are_read_in_order_with_their_origin() {
        assert_eq!(fixture("leb128"), [0xb9, 0x64]);
        let all = fixtures("");
        let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["leb128", "zigzag"]);
    }

    /// Reads a fixture of `text` beside an origin that names `lonely.hex`.
    fn read(name: &str, text: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ORIGIN.md"), "- `lonely.hex`: by hand\n").unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read_fixture(&path)
    }

    #[test]
    #[should_panic(expected = "does not say where orphan.hex is from")]
    fn a_fixture_without_origin_is_refused() {
        read("orphan.hex", "00");
    }

    #[test]
    #[should_panic(expected = "line 2: `0g` is not pairs of hex digits")]
    fn a_fixture_that_is_not_hex_is_refused() {
        read("lonely.hex", "00\n0g");
    }
}
