//! The fuzz targets on their seeds, and on what becomes of these when bytes change, are lost, or come from elsewhere.

mod targets;

use targets::TARGETS;
use wire_testkit::fuzz::{on_a_small_stack, replay, replay_crosswise};

#[test]
fn no_damaged_seed_breaks_a_promise() {
    replay(&TARGETS);
}

#[test]
fn every_target_bears_the_seeds_of_all() {
    replay_crosswise(&TARGETS);
}

#[test]
fn texts_of_many_levels_are_refused() {
    for text in [
        "list<",
        "frozen<map<int,",
        "ListType(",
        "a(",
        "(",
        "UserType(k,61,61:",
    ] {
        // The longest that a class may be on the wire.
        let deep = text.repeat(60_000 / text.len()).into_bytes();
        on_a_small_stack(move || {
            for target in TARGETS {
                if ["class_name", "type_text"].contains(&target.name) {
                    target.call(&deep);
                }
            }
        });
    }
}
