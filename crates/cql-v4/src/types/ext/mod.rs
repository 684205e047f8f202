//! Types of other crates, one file each.

mod uuid;
