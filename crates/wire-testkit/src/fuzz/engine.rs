//! The two programs that a crate's `fuzz/main.rs` is: under libFuzzer, and without it.

use std::path::Path;
use std::sync::OnceLock;

use super::Target;

/// The target that libFuzzer runs.
static CHOSEN: OnceLock<Target> = OnceLock::new();

/// Chooses the target that the variable `FUZZ_TARGET` names, and writes its seeds to the folder that `FUZZ_SEEDS` names,
/// if it does. For libFuzzer, before it begins.
///
/// # Panics
/// If there is no such target, or the folder cannot be written.
pub fn begin(targets: &'static [Target]) {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names no target");
    let target = find(targets, &name);
    if let Some(folder) = std::env::var_os("FUZZ_SEEDS") {
        for (name, seed) in target.seeds() {
            let path = Path::new(&folder).join(name);
            std::fs::write(&path, seed).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
    }
    CHOSEN.get_or_init(|| *target);
}

/// Runs the chosen target once.
///
/// # Panics
/// If the target does, and without [`begin`].
pub fn run(input: &[u8]) {
    CHOSEN.get().expect("no target was chosen").call(input);
}

/// The program without libFuzzer: prints the names of the targets, or, given a name and files, runs that target on what
/// they hold.
///
/// # Panics
/// If the target does, if there is no such target, or a file cannot be read.
pub fn main(targets: &'static [Target]) {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        targets
            .iter()
            .for_each(|target| println!("{}", target.name));
        return;
    };
    let target = find(targets, &name);
    for path in arguments {
        target.call(&std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}")));
        println!("{name} bears {path}");
    }
}

fn find<'a>(targets: &'a [Target], name: &str) -> &'a Target {
    let found = targets.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("there is no target `{name}`"))
}
