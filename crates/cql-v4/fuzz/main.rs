//! The fuzz targets under libFuzzer (`cargo xtask fuzz`); without it, a program that lists them and runs them on files.
#![cfg_attr(fuzzing, no_main)]

#[path = "../tests/fuzz/targets/mod.rs"]
mod targets;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(
    init: wire_testkit::fuzz::begin(&targets::TARGETS),
    |input: &[u8]| wire_testkit::fuzz::run(input)
);

#[cfg(not(fuzzing))]
fn main() {
    wire_testkit::fuzz::main(&targets::TARGETS);
}
