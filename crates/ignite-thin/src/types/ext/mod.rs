//! Value types of other crates, one file and one feature each.

#[cfg(feature = "uuid")]
mod uuid;
